internal import Crypto

/// SHA-256 over fields that each carry their length, so that no two lists of fields share bytes.
struct ContentDigest: Sendable {
    private var hash = SHA256()

    /// Begins with a label that tells one use of the digest from another.
    init(_ label: String) {
        add(label)
    }

    mutating func add(_ text: String) {
        add(Array(text.utf8))
    }

    mutating func add(_ bytes: [UInt8]) {
        hash.update(data: Self.bigEndian(UInt64(bytes.count)))
        hash.update(data: bytes)
    }

    /// Adds fields that carry their lengths already.
    mutating func add(fields: [UInt8]) {
        hash.update(data: fields)
    }

    /// Adds the field that some pieces are together.
    mutating func add(together pieces: [ArraySlice<UInt8>]) {
        hash.update(data: Self.bigEndian(UInt64(pieces.reduce(0) { $0 + $1.count })))
        for piece in pieces { hash.update(data: piece) }
    }

    /// Adds a field that may be missing; a missing one differs from an empty one.
    mutating func add(optional text: String?) {
        hash.update(data: [text == nil ? 0 : 1] as [UInt8])
        if let text { add(text) }
    }

    mutating func add(_ number: Int64) {
        hash.update(data: Self.bigEndian(UInt64(bitPattern: number)))
    }

    /// The 32 bytes.
    func finished() -> [UInt8] { Array(hash.finalize()) }

    /// The 32 bytes as a value.
    func finishedValue() -> DigestValue {
        guard let value = DigestValue(bytesOf: hash.finalize()) else { preconditionFailure("SHA-256 has 32 bytes") }
        return value
    }

    /// The 64 hexadecimal digits.
    func finishedHex() -> String { Self.hex(finished()) }

    static func bigEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }

    static func hex(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// SHA-256 of plain bytes, in hexadecimal digits: what `sha256sum` prints.
    static func sha256(_ bytes: [UInt8]) -> String { hex(Array(SHA256.hash(data: bytes))) }
}

/// SHA-256 of a file that arrives in pieces.
struct FileDigest {
    private var hash = SHA256()
    mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }
    func finishedHex() -> String { ContentDigest.hex(Array(hash.finalize())) }
}
