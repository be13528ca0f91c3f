internal import Diagnostics
internal import Foundation
internal import GRDB
internal import StrictJSON

/// A file that was read and checked, and what would become of each of its lines.
struct ImportPlan {
    /// One well-formed record, with what is asked about each: a class, since it goes through many hands.
    final class Candidate: Sendable {
        let line: Int
        let pair: PreferencePair
        let offset: Int64
        let length: Int64
        let digests: PairDigests
        let values: PairValues
        let id: TextKey
        let exam: TextKey?
        let examFields: ExamFields
        let unknownKeys: [String]
        let chosenBytes: Int
        let rejectedBytes: Int

        init(_ pair: PreferencePair, line: Int, offset: Int64, length: Int64) {
            self.pair = pair
            self.line = line
            self.offset = offset
            self.length = length
            digests = PairDigests(pair)
            values = PairValues(pair, digests, line: line)
            id = TextKey(pair.id)
            exam = pair.exam.map { TextKey($0) }
            examFields = ExamFields(pair)
            unknownKeys = pair.additional.keys
            chosenBytes = pair.chosen.plainText.utf8.count
            rejectedBytes = pair.rejected.plainText.utf8.count
        }
    }

    /// One refused line.
    struct Refused {
        let line: Int
        let offset: Int64
        let length: Int64
        let refusal: Refusal
    }

    /// What keeps the pairs of a plan or only looks at them; it tells the plan what became of each.
    typealias Taking = (_ plan: inout ImportPlan, _ candidates: [Candidate]) throws -> Void

    let path: String
    /// The pairs that are taken; empty where their texts are not wanted after they were kept.
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
    /// The contents of the pairs that are taken.
    private var contents: [DigestValue] = []
    private var keepsTexts = true

    /// How many records a foreign file holds; nil where every line is one.
    private var records: Int?

    var recordCount: Int { records ?? takenCount + refused.count + skippedCount }
    /// How many pairs there are, about, once the first are known.
    private(set) var expectedCount = 0
    /// How many pairs are taken.
    var takenCount: Int { contents.count }

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
        contents = taken.map(\.digests.content)
        (fileDigest, byteCount, lineCount) = file
        self.notes = notes
        noteLengths(
            chosen: taken.reduce(0) { $0 + $1.chosenBytes }, rejected: taken.reduce(0) { $0 + $1.rejectedBytes })
    }

    /// Reads a file and checks it against itself; each pair that is sound so far is given away while the rest is read.
    ///
    /// - Parameter keepsTexts: whether ``taken`` is wanted.
    init(
        path: String, latest: UTCTime, keepsTexts: Bool, progress: (Int64, Int64) -> Void, taking: Taking
    ) throws {
        self.path = path
        self.keepsTexts = keepsTexts
        let file = try DecodedLines(path: path, latest: latest)
        defer { file.stop() }
        var inFile = FileConflicts(path: path)
        var unknown: Set<String> = []
        var (chosen, rejected) = (0, 0)
        while let piece = try file.next() {
            if expectedCount == 0 {
                expectedCount = piece.expectedLines(in: file.byteCount)
                inFile.reserve(expectedCount)
            }
            var sound: [Candidate] = []
            for (line, result) in piece.lines {
                do throws(Refusal) {
                    let candidate = try result.get()
                    try inFile.check(candidate)
                    for key in candidate.unknownKeys { unknown.insert(key) }
                    chosen += candidate.chosenBytes
                    rejected += candidate.rejectedBytes
                    sound.append(candidate)
                } catch {
                    refuse(line.number, line.offset, line.length, error)
                }
            }
            try taking(&self, sound)
            progress(piece.bytesRead, file.byteCount)
        }
        let summary = try file.summary()
        (fileDigest, byteCount, lineCount) = (summary.digest, summary.byteCount, summary.lineCount)
        if summary.hadByteOrderMark { notes.append("a byte order mark at the beginning was passed over") }
        if !unknown.isEmpty {
            notes.append(
                "\(unknown.count) field\(unknown.count == 1 ? "" : "s") that Overread does not know were kept as they are"
            )
        }
        refused.sort { $0.line < $1.line }
        noteLengths(chosen: chosen, rejected: rejected)
    }

    /// Gives the pairs of a plan that was made whole away, some at a time.
    mutating func giveAway(keepsTexts: Bool, taking: Taking) throws {
        let candidates = taken
        (taken, contents, self.keepsTexts, expectedCount) = ([], [], keepsTexts, candidates.count)
        for start in stride(from: 0, to: candidates.count, by: PairRows.chunk) {
            try taking(&self, Array(candidates[start..<min(candidates.count, start + PairRows.chunk)]))
        }
        refused.sort { $0.line < $1.line }
    }

    /// Notes that a pair is taken.
    mutating func take(_ candidate: Candidate) {
        contents.append(candidate.digests.content)
        if keepsTexts { taken.append(candidate) }
    }

    /// Whether a pair is new to the store; notes what it is otherwise.
    mutating func isNew(_ candidate: Candidate, _ database: Database) throws -> Bool {
        switch try StoreConflicts.judge(candidate, file: path, database) {
        case .isNew: return true
        case .isStored: skippedCount += 1
        case .contradicts(let refusal): refuse(candidate.line, candidate.offset, candidate.length, refusal)
        }
        return false
    }

    private mutating func refuse(_ line: Int, _ offset: Int64, _ length: Int64, _ refusal: Refusal) {
        refused.append(Refused(line: line, offset: offset, length: length, refusal: refusal))
    }

    /// One line's pair with its digests, or what is wrong with it.
    static func candidate(
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

    /// The report of what would be done.
    var report: ImportReport {
        var report = ImportReport()
        report.recordCount = recordCount
        report.takenCount = takenCount
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
        for content in contents.sorted() { digest.add(content.hex) }
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
    private mutating func noteLengths(chosen: Int, rejected: Int) {
        guard min(chosen, rejected) > 0, max(chosen, rejected) >= 10 * min(chosen, rejected) else { return }
        notes.append(
            "chosen has \(chosen) bytes over all pairs and rejected \(rejected): a model will learn length from that")
    }
}
