/// Bytes, words, phrases and sentences of a report: everything the rules look at, on UTF-8 and without Foundation.
enum TextScan {
    /// A word with its place in the text.
    struct Word {
        /// The word in lower case.
        let text: String
        /// Its bytes.
        let range: Range<Int>
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// ASCII letters and digits, and every byte of a character beyond ASCII.
    static func isWordByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte >= 0x80
    }

    static func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    static func string(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    static func loweredString(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range].map(lowered), as: UTF8.self)
    }

    /// The range without white space at either end.
    static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, isSpace(bytes[lower]) { lower += 1 }
        while upper > lower, isSpace(bytes[upper - 1]) { upper -= 1 }
        return lower..<upper
    }

    /// The words: runs of word bytes, joined by single `-`, `/`, `'` or `.` between two of them (`L4-L5`, `w/o`, `1.2`).
    static func words(_ bytes: [UInt8], in range: Range<Int>) -> [Word] {
        let joiners: Set<UInt8> = [0x2D, 0x2F, 0x27, 0x2E]
        var words: [Word] = []
        var index = range.lowerBound
        while index < range.upperBound {
            guard isWordByte(bytes[index]) else {
                index += 1
                continue
            }
            let start = index
            while index < range.upperBound {
                if isWordByte(bytes[index]) {
                    index += 1
                } else if joiners.contains(bytes[index]), index + 1 < range.upperBound, isWordByte(bytes[index + 1]) {
                    index += 2
                } else {
                    break
                }
            }
            words.append(Word(text: loweredString(bytes, start..<index), range: start..<index))
        }
        return words
    }

    /// The sentences: pieces that end with `.`, `!` or `?` before white space or the end, without a bare number.
    static func sentences(_ bytes: [UInt8], in range: Range<Int>) -> [Range<Int>] {
        var sentences: [Range<Int>] = []
        var start = range.lowerBound
        func close(at end: Int) {
            let piece = trimmed(bytes, start..<end)
            let hasWord = piece.contains { isWordByte(bytes[$0]) && !isDigit(bytes[$0]) }
            if hasWord { sentences.append(piece) }
            start = end
        }
        for index in range {
            let byte = bytes[index]
            guard byte == 0x2E || byte == 0x21 || byte == 0x3F else { continue }
            if index + 1 == range.upperBound || isSpace(bytes[index + 1]) { close(at: index + 1) }
        }
        close(at: range.upperBound)
        return sentences
    }

    /// The lines without their line breaks (`\n`, `\r\n`); an empty text has none.
    static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for index in bytes.indices where bytes[index] == 0x0A {
            let end = index > start && bytes[index - 1] == 0x0D ? index - 1 : index
            lines.append(start..<end)
            start = index + 1
        }
        if start < bytes.count { lines.append(start..<bytes.count) }
        return lines
    }
}

/// A word or phrase of a convention set's list, matched whole.
///
/// An entry with a capital letter matches in that case only, any other in any case; a space matches any white space.
struct Phrase: Sendable, Equatable {
    let text: String
    private let bytes: [UInt8]
    private let isCaseSensitive: Bool

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
        isCaseSensitive = text.utf8.contains { $0 >= 0x41 && $0 <= 0x5A }
    }

    /// The first place of the phrase in the range that does not begin or end inside a word.
    func firstMatch(in text: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var start = range.lowerBound
        while start < range.upperBound {
            if let end = match(in: text, at: start, before: range.upperBound) { return start..<end }
            start += 1
        }
        return nil
    }

    private func match(in text: [UInt8], at start: Int, before limit: Int) -> Int? {
        guard let first = bytes.first, let last = bytes.last else { return nil }
        if start > 0, TextScan.isWordByte(first), TextScan.isWordByte(text[start - 1]) { return nil }
        var index = start
        for byte in bytes {
            guard index < limit else { return nil }
            if byte == 0x20 {
                guard TextScan.isSpace(text[index]) else { return nil }
                while index < limit, TextScan.isSpace(text[index]) { index += 1 }
            } else {
                let found = isCaseSensitive ? text[index] : TextScan.lowered(text[index])
                guard found == byte else { return nil }
                index += 1
            }
        }
        if index < text.count, TextScan.isWordByte(last), TextScan.isWordByte(text[index]) { return nil }
        return index
    }
}
