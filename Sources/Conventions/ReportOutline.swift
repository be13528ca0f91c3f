/// A report's impression taken apart: its lines, their numbers, and the statements in them.
struct ReportOutline {
    /// One line with something on it.
    struct Line {
        /// The line without white space at its ends.
        let range: Range<Int>
        /// What stands before the text, if anything.
        let marker: Marker
        /// The text after heading, number or bullet.
        let body: Range<Int>
        /// Whether the line begins with a section's name, such as "Impression:".
        let isHeading: Bool
    }

    /// How a line of a list begins.
    enum Marker: Equatable {
        /// `3.`
        case number(Int)
        /// `3)`, a dash, an asterisk or a bullet.
        case other
        case none
    }

    /// One sentence of a line's text.
    struct Statement {
        let range: Range<Int>
        /// The index of its line.
        let line: Int
    }

    let bytes: [UInt8]
    let lines: [Line]
    let statements: [Statement]

    private static let sectionNames: Set<String> = [
        "impression", "imp", "conclusion", "summary", "findings", "opinion", "assessment",
    ]

    init(_ text: String) {
        let bytes = Array(text.utf8)
        var lines: [Line] = []
        var statements: [Statement] = []
        for whole in TextScan.lines(bytes) {
            let range = TextScan.trimmed(bytes, whole)
            guard !range.isEmpty else { continue }
            var body = range
            let isHeading = Self.afterHeading(bytes, range) != nil
            if let after = Self.afterHeading(bytes, range) { body = after }
            let (marker, text) = Self.marker(bytes, body)
            body = text
            for sentence in TextScan.sentences(bytes, in: body) {
                statements.append(Statement(range: sentence, line: lines.count))
            }
            lines.append(Line(range: range, marker: marker, body: body, isHeading: isHeading))
        }
        self.bytes = bytes
        self.lines = lines
        self.statements = statements
    }

    /// The lines after the heading that carry a number in the form `3.`
    var items: [Line] {
        lines.filter {
            if case .number = $0.marker { return !$0.isHeading }
            return false
        }
    }

    /// The text after a section's name and its colon or dash; nil when the line does not begin with one.
    private static func afterHeading(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var end = range.lowerBound
        while end < range.upperBound, TextScan.isWordByte(bytes[end]) { end += 1 }
        guard sectionNames.contains(TextScan.loweredString(bytes, range.lowerBound..<end)) else { return nil }
        if end == range.upperBound { return end..<end }
        guard bytes[end] == 0x3A || bytes[end] == 0x2D else { return nil }
        return TextScan.trimmed(bytes, (end + 1)..<range.upperBound)
    }

    private static func marker(_ bytes: [UInt8], _ range: Range<Int>) -> (Marker, Range<Int>) {
        guard let first = range.first else { return (.none, range) }
        var end = first
        while end < range.upperBound, end - first < 4, TextScan.isDigit(bytes[end]) { end += 1 }
        if end > first, end < range.upperBound, bytes[end] == 0x2E || bytes[end] == 0x29 {
            let next = end + 1
            if next == range.upperBound || TextScan.isSpace(bytes[next]) {
                let isNumber = bytes[end] == 0x2E
                let number = Int(TextScan.string(bytes, first..<end)) ?? 0
                return (isNumber ? .number(number) : .other, TextScan.trimmed(bytes, next..<range.upperBound))
            }
        }
        let bullets: [[UInt8]] = [[0x2D], [0x2A], [0xE2, 0x80, 0xA2]]
        for bullet in bullets where bytes[range].starts(with: bullet) {
            return (.other, TextScan.trimmed(bytes, (first + bullet.count)..<range.upperBound))
        }
        return (.none, range)
    }
}
