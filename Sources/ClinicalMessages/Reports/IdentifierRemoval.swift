/// Takes a message's own identifiers out of its text: the message itself says which they are.
///
/// This is no screening for protected health information; it only keeps accession numbers and patient identifiers that
/// are known by value from leaving in the text.
struct IdentifierRemoval {
    /// What stands where an identifier stood.
    static let mark = "[identifier]"

    private let identifiers: [[UInt8]]

    /// Identifiers of fewer than four bytes are not looked for: they would match ordinary numbers.
    init(_ identifiers: [String]) {
        var seen: Set<[UInt8]> = []
        self.identifiers = identifiers.map { Array($0.utf8) }.filter { $0.count >= 4 && seen.insert($0).inserted }
            .sorted { $0.count > $1.count }
    }

    /// The texts with every identifier that stands as a word of its own replaced, and how many were.
    func clean(_ blocks: [TextBlock]) -> (blocks: [TextBlock], count: Int) {
        var count = 0
        let cleaned = blocks.map { block in
            let (text, replaced) = clean(Array(block.text.utf8))
            count += replaced
            return replaced == 0 ? block : TextBlock(section: block.section, text: ByteText.string(text))
        }
        return (cleaned, count)
    }

    private func clean(_ bytes: [UInt8]) -> (text: [UInt8], count: Int) {
        guard !identifiers.isEmpty else { return (bytes, 0) }
        let firsts = Set(identifiers.map { $0[0] })
        var output: [UInt8] = []
        var count = 0
        var index = 0
        while index < bytes.count {
            if firsts.contains(bytes[index]), index == 0 || !ByteText.isWord(bytes[index - 1]),
                let match = identifiers.first(where: { isWord($0, at: index, in: bytes) })
            {
                output += Self.mark.utf8
                count += 1
                index += match.count
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return (output, count)
    }

    private func isWord(_ identifier: [UInt8], at index: Int, in bytes: [UInt8]) -> Bool {
        let end = index + identifier.count
        return bytes[index...].starts(with: identifier) && (end == bytes.count || !ByteText.isWord(bytes[end]))
    }
}
