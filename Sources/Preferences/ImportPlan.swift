internal import Diagnostics
internal import Foundation
internal import GRDB
internal import StrictJSON

/// A file that was read and checked, and what would become of each of its lines.
struct ImportPlan {
    /// One well-formed record.
    struct Candidate: Sendable {
        let line: Int
        let pair: PreferencePair
        let offset: Int64
        let length: Int64
        let digests: PairDigests

        init(_ pair: PreferencePair, line: Int, offset: Int64, length: Int64) {
            self.pair = pair
            self.line = line
            self.offset = offset
            self.length = length
            digests = PairDigests(pair)
        }
    }

    /// One refused line.
    struct Refused {
        let line: Int
        let offset: Int64
        let length: Int64
        let refusal: Refusal
    }

    let path: String
    private(set) var taken: [Candidate] = []
    private(set) var refused: [Refused] = []
    /// Records or verdicts that are left out without being wrong.
    private(set) var passed: [Refused] = []
    private(set) var skippedCount = 0
    private(set) var fileDigest = ""
    private(set) var byteCount: Int64 = 0
    private(set) var lineCount = 0
    /// How the file was read: empty for TRL's JSONL, else the format, with a column mapping's digest after it.
    var reading = ""
    /// Whether a column mapping said what the fields mean.
    var isMapped = false
    private var notes: [String] = []

    /// How many records a foreign file holds; nil where every line is one.
    private var records: Int?

    var recordCount: Int { records ?? taken.count + refused.count + skippedCount }

    /// Makes a plan of what a foreign file gave.
    init(
        path: String, taken: [Candidate], refused: [Refused], passed: [Refused], records: Int,
        file: (digest: String, byteCount: Int64, lineCount: Int), notes: [String]
    ) {
        self.path = path
        self.taken = taken
        self.refused = refused
        self.passed = passed
        self.records = records
        (fileDigest, byteCount, lineCount) = file
        self.notes = notes
        noteLengths()
    }

    /// Reads a file and checks it against itself.
    init(path: String, latest: UTCTime, progress: (Int64, Int64) -> Void) throws(Refusal) {
        self.path = path
        var lines = try JSONLines(path: path)
        var inFile = FileConflicts(path: path)
        var unknown: [String: Int] = [:]
        while true {
            let batch = try lines.next(atMost: Self.linesAtOnce)
            if batch.isEmpty { break }
            let read = batch.concurrentMap { line in Self.candidate(line, path, latest) }
            for (line, result) in zip(batch, read) {
                do throws(Refusal) {
                    let candidate = try result.get()
                    try inFile.check(candidate)
                    for member in candidate.pair.additional.members { unknown[member.key, default: 0] += 1 }
                    taken.append(candidate)
                } catch {
                    refused.append(
                        Refused(line: line.number, offset: line.offset, length: line.length, refusal: error))
                }
            }
            progress(lines.bytesRead, lines.byteCount)
        }
        fileDigest = try lines.finishedDigest()
        byteCount = lines.byteCount
        lineCount = lines.lineCount
        if lines.hadByteOrderMark { notes.append("a byte order mark at the beginning was passed over") }
        if !unknown.isEmpty {
            notes.append(
                "\(unknown.count) field\(unknown.count == 1 ? "" : "s") that Overread does not know were kept as they are"
            )
        }
        noteLengths()
    }

    /// How many lines are read before they are decoded, on all processors.
    private static let linesAtOnce = 2048

    /// One line's pair with its digests, or what is wrong with it.
    private static func candidate(
        _ line: JSONLines.Line, _ path: String, _ latest: UTCTime
    ) -> Result<Candidate, Refusal> {
        do throws(Refusal) {
            guard let bytes = line.bytes else { throw JSONLines.tooLong(line, path: path) }
            let pair = try PreferencePair(jsonLine: bytes, named: path, line: line.number)
            try refuseFuture(pair, latest, bytes, path, line.number)
            return .success(Candidate(pair, line: line.number, offset: line.offset, length: line.length))
        } catch {
            return .failure(error)
        }
    }

    /// What the store would say: skips what it has, refuses what contradicts it.
    mutating func checkAgainstStore(_ database: Database, path store: String) throws {
        let candidates = taken
        taken = []
        taken.reserveCapacity(candidates.count)
        var known: Set<Int> = []
        for (index, candidate) in candidates.enumerated() {
            if index % PairRows.chunk == 0 {
                let piece = candidates[index..<min(candidates.count, index + PairRows.chunk)]
                known = try PairRows.possiblyKnown(piece, database)
            }
            guard known.contains(index) else {
                taken.append(candidate)
                continue
            }
            switch try StoreConflicts.judge(candidate, file: path, database) {
            case .isNew: taken.append(candidate)
            case .isStored: skippedCount += 1
            case .contradicts(let refusal):
                refused.append(
                    Refused(
                        line: candidate.line, offset: candidate.offset, length: candidate.length, refusal: refusal))
            }
        }
        refused.sort { $0.line < $1.line }
    }

    /// The report of what would be done.
    var report: ImportReport {
        var report = ImportReport()
        report.recordCount = recordCount
        report.takenCount = taken.count
        report.skippedCount = skippedCount
        report.refusedCount = refused.count
        report.leftOut = LeftOut.counts(of: (refused + passed).map(\.refusal))
        report.refusedLines = refused.prefix(ImportReport.listedLines).map {
            ImportReport.RefusedLine(line: $0.line, refusal: $0.refusal)
        }
        report.notes = notes
        return report
    }

    /// SHA-256 over the contents that are taken, whatever their order.
    var takenDigest: String {
        var digest = ContentDigest("overread import v1")
        for content in taken.map(\.digests.content).sorted() { digest.add(content) }
        return digest.finishedHex()
    }

    /// Copies the refused lines byte for byte to a file of their own, and the reasons beside it.
    func setRefusedAside(at target: String) throws(Refusal) -> String {
        let refused = self.refused
        let path = self.path
        let source = try FileSafety.open(path)
        defer { try? source.close() }
        try FileSafety.writeDurably(target + ".reasons") { output in
            for line in refused {
                let reason: JSONValue = [
                    "line": .number(JSONNumber(line.line)), "code": .string(line.refusal.code),
                    "where": .string(line.refusal.location), "problem": .string(line.refusal.problem),
                    "mend": .string(line.refusal.remedy),
                ]
                try output.write(contentsOf: Data(reason.serializedBytes() + [0x0A]))
            }
        }
        try FileSafety.writeDurably(target) { output in
            for line in refused {
                try source.seek(toOffset: UInt64(line.offset))
                var left = line.length
                while left > 0, let piece = try source.read(upToCount: Int(min(left, 1 << 20))), !piece.isEmpty {
                    try output.write(contentsOf: piece)
                    left -= Int64(piece.count)
                }
            }
        }
        return target
    }

    /// A day of grace for clocks that differ.
    private static func refuseFuture(
        _ pair: PreferencePair, _ latest: UTCTime, _ bytes: [UInt8], _ path: String, _ line: Int
    ) throws(Refusal) {
        guard let created = pair.created.flatMap({ UTCTime($0) }) else { return }
        guard created.milliseconds > latest.milliseconds + 86_400_000 else { return }
        let place = JSONPosition.locate([.key("created")], in: bytes, firstLine: line, limits: PairDecoder.limits)
        throw Refusal(
            code: "pair.bad-time", at: place.map { "\(path):\($0)" } ?? "\(path):\(line)",
            "\"created\" is in the future by this machine's clock", mend: "correct the date or the clock")
    }

    /// Notes answers of very different lengths, from which a model learns length.
    private mutating func noteLengths() {
        let chosen = taken.reduce(0) { $0 + $1.pair.chosen.plainText.utf8.count }
        let rejected = taken.reduce(0) { $0 + $1.pair.rejected.plainText.utf8.count }
        guard min(chosen, rejected) > 0, max(chosen, rejected) >= 10 * min(chosen, rejected) else { return }
        notes.append(
            "chosen has \(chosen) bytes over all pairs and rejected \(rejected): a model will learn length from that")
    }
}
