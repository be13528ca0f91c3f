/// Joins lines that were broken only to fit a width.
///
/// A line goes on in the next one when the next begins in lower case, or when the next one's first word would not have
/// fitted into the width that the text keeps to and no sentence ended. Blank lines, list items and headings always
/// begin a new line. The words and their order never change.
struct LineUnwrapping {
    /// Whether a line begins something of its own and is never joined to the one before it.
    let beginsSomething: ([UInt8]) -> Bool
    /// Whether nothing but its own continuation in lower case may be joined to a line.
    let isClosed: ([UInt8]) -> Bool

    /// Below this width no text is taken for wrapped.
    static let smallestWidth = 50

    func unwrap(_ lines: [[UInt8]]) -> [[UInt8]] {
        let width = lines.map(\.count).max() ?? 0
        var joined: [[UInt8]] = []
        var lastPiece: [UInt8] = []
        for line in lines {
            if let last = joined.last, goesOn(last, lastPiece, line, width: width) {
                joined[joined.count - 1] = last + [0x20] + line
            } else {
                joined.append(line)
            }
            lastPiece = line
        }
        return joined
    }

    private func goesOn(_ whole: [UInt8], _ piece: [UInt8], _ next: [UInt8], width: Int) -> Bool {
        guard let first = next.first, let last = piece.last else { return false }
        guard !Self.isListItem(next), !beginsSomething(next) else { return false }
        if ByteText.isLower(first) { return last != 0x3A || width >= Self.smallestWidth }
        guard !isClosed(whole) else { return false }
        let ends: Set<UInt8> = [0x2E, 0x21, 0x3F, 0x3A, 0x3B]
        guard !ends.contains(last), width >= Self.smallestWidth else { return false }
        let firstWord = next.prefix { !ByteText.isSpace($0) }.count
        return piece.count + 1 + firstWord > width
    }

    /// `- text`, `* text`, `• text`, `1. text`, `2) text`, `(3) text`, `a. text`.
    static func isListItem(_ line: [UInt8]) -> Bool {
        let bullets: [[UInt8]] = [[0x2D, 0x20], [0x2A, 0x20], [0xE2, 0x80, 0xA2], [0x2B, 0x20], [0x3E, 0x20]]
        if bullets.contains(where: { line.starts(with: $0) }) { return true }
        let body = line.first == 0x28 ? line.dropFirst() : line[...]
        let number = body.prefix(while: ByteText.isDigit)
        let label = number.isEmpty ? body.prefix(1).prefix { ByteText.isLower($0) || ByteText.isUpper($0) } : number
        guard !label.isEmpty, label.count <= 2 else { return false }
        let after = body.dropFirst(label.count)
        guard let mark = after.first, mark == 0x29 || (mark == 0x2E && line.first != 0x28) else { return false }
        return after.dropFirst().first.map(ByteText.isSpace) ?? true
    }
}
