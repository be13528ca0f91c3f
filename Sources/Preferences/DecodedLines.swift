internal import Diagnostics
internal import Dispatch
internal import Foundation
internal import Synchronization

/// The lines of a JSONL file, decoded on all processors ahead of the one that takes them, and given in their order.
///
/// The reading stops a few pieces ahead of the taking, so a large file does not fill the memory.
final class DecodedLines: Sendable {
    /// What some following lines gave.
    struct Piece: Sendable {
        /// Each line without its bytes, and its pair or what is wrong with it.
        let lines: [(line: JSONLines.Line, result: Result<ImportPlan.Candidate, Refusal>)]
        /// How many of the file's bytes have been read with it.
        let bytesRead: Int64

        /// How many lines a file of so many bytes has, about, where all are like those of its first piece.
        func expectedLines(in byteCount: Int64) -> Int {
            min(1 << 20, Int(Double(lines.count) * Double(byteCount) / Double(max(1, bytesRead)) * 1.1))
        }
    }

    /// What the file turned out to be, known at its end.
    struct Summary: Sendable {
        let digest: String
        let byteCount: Int64
        let lineCount: Int
        let hadByteOrderMark: Bool
    }

    private struct Source: ~Copyable {
        var lines: JSONLines
        var number = 0
        var isDone = false
    }

    private struct Results {
        var pieces: [Int: Piece] = [:]
        /// The piece that was taken last.
        var taken: Piece?
        /// Pieces taken before it: their many texts are freed by those who made them, not by the taker.
        var spent: [Piece] = []
        /// After how many pieces the reading ended, and what stopped it before the file's end.
        var end: (count: Int, refusal: Refusal?)?

        mutating func take(_ number: Int) -> (Piece?, (count: Int, refusal: Refusal?)?) {
            let piece = pieces.removeValue(forKey: number)
            if let taken { spent.append(taken) }
            taken = piece
            return (piece, end)
        }
    }

    /// The file's size.
    let byteCount: Int64
    private let path: String
    private let latest: UTCTime
    private let source: Mutex<Source>
    private let results = Mutex(Results())
    private let room: DispatchSemaphore
    private let arrived = DispatchSemaphore(value: 0)
    private let workers: Int
    private let taken = Atomic(0)

    /// Begins to read a file.
    init(path: String, latest: UTCTime) throws(Refusal) {
        let lines = try JSONLines(path: path)
        self.path = path
        self.latest = latest
        byteCount = lines.byteCount
        source = Mutex(Source(lines: lines))
        workers = max(1, min(8, ProcessInfo.processInfo.activeProcessorCount))
        room = DispatchSemaphore(value: 2 * workers)
        for _ in 0..<workers { Thread.detachNewThread { self.work() } }
    }

    /// The next piece, or nil at the end; waits for it, and is for one taker alone.
    func next() throws(Refusal) -> Piece? {
        let number = taken.load(ordering: .relaxed)
        while true {
            let (piece, end) = results.withLock { $0.take(number) }
            if let piece {
                taken.store(number + 1, ordering: .relaxed)
                room.signal()
                return piece
            }
            if let end, end.count == number {
                if let refusal = end.refusal { throw refusal }
                return nil
            }
            arrived.wait()
        }
    }

    /// What the whole file is, once there is no next piece; refuses one that changed meanwhile.
    func summary() throws(Refusal) -> Summary {
        try source.withLock { source throws(Refusal) in
            Summary(
                digest: try source.lines.finishedDigest(), byteCount: source.lines.byteCount,
                lineCount: source.lines.lineCount, hadByteOrderMark: source.lines.hadByteOrderMark)
        }
    }

    /// Lets the reading end where it is; to be called when no more is taken.
    func stop() {
        source.withLock { $0.isDone = true }
        for _ in 0..<workers { room.signal() }
    }

    private func work() {
        while true {
            room.wait()
            freeSpent()
            guard let (number, lines, bytesRead) = read() else {
                room.signal()
                return
            }
            let decoded = lines.map { line in
                (
                    JSONLines.Line(number: line.number, bytes: nil, offset: line.offset, length: line.length),
                    ImportPlan.candidate(line, path, latest)
                )
            }
            results.withLock { $0.pieces[number] = Piece(lines: decoded, bytesRead: bytesRead) }
            arrived.signal()
        }
    }

    private func freeSpent() {
        let spent = results.withLock { results in
            defer { results.spent = [] }
            return results.spent
        }
        _ = consume spent
    }

    /// The next lines of the file with their piece's number; nil when there are no more.
    private func read() -> (Int, [JSONLines.Line], Int64)? {
        source.withLock { source in
            if source.isDone { return nil }
            do throws(Refusal) {
                let lines = try source.lines.next(atMost: Self.linesAtOnce)
                if !lines.isEmpty {
                    source.number += 1
                    return (source.number - 1, lines, source.lines.bytesRead)
                }
                end(after: source.number, nil)
            } catch {
                end(after: source.number, error)
            }
            source.isDone = true
            return nil
        }
    }

    private func end(after count: Int, _ refusal: Refusal?) {
        results.withLock { $0.end = (count, refusal) }
        arrived.signal()
    }

    /// How many lines are decoded together.
    private static let linesAtOnce = 512
}
