/// Finds where messages and batch segments begin in the bytes of a file.
///
/// A damaged header must not make its message's lines part of the message before it, so a boundary is also seen where
/// a header's separators stand without its name, and where `MSH` with its separators stands inside a line.
struct HL7Boundaries {
    /// What begins at a boundary.
    enum Kind: Equatable {
        /// `MSH`.
        case message
        /// `FHS`, `BHS`, `BTS` or `FTS`.
        case envelope
        /// The separators of a header without its name.
        case damaged
        /// The bytes after an MLLP end block.
        case leftover
    }

    /// One boundary.
    struct Boundary: Equatable {
        var start: Int
        let kind: Kind
        /// Whether the line before it was not ended.
        let isGlued: Bool
    }

    private let bytes: [UInt8]
    private let lineFeedsOnly: Bool
    private var header: [UInt8] = Array("|^~\\&|".utf8)
    private var found: [Boundary] = []

    /// The boundaries of a file, in order.
    static func find(in bytes: [UInt8]) -> [Boundary] {
        var finder = HL7Boundaries(bytes: bytes)
        finder.scan()
        return finder.found
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        lineFeedsOnly = !bytes.contains(0x0D)
    }

    private mutating func scan() {
        for index in bytes.indices {
            let previous = index == 0 ? 0x0D : bytes[index - 1]
            let startsLine = previous == 0x0D || previous == 0x0B || previous == 0x1C || previous == 0x0A
            if bytes[index] == 0x1C, isEndBlock(index) {
                found.append(Boundary(start: index + 1, kind: .leftover, isGlued: false))
            } else if bytes[index] == UInt8(ascii: "M"), hasName("MSH", index) {
                let separators = declaredSeparators(index)
                let isCertain = startsLine && (previous != 0x0A || lineFeedsOnly || looksLikeHeader(index))
                guard isCertain || separators != nil else { continue }
                if let separators { header = separators }
                found.append(Boundary(start: index, kind: .message, isGlued: !startsLine))
            } else if startsLine, isEnvelope(index, afterLineFeed: previous == 0x0A) {
                if let separators = declaredSeparators(index) { header = separators }
                found.append(Boundary(start: index, kind: .envelope, isGlued: false))
            } else if startsLine, isDamagedHeader(index) {
                found.append(Boundary(start: startOfFragments(before: index), kind: .damaged, isGlued: false))
            }
        }
    }

    private func hasName(_ name: String, _ index: Int) -> Bool { bytes[index...].starts(with: name.utf8) }

    /// Two different punctuation characters after the name, or a line cut off before them; `MSH2` and `MSH-6` in text are neither.
    private func looksLikeHeader(_ index: Int) -> Bool {
        guard index + 3 < bytes.count, bytes[index + 3] != 0x0D else { return true }
        guard ByteText.isPunctuation(bytes[index + 3]) else { return false }
        guard index + 4 < bytes.count, bytes[index + 4] != 0x0D else { return true }
        return ByteText.isPunctuation(bytes[index + 4]) && bytes[index + 4] != bytes[index + 3]
    }

    /// The field separator, three to five other punctuation characters, and the field separator again.
    ///
    /// The header may also end after them.
    private func declaredSeparators(_ index: Int) -> [UInt8]? {
        guard index + 3 < bytes.count, ByteText.isPunctuation(bytes[index + 3]) else { return nil }
        let field = bytes[index + 3]
        let encoding = bytes[(index + 4)...].prefix(6).prefix { $0 != field && !Self.endsLine($0) }
        guard (3...5).contains(encoding.count), encoding.allSatisfy(ByteText.isPunctuation),
            Set(encoding).count == encoding.count
        else { return nil }
        return [field] + encoding + [field]
    }

    private func isEnvelope(_ index: Int, afterLineFeed: Bool) -> Bool {
        if hasName("FHS", index) || hasName("BHS", index) { return declaredSeparators(index) != nil }
        guard hasName("BTS", index) || hasName("FTS", index) else { return false }
        guard index + 3 < bytes.count else { return true }
        let next = bytes[index + 3]
        return next == header.first || ((next == 0x0D || next == 0x0A) && (!afterLineFeed || lineFeedsOnly))
    }

    private func isDamagedHeader(_ index: Int) -> Bool {
        guard !Self.endsLine(bytes[index]) else { return false }
        let start = bytes[index...].prefix(9 + header.count).prefix { $0 != 0x0D && $0 != 0x0A }
        guard start.count >= header.count else { return false }
        let usual = Array("|^~\\&|".utf8)
        return (0...min(7, start.count - header.count)).contains { offset in
            let rest = start.dropFirst(offset)
            return rest.starts(with: header) || rest.starts(with: usual)
        }
    }

    /// Lines too short for a segment, directly before a damaged header, are pieces of it.
    private func startOfFragments(before index: Int) -> Int {
        var start = index
        while start > 0 {
            let line = bytes[..<(start - 1)].suffix(4).reversed().prefix { !Self.endsLine($0) }
            guard line.count < 4, !line.isEmpty, start - 1 - line.count >= 0 else { break }
            start -= line.count + 1
        }
        return start
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A || byte == 0x0B || byte == 0x1C }

    private func isEndBlock(_ index: Int) -> Bool {
        guard index + 1 < bytes.count else { return true }
        return Self.endsLine(bytes[index + 1]) || hasName("MSH", index + 1)
    }
}
