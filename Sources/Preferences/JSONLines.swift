public import Diagnostics
internal import Foundation

/// The lines of a JSONL file, read in pieces.
///
/// Lines end at a line feed; a carriage return before it is dropped; the last line needs no line feed. A UTF-8 byte
/// order mark at the very start is skipped. Lines that are empty or white space are passed over.
struct JSONLines: ~Copyable {
    /// The longest line that is kept.
    static let lineLimit = 4 << 20

    /// One line.
    struct Line: Sendable {
        /// Its number, from 1.
        let number: Int
        /// Its bytes without the line's end, or nil when it is longer than ``JSONLines/lineLimit``.
        let bytes: [UInt8]?
        /// Where it begins in the file.
        let offset: Int64
        /// Its length with the line's end.
        let length: Int64
    }

    let path: String
    private let handle: FileHandle
    private let identity: FileSafety.Identity
    private var piece: [UInt8] = []
    private var piecePosition = 0
    private var offset: Int64 = 0
    private var number = 0
    private var digest = FileDigest()
    /// Whether the file began with a byte order mark.
    let hadByteOrderMark: Bool

    /// The file's size in bytes.
    var byteCount: Int64 { identity.bytes }
    /// How many bytes have been read.
    var bytesRead: Int64 { offset }
    /// How many lines have been read.
    var lineCount: Int { number }

    init(path: String) throws(Refusal) {
        let identity = try FileSafety.regularFile(path)
        let handle = try FileSafety.open(path)
        let first = try FileSafety.read(handle, 1 << 20, path: path)
        if first.starts(with: [0x1F, 0x8B]) || first.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            throw Refusal(
                code: "file.archive", at: path, "a compressed file; JSONL is plain text", mend: "unpack it first")
        }
        self.path = path
        self.identity = identity
        self.handle = handle
        piece = first
        digest.add(first)
        hadByteOrderMark = first.starts(with: [0xEF, 0xBB, 0xBF])
        if hadByteOrderMark {
            piecePosition = 3
            offset = 3
        }
    }

    deinit { try? handle.close() }

    /// The next line that holds anything, or nil at the end.
    mutating func next() throws(Refusal) -> Line? {
        while true {
            guard let line = try nextAny() else { return nil }
            guard let bytes = line.bytes, bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else {
                return line
            }
        }
    }

    /// The next lines that hold anything, at most so many and about 8 MiB; none at the end.
    mutating func next(atMost count: Int) throws(Refusal) -> [Line] {
        var lines: [Line] = []
        var byteCount = 0
        while lines.count < count, byteCount < 8 << 20, let line = try next() {
            byteCount += line.bytes?.count ?? 0
            lines.append(line)
        }
        return lines
    }

    private mutating func nextAny() throws(Refusal) -> Line? {
        let start = offset
        var bytes: [UInt8] = []
        var tooLong = false
        var ended = false
        while !ended {
            if piecePosition == piece.count {
                piece = try FileSafety.read(handle, 1 << 20, path: path)
                digest.add(piece)
                piecePosition = 0
                if piece.isEmpty { break }
            }
            let end = Self.lineFeed(in: piece.span, from: piecePosition)
            if !tooLong { bytes.append(contentsOf: piece[piecePosition..<end]) }
            if bytes.count > Self.lineLimit {
                tooLong = true
                bytes = []
            }
            ended = end < piece.count
            offset += Int64(end - piecePosition + (ended ? 1 : 0))
            piecePosition = ended ? end + 1 : end
        }
        guard offset > start else { return nil }
        number += 1
        if bytes.last == 0x0D { bytes.removeLast() }
        return Line(number: number, bytes: tooLong ? nil : bytes, offset: start, length: offset - start)
    }

    /// Where the next line feed stands, or the end.
    private static func lineFeed(in bytes: Span<UInt8>, from first: Int) -> Int {
        let width = 64
        var start = first
        while start + width <= bytes.count {
            // Without a way out of the loop it runs over all of them at once.
            var nearest = UInt8.max
            for index in start..<(start + width) { nearest = min(nearest, bytes[index] ^ 0x0A) }
            if nearest == 0 { break }
            start += width
        }
        while start < bytes.count, bytes[start] != 0x0A { start += 1 }
        return start
    }

    /// The SHA-256 of the whole file once every line was read; refuses a file that changed meanwhile.
    func finishedDigest() throws(Refusal) -> String {
        guard try FileSafety.regularFile(path) == identity, offset == identity.bytes else {
            throw Refusal(
                code: "file.changed", at: path, "the file changed while it was read",
                mend: "try again once it is at rest")
        }
        return digest.finishedHex()
    }

    /// The refusal for a line that is too long to keep.
    static func tooLong(_ line: Line, path: String) -> Refusal {
        Refusal(
            code: "json.too-large", at: "\(path):\(line.number):1",
            "a line of \(line.length) bytes; at most \(lineLimit) are read", mend: "shorten the record")
    }
}

extension PreferencePair {
    /// Reads a JSONL file in TRL's preference format, for training or scoring without a store.
    ///
    /// - Throws: the first thing that is wrong, with file, line and column.
    public static func readJSONL(_ path: String) throws(Refusal) -> [PreferencePair] {
        var lines = try JSONLines(path: path)
        var pairs: [PreferencePair] = []
        var lineOfID: [[UInt8]: (line: Int, content: String)] = [:]
        while let line = try lines.next() {
            guard let bytes = line.bytes else { throw JSONLines.tooLong(line, path: path) }
            let pair = try PreferencePair(jsonLine: bytes, named: path, line: line.number)
            let key = Array(pair.id.utf8)
            let content = pair.contentDigest
            if let earlier = lineOfID[key], earlier.content != content || !pair.hasDerivedID {
                throw Refusal(
                    code: "pair.duplicate-id", at: "\(path):\(line.number)",
                    "the id of this record is that of line \(earlier.line)", mend: "give every record its own id")
            }
            lineOfID[key] = (line.number, content)
            pairs.append(pair)
        }
        _ = try lines.finishedDigest()
        guard !pairs.isEmpty else {
            throw Refusal(code: "file.empty", at: path, "no record at all", mend: "give a file with one record a line")
        }
        return pairs
    }

    /// Whether the id is the one that a record without an id is given.
    var hasDerivedID: Bool { id == "pair-" + String(contentDigest.prefix(16)) }
}
