/// Small tools on UTF-8 bytes; report text is split and compared as bytes everywhere in this module.
enum ByteText {
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

    /// A letter or digit of ASCII, or a byte of a longer character.
    static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isUpper(byte) || isLower(byte) || byte >= 0x80 }

    /// A printable ASCII character that is neither letter nor digit nor space.
    static func isPunctuation(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) && !isWord(byte) }

    static func lowered(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.map { isUpper($0) ? $0 | 0x20 : $0 }
    }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = bytes
        while let first = slice.first, isSpace(first) { slice.removeFirst() }
        while let last = slice.last, isSpace(last) { slice.removeLast() }
        return slice
    }

    static func trimmed(_ bytes: [UInt8]) -> [UInt8] { Array(trimmed(bytes[...])) }

    static func split(_ bytes: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
        bytes.split(separator: separator, omittingEmptySubsequences: false)
    }

    /// The string of bytes that are known to be UTF-8.
    static func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Lines without their ends, where CR LF, CR and LF each end one.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x0D || byte == 0x0A {
                if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
            index += 1
        }
        lines.append(line)
        return lines
    }

    /// The words of a text: what stands between white space.
    static func words(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        Array(bytes).split(whereSeparator: isSpace).map(Array.init)
    }

    /// Words in lower case without the punctuation around them; words of punctuation alone are left out.
    static func plainWords(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        words(bytes).compactMap { word in
            guard let first = word.firstIndex(where: isWord), let last = word.lastIndex(where: isWord) else {
                return nil
            }
            return lowered(word[first...last])
        }
    }

    /// Whether a slice begins with the bytes, ASCII letters of either case being alike.
    static func hasPrefix(_ bytes: some Collection<UInt8>, ignoringCase prefix: String) -> Bool {
        let wanted = prefix.utf8
        guard bytes.count >= wanted.count else { return false }
        return zip(bytes, wanted).allSatisfy { a, b in
            (isUpper(a) ? a | 0x20 : a) == (isUpper(b) ? b | 0x20 : b)
        }
    }

    /// Sentences: pieces of lines that end at `.`, `!` or `?` before white space, or at the line's end.
    static func sentences(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var start = 0
        func close(_ end: Int) {
            let sentence = trimmed(bytes[start..<end])
            if !sentence.isEmpty { found.append(sentence) }
            start = end
        }
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == 0x0A {
                close(index)
            } else if byte == 0x2E || byte == 0x21 || byte == 0x3F, index + 1 < bytes.count,
                isSpace(bytes[index + 1]), !isListNumber(bytes, start..<index)
            {
                close(index + 1)
            }
        }
        close(bytes.count)
        return found
    }

    /// Whether a range holds nothing but a number, as before the point of a list's item.
    private static func isListNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let body = trimmed(bytes[range])
        return !body.isEmpty && body.allSatisfy(isDigit)
    }
}
