/// A word, a run of digits, a single mark, or a stretch that no rule may look into.
struct Token {
    enum Kind {
        /// Letters, with apostrophes between them.
        case word
        /// Digits.
        case number
        /// One other character.
        case mark
        /// What somebody has taken out already: `[NAME-1]`, `[** … **]`, `XXXX`, `___`.
        case barrier
    }

    /// What lies between a token and the one before it.
    enum Gap {
        /// Nothing.
        case none
        /// One blank.
        case space
        /// Two blanks or more, or a tab: the next column.
        case wide
        /// A line break.
        case line
    }

    let kind: Kind
    /// Its bytes in the text's UTF-8.
    let range: Range<Int>
    let text: String
    /// The text in lower case.
    let lower: String
    let gap: Gap

    /// Whether the first letter is a capital.
    var isCapitalized: Bool { kind == .word && text.unicodeScalars.first?.properties.isUppercase == true }
    /// Whether it is two letters or more, all of them capitals.
    var isAllCapitals: Bool { kind == .word && text.count > 1 && text == text.uppercased() && text != lower }
    /// Whether it is one capital letter.
    var isInitial: Bool { isCapitalized && text.unicodeScalars.count == 1 }
    /// The number of digits of a number.
    var digitCount: Int { kind == .number ? range.count : 0 }
    /// The value of a number of at most nine digits.
    var value: Int? { kind == .number && range.count <= 9 ? Int(text) : nil }

    func isMark(_ character: Character) -> Bool { kind == .mark && text.first == character }
}

/// A text as tokens, with the questions that rules ask.
struct Tokens {
    let bytes: [UInt8]
    let all: [Token]

    subscript(_ index: Int) -> Token? { all.indices.contains(index) ? all[index] : nil }

    /// The token if nothing or one blank parts it from the one before.
    func near(_ index: Int) -> Token? { self[index].flatMap { $0.gap == .none || $0.gap == .space ? $0 : nil } }

    /// The token if nothing parts it from the one before.
    func joined(_ index: Int) -> Token? { self[index].flatMap { $0.gap == .none ? $0 : nil } }

    /// Whether the token is one of the words, which are in lower case.
    func isWord(_ index: Int, _ words: Set<String>) -> Bool {
        self[index].map { $0.kind == .word && words.contains($0.lower) } ?? false
    }

    /// Whether the token is one of the few words, which are in lower case.
    func isWord(_ index: Int, _ words: [String]) -> Bool {
        self[index].map { $0.kind == .word && words.contains($0.lower) } ?? false
    }

    /// Whether a sentence, line or list item begins with the token.
    func beginsSentence(_ index: Int) -> Bool {
        guard let before = self[index - 1], let token = self[index] else { return true }
        if token.gap == .line || token.gap == .wide { return true }
        return before.kind == .mark && !"-/,'’&(".contains(before.text)
    }

    /// Whether letters or digits touch the token from the left.
    func isAttachedLeft(_ index: Int) -> Bool {
        guard let token = self[index], token.gap == .none, let before = self[index - 1] else { return false }
        return before.kind != .mark
    }

    /// Whether letters or digits touch the token from the right.
    func isAttachedRight(_ index: Int) -> Bool {
        guard let after = joined(index + 1) else { return false }
        return after.kind != .mark
    }

    /// The bytes from one token to another, both included.
    func range(_ first: Int, _ last: Int) -> Range<Int> { all[first].range.lowerBound..<all[last].range.upperBound }
}

extension Tokens {
    init(_ text: String) {
        var scanner = TokenScanner(text)
        bytes = Array(text.utf8)
        all = scanner.scan()
    }
}

/// Cuts a text into tokens, scalar by scalar, with byte offsets.
private struct TokenScanner {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var offset = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func scan() -> [Token] {
        var tokens: [Token] = []
        while true {
            let gap = skipBlanks()
            guard index < scalars.count else { return tokens }
            let start = offset
            let first = index
            let kind = take()
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[first..<index])
            let word = String(text)
            tokens.append(
                Token(
                    kind: kind == .word && isMarkedOut(scalars[first..<index]) ? .barrier : kind,
                    range: start..<offset, text: word, lower: word.lowercased(), gap: tokens.isEmpty ? .line : gap))
        }
    }

    private mutating func skipBlanks() -> Token.Gap {
        var (count, hasBreak, isWide) = (0, false, false)
        while index < scalars.count, scalars[index].properties.isWhitespace {
            let scalar = scalars[index]
            if scalar == "\n" || scalar == "\r" { hasBreak = true }
            if scalar == "\t" { isWide = true }
            count += 1
            advance()
        }
        if hasBreak { return .line }
        return count == 0 ? .none : isWide || count > 1 ? .wide : .space
    }

    private mutating func advance() {
        offset += UTF8.width(scalars[index])
        index += 1
    }

    private mutating func take() -> Token.Kind {
        let scalar = scalars[index]
        if isDigit(scalar) {
            while index < scalars.count, isDigit(scalars[index]) { advance() }
            return .number
        }
        if isLetter(scalar) {
            while index < scalars.count, isLetter(scalars[index]) || joinsLetters(index) { advance() }
            return .word
        }
        if scalar == "[", let end = bracketEnd() {
            while index < end { advance() }
            return .barrier
        }
        if scalar == "_" {
            while index < scalars.count, scalars[index] == "_" { advance() }
            return .barrier
        }
        advance()
        return .mark
    }

    private func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x30 && scalar.value <= 0x39 }

    private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (scalar.value | 0x20) >= 0x61 && (scalar.value | 0x20) <= 0x7A }
        return scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark
    }

    /// An apostrophe between two letters, as in `O'Brien`; the one of a possessive ends the word.
    private func joinsLetters(_ index: Int) -> Bool {
        guard scalars[index] == "'" || scalars[index] == "’", index + 1 < scalars.count else { return false }
        guard isLetter(scalars[index + 1]) else { return false }
        let isPossessive = scalars[index + 1] == "s" && (index + 2 == scalars.count || !isLetter(scalars[index + 2]))
        return !isPossessive
    }

    /// The end of `[WORD]`, `[WORD-3]` or `[** … **]` at the index.
    private func bracketEnd() -> Int? {
        if scalars[index...].starts(with: "[**".unicodeScalars) {
            var end = index + 3
            while end + 2 < scalars.count, scalars[end] != "\n" {
                if scalars[end...].starts(with: "**]".unicodeScalars) { return end + 3 }
                end += 1
            }
            return nil
        }
        var end = index + 1
        while end < scalars.count, scalars[end].value >= 0x41 && scalars[end].value <= 0x5A { end += 1 }
        guard end > index + 1 else { return nil }
        if end + 1 < scalars.count, scalars[end] == "-", isDigit(scalars[end + 1]) {
            end += 1
            while end < scalars.count, isDigit(scalars[end]) { end += 1 }
        }
        return end < scalars.count && scalars[end] == "]" ? end + 1 : nil
    }

    /// `XX`, `XXXX`, `ComparisXXXX`: the mark of a publisher who took something out.
    private func isMarkedOut(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
        if word.count > 1, word.allSatisfy({ $0 == "X" || $0 == "x" }) { return true }
        return word.split(whereSeparator: { $0 != "X" }).contains { $0.count > 2 }
    }
}
