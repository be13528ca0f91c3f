internal import StrictJSON

/// How one text became another, word by word: what an editor did.
///
/// Tokens are runs of white space and runs of other bytes, so that the operations give the new text back byte for byte.
/// The difference is Myers' shortest edit script (Myers 1986, Algorithmica 1:251-266), the standard library's.
struct WordOperations: Sendable, Equatable {
    enum Operation: Sendable, Equatable {
        /// So many tokens stay.
        case keep(Int)
        /// These bytes go.
        case delete([UInt8])
        /// These bytes come.
        case insert([UInt8])
    }

    private(set) var operations: [Operation] = []
    private(set) var keptWords = 0
    private(set) var insertedWords = 0
    private(set) var deletedWords = 0

    init(from old: String, to new: String) {
        let before = Self.tokens(Array(old.utf8))
        let after = Self.tokens(Array(new.utf8))
        let difference = after.difference(from: before)
        var removed = Set<Int>()
        var inserted = Set<Int>()
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var (i, j) = (0, 0)
        while i < before.count || j < after.count {
            if i < before.count, removed.contains(i) {
                add(.delete(before[i]), isWord: Self.isWord(before[i]))
                i += 1
            } else if j < after.count, inserted.contains(j) {
                add(.insert(after[j]), isWord: Self.isWord(after[j]))
                j += 1
            } else {
                add(.keep(1), isWord: Self.isWord(before[i]))
                i += 1
                j += 1
            }
        }
    }

    /// The new text from the old one.
    func applied(to old: String) -> String {
        let before = Self.tokens(Array(old.utf8))
        var position = 0
        var bytes: [UInt8] = []
        for operation in operations {
            switch operation {
            case .keep(let count):
                bytes += before[position..<(position + count)].flatMap { $0 }
                position += count
            case .delete(let gone): position += Self.tokens(gone).count
            case .insert(let new): bytes += new
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `[["=", 4], ["-", "left"], ["+", "right"]]`: tokens kept, bytes gone, bytes come.
    var json: JSONValue {
        .array(
            operations.map { operation in
                switch operation {
                case .keep(let count): ["=", .number(JSONNumber(count))]
                case .delete(let bytes): ["-", .string(String(decoding: bytes, as: UTF8.self))]
                case .insert(let bytes): ["+", .string(String(decoding: bytes, as: UTF8.self))]
                }
            })
    }

    private mutating func add(_ operation: Operation, isWord: Bool) {
        switch (operations.last, operation) {
        case (.keep(let count)?, .keep(let more)): operations[operations.count - 1] = .keep(count + more)
        case (.delete(let bytes)?, .delete(let more)): operations[operations.count - 1] = .delete(bytes + more)
        case (.insert(let bytes)?, .insert(let more)): operations[operations.count - 1] = .insert(bytes + more)
        default: operations.append(operation)
        }
        guard isWord else { return }
        switch operation {
        case .keep: keptWords += 1
        case .delete: deletedWords += 1
        case .insert: insertedWords += 1
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isWord(_ token: [UInt8]) -> Bool { token.first.map { !isSpace($0) } ?? false }

    /// Runs of white space and runs of other bytes, in turn.
    private static func tokens(_ bytes: [UInt8]) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        for byte in bytes {
            if let last = tokens.last?.last, isSpace(last) == isSpace(byte) {
                tokens[tokens.count - 1].append(byte)
            } else {
                tokens.append([byte])
            }
        }
        return tokens
    }
}
