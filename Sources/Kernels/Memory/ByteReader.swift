public import Diagnostics

/// Reads little-endian numbers, strings and bytes in order, checking every step against the end.
///
/// Integers are assembled from bytes, so nothing is assumed about alignment. A file is read through a small window that
/// is copied out of it; no read allocates more than the bytes that are really there, whatever a length field claims.
public struct ByteReader: Sendable {
    /// The name of what is read, as messages show it.
    public let name: String
    /// The first word of the refusals' codes, such as `gguf` in `gguf.truncated`.
    public let area: String
    /// The position of the next byte to be read.
    public private(set) var offset: Int
    /// The position after the last byte that may be read.
    public let end: Int

    private let file: MappedFile?
    private var window: [UInt8]
    private var windowStart: Int
    private static let windowByteCount = 1 << 16

    /// A reader of `file` from byte `offset` to its end.
    public init(_ file: MappedFile, at offset: Int = 0, area: String = "file") {
        self.init(file, in: offset..<file.byteCount, area: area)
    }

    /// A reader of the bytes in `range` of `file`, which must lie inside it; positions stay those of the file.
    public init(_ file: MappedFile, in range: Range<Int>, area: String = "file") {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= file.byteCount,
            "a reader of bytes \(range) of a file of \(file.byteCount) bytes")
        self.file = file
        self.name = file.path
        self.area = area
        self.offset = range.lowerBound
        self.end = range.upperBound
        self.window = []
        self.windowStart = range.lowerBound
    }

    /// A reader of `bytes`, whose first one is at position `start` as messages count it.
    public init(_ bytes: [UInt8], named name: String, startingAt start: Int = 0, area: String = "file") {
        self.file = nil
        self.name = name
        self.area = area
        self.offset = start
        self.end = start + bytes.count
        self.window = bytes
        self.windowStart = start
    }

    /// The number of bytes that are left.
    public var remaining: Int { end - offset }

    /// `name, byte N`: how a position is named in messages; the next byte's unless told otherwise.
    public func location(at position: Int? = nil) -> String { "\(name), byte \(position ?? offset)" }

    /// The next byte.
    public mutating func u8() throws(Refusal) -> UInt8 { UInt8(truncatingIfNeeded: try unsigned(1)) }
    /// The next two bytes as an unsigned integer.
    public mutating func u16() throws(Refusal) -> UInt16 { UInt16(truncatingIfNeeded: try unsigned(2)) }
    /// The next four bytes as an unsigned integer.
    public mutating func u32() throws(Refusal) -> UInt32 { UInt32(truncatingIfNeeded: try unsigned(4)) }
    /// The next eight bytes as an unsigned integer.
    public mutating func u64() throws(Refusal) -> UInt64 { try unsigned(8) }
    /// The next byte as a signed integer.
    public mutating func i8() throws(Refusal) -> Int8 { Int8(bitPattern: try u8()) }
    /// The next two bytes as a signed integer.
    public mutating func i16() throws(Refusal) -> Int16 { Int16(bitPattern: try u16()) }
    /// The next four bytes as a signed integer.
    public mutating func i32() throws(Refusal) -> Int32 { Int32(bitPattern: try u32()) }
    /// The next eight bytes as a signed integer.
    public mutating func i64() throws(Refusal) -> Int64 { Int64(bitPattern: try u64()) }
    /// The next four bytes as a single precision value, NaN payloads included.
    public mutating func f32() throws(Refusal) -> Float { Float(bitPattern: try u32()) }
    /// The next eight bytes as a double precision value, NaN payloads included.
    public mutating func f64() throws(Refusal) -> Double { Double(bitPattern: try u64()) }

    /// The next `count` bytes.
    public mutating func bytes(_ count: UInt64) throws(Refusal) -> [UInt8] {
        let count = try checked(count, what: "bytes")
        guard let file, count > Self.windowByteCount else {
            try fill(count)
            let start = offset - windowStart
            offset += count
            return Array(window[start..<start + count])
        }
        let copy = try file.bytes(in: offset..<offset + count)
        offset += count
        return copy
    }

    /// Steps over `count` bytes without reading them.
    public mutating func skip(_ count: UInt64) throws(Refusal) {
        offset += try checked(count, what: "bytes")
    }

    /// The next string: its length in bytes as `u64`, then UTF-8 without a terminator.
    ///
    /// - Parameters:
    ///   - what: the string's part in the file, for the message, such as `a key`.
    ///   - limit: the most bytes that are allowed.
    public mutating func string(
        _ what: @autoclosure () -> String = "a string", limit: Int = 16 << 20
    ) throws(Refusal) -> String {
        let start = offset
        let count = try stringByteCount(what(), limit: limit)
        let text: String?
        if count <= Self.windowByteCount || file == nil {
            try fill(count)
            let first = offset - windowStart
            text = String(validating: window[first..<first + count], as: UTF8.self)
            offset += count
        } else {
            text = String(validating: try bytes(UInt64(count)), as: UTF8.self)
        }
        guard let text else {
            throw Refusal(
                code: "\(area).not_utf8", at: location(at: start), "\(what()) of \(count) bytes is not valid UTF-8",
                mend: "get the file again from its source")
        }
        return text
    }

    /// Steps over the next length-prefixed string after checking its length.
    public mutating func skipString(
        _ what: @autoclosure () -> String = "a string", limit: Int = 16 << 20
    ) throws(Refusal) {
        offset += try stringByteCount(what(), limit: limit)
    }

    private mutating func stringByteCount(
        _ what: @autoclosure () -> String, limit: Int
    ) throws(Refusal) -> Int {
        let start = offset
        let claimed = try u64()
        guard claimed <= UInt64(limit) else {
            throw Refusal(
                code: "\(area).too_long", at: location(at: start),
                "\(what()) claims \(claimed) bytes; at most \(limit) are allowed and \(remaining) are left",
                mend: "get the file again from its source")
        }
        return try checked(claimed, what: "bytes of \(what())")
    }

    private func checked(_ count: UInt64, what: @autoclosure () -> String) throws(Refusal) -> Int {
        guard count <= UInt64(remaining) else {
            throw Refusal(
                code: "\(area).truncated", at: location(),
                "\(count) \(what()) are needed and \(remaining) are left", mend: "get the file again from its source")
        }
        return Int(count)
    }

    private mutating func unsigned(_ count: Int) throws(Refusal) -> UInt64 {
        if offset < windowStart || offset + count > windowStart + window.count { try fill(count) }
        let start = offset - windowStart
        var value: UInt64 = 0
        for byte in window[start..<start + count].reversed() { value = value << 8 | UInt64(byte) }
        offset += count
        return value
    }

    /// Makes sure that the next `count` bytes are in the window, or refuses.
    private mutating func fill(_ count: Int) throws(Refusal) {
        _ = try checked(UInt64(count), what: "bytes")
        if offset >= windowStart && offset + count <= windowStart + window.count { return }
        guard let file else { return }
        let size = min(max(count, Self.windowByteCount), remaining)
        window = try file.bytes(in: offset..<offset + size)
        windowStart = offset
    }
}
