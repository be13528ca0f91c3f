internal import Foundation
internal import GRDB

/// A SHA-256 as a value that is compared and looked up quickly; the store keeps its 32 bytes.
struct DigestValue: Sendable, Hashable, Comparable {
    /// How many bytes it has.
    static let byteCount = 32

    private let words: (first: UInt64, second: UInt64, third: UInt64, fourth: UInt64)

    /// Makes one of 32 bytes; nil for any other number of them.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(bytesOf: bytes)
    }

    /// Makes one of a sequence of 32 bytes; nil for fewer.
    init?(bytesOf sequence: some Sequence<UInt8>) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var count = 0
        for byte in sequence {
            switch count >> 3 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            case 2: words.2 = words.2 << 8 | UInt64(byte)
            default: words.3 = words.3 << 8 | UInt64(byte)
            }
            count += 1
        }
        guard count == Self.byteCount else { return nil }
        self.words = words
    }

    /// Makes one of 64 hexadecimal digits; nil for anything else.
    init?(hex: String) {
        let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue.map { UInt8($0) } }
        guard digits.count == 2 * Self.byteCount, hex.utf8.count == digits.count else { return nil }
        self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for word in [words.first, words.second, words.third, words.fourth] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// The 64 hexadecimal digits.
    var hex: String { ContentDigest.hex(bytes) }

    static func == (a: DigestValue, b: DigestValue) -> Bool { a.words == b.words }

    /// In the order of the bytes.
    static func < (a: DigestValue, b: DigestValue) -> Bool { a.words < b.words }

    /// The first word is as even as any hash of it.
    func hash(into hasher: inout Hasher) { hasher.combine(words.first) }
}

extension DigestValue: DatabaseValueConvertible {
    var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> DigestValue? {
        Data.fromDatabaseValue(value).flatMap { DigestValue($0) }
    }
}
