/// Finds tokens that are written out in a text: the leftmost one, and the longest of those that begin there.
struct SpecialTokenMatcher: Sendable {
    /// The tokens by first byte, the longest first.
    private var candidates: [[(text: [UInt8], token: TokenID)]]

    /// Makes the matcher of some tokens; none may be empty.
    init(_ tokens: [(text: [UInt8], token: TokenID)]) {
        candidates = Array(repeating: [], count: 256)
        for entry in tokens {
            precondition(!entry.text.isEmpty, "token \(entry.token) is empty")
            candidates[Int(entry.text[0])].append(entry)
        }
        for index in candidates.indices {
            candidates[index].sort { ($1.text.count, $0.token) < ($0.text.count, $1.token) }
        }
    }

    /// The first token written in `bytes[start...]`, and where.
    func first(in bytes: [UInt8], from start: Int) -> (range: Range<Int>, token: TokenID)? {
        var index = start
        while index < bytes.count {
            for (text, token) in candidates[Int(bytes[index])] where matches(text, in: bytes, at: index) {
                return (index..<(index + text.count), token)
            }
            index += 1
        }
        return nil
    }

    private func matches(_ text: [UInt8], in bytes: [UInt8], at start: Int) -> Bool {
        guard start + text.count <= bytes.count else { return false }
        for offset in text.indices where bytes[start + offset] != text[offset] { return false }
        return true
    }
}
