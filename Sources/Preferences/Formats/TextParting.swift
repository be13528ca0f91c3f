/// Where a text may be parted so that no word, number or character is cut in two.
enum TextParting {
    /// The last index, not after `index`, at which two texts that are equal before it may be parted.
    ///
    /// That is after white space, before white space, or beside a character of a script that is written without spaces;
    /// never before a combining mark or inside a joined emoji.
    static func lastPlace(
        notAfter index: Int, _ first: [Unicode.Scalar], _ second: [Unicode.Scalar]
    ) -> Int {
        var index = index
        while index > 0, !mayPart(first[index - 1], first[index], second[index]) { index -= 1 }
        return index
    }

    private static func mayPart(_ last: Unicode.Scalar, _ next: Unicode.Scalar, _ other: Unicode.Scalar) -> Bool {
        for scalar in [next, other] where scalar.properties.isGraphemeExtend || scalar == "\u{200D}" { return false }
        if last == "\u{200D}" || (last == "\r" && (next == "\n" || other == "\n")) { return false }
        if last.properties.isWhitespace { return true }
        if next.properties.isWhitespace, other.properties.isWhitespace { return true }
        return isUnspaced(last) || (isUnspaced(next) && isUnspaced(other))
    }

    /// Han, kana, Thai, Lao, Khmer and Myanmar: scripts that put no space between words.
    private static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isIdeographic { return true }
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3000...0x30FF, 0xFF00...0xFF60: return true
        default: return false
        }
    }
}
