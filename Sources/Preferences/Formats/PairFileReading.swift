public import Diagnostics
internal import StrictJSON

/// What a file of preference pairs in any known format gives, and what it does not.
public struct PairFileReading: Sendable {
    /// The format that was asked for or found.
    public let format: PairFormat
    /// The pairs in file order.
    public let pairs: [PreferencePair]
    /// The line of each pair's record, from 1.
    public let lines: [Int]
    /// How many records the file holds.
    public let recordCount: Int
    /// Records and verdicts that gave no pair, counted by reason.
    public let leftOut: [LeftOut]
    /// Where and why, for each of them, in file order.
    public let refusals: [Refusal]
    /// What is worth knowing and stopped nothing.
    public let notes: [String]

    /// Reads a file without a store, taking every good pair.
    ///
    /// - Parameters:
    ///   - path: a regular file of UTF-8 text: JSONL, a JSON array or CSV.
    ///   - options: the format and the column mapping, where the content does not say.
    /// - Throws: what makes the whole file unreadable, such as an unknown or ambiguous format.
    public static func read(
        _ path: String, options: PairReadingOptions = PairReadingOptions()
    ) throws(Refusal) -> PairFileReading {
        let (plan, format) = try ImportPlan.reading(path, options, latest: nil)
        let refusals = (plan.refused + plan.passed).sorted { $0.line < $1.line }.map(\.refusal)
        return PairFileReading(
            format: format, pairs: plan.taken.map(\.pair), lines: plan.taken.map(\.line),
            recordCount: plan.recordCount, leftOut: LeftOut.counts(of: refusals), refusals: refusals,
            notes: plan.report.notes)
    }
}

extension ImportPlan {
    /// Reads a foreign file and checks it against itself.
    ///
    /// Where a file holds a pair both ways round, neither is taken.
    ///
    /// - Parameter latest: the present, for refusing dates in the future; nil to take them.
    static func reading(
        _ path: String, _ options: PairReadingOptions, latest: UTCTime?,
        progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws(Refusal) -> (plan: ImportPlan, format: PairFormat) {
        var file = try ForeignFile(path: path, options: options)
        let format = try FormatDetection.format(of: file, options)
        guard (format == .csv) == (file.container == .csv) else {
            throw Refusal(
                code: "format.unknown", at: path + ":1:1", "the file is not of the format \(format.rawValue)",
                mend: "name another format")
        }
        guard format != .json || options.mapping != nil else {
            throw Refusal(
                code: "format.mapping-needed", at: path, "the format json says nothing of what its columns mean",
                mend: "give a column mapping")
        }
        var collected = CollectedPairs(path: path, options: options, latest: latest)
        var reader = FormatReader(format: format, mapping: options.mapping)
        try file.read(progress: progress) { entry in
            switch entry {
            case .refused(let refused): collected.refuse(refused)
            case .record(let record): collected.add(reader.outcomes(record), of: record)
            }
            return true
        }
        var notes = file.notes + reader.notes
        if !reader.unread.isEmpty {
            notes.append(
                "\(reader.unread.count) field\(reader.unread.count == 1 ? " was" : "s were") left out: nothing says what "
                    + "they mean in a pair")
        }
        var plan = ImportPlan(
            path: path, taken: collected.taken, refused: collected.refused, passed: collected.passed,
            records: collected.records, file: (file.digest, file.byteCount, file.lineCount), notes: notes)
        plan.reading = format.rawValue + (options.mapping.map { " mapping " + $0.digest } ?? "")
        plan.isMapped = options.mapping != nil
        return (plan, format)
    }
}

/// The outcomes of a file's records, checked against one another.
private struct CollectedPairs {
    private(set) var taken: [ImportPlan.Candidate] = []
    private(set) var refused: [ImportPlan.Refused] = []
    private(set) var passed: [ImportPlan.Refused] = []
    private(set) var records = 0
    private var inFile: FileConflicts
    private var placeOfPair: [DigestValue: String] = [:]
    private let options: PairReadingOptions
    private let latest: UTCTime?

    init(path: String, options: PairReadingOptions, latest: UTCTime?) {
        self.options = options
        self.latest = latest
        inFile = FileConflicts(path: path)
    }

    mutating func refuse(_ piece: ImportPlan.Refused) {
        records += 1
        refused.append(piece)
    }

    mutating func add(_ outcomes: [FormatReader.Outcome], of record: ForeignRecord) {
        records += 1
        for outcome in outcomes {
            do throws(Refusal) {
                switch outcome {
                case .leftOut(let refusal): throw refusal
                case .pair(let pair): try take(pair, of: record)
                }
            } catch {
                leaveOut(error, record.line, record.offset, record.length)
            }
        }
    }

    private mutating func leaveOut(_ refusal: Refusal, _ line: Int, _ offset: Int64, _ length: Int64) {
        let piece = ImportPlan.Refused(line: line, offset: offset, length: length, refusal: refusal)
        if LeftOutReason.harmlessCodes.contains(refusal.code) { passed.append(piece) } else { refused.append(piece) }
    }

    private mutating func take(_ pair: PreferencePair, of record: ForeignRecord) throws(Refusal) {
        if let latest, let created = pair.created.flatMap({ UTCTime($0) }),
            created.milliseconds > latest.milliseconds + 86_400_000
        {
            throw Refusal(
                code: "pair.bad-time", at: record.place([.key("created")]),
                "\"created\" is in the future by this machine's clock", mend: "correct the date or the clock")
        }
        try options.lengthLimit?.check(pair, at: record.place([]))
        let candidate = ImportPlan.Candidate(
            pair, line: record.line, offset: record.offset, length: record.length)
        do throws(Refusal) {
            try inFile.check(candidate)
        } catch {
            if error.code == "pair.conflict" { withdraw(candidate.digests.unordered, contradictedBy: record.line) }
            throw Refusal(code: error.code, at: record.place([]), error.problem, mend: error.remedy)
        }
        taken.append(candidate)
        placeOfPair[candidate.digests.unordered] = record.place([])
    }

    /// Takes a pair back that a later record contradicts.
    private mutating func withdraw(_ unordered: DigestValue, contradictedBy line: Int) {
        guard let index = taken.firstIndex(where: { $0.digests.unordered == unordered }) else { return }
        let earlier = taken.remove(at: index)
        leaveOut(
            Refusal(
                code: "pair.conflict", at: placeOfPair[unordered] ?? "line \(earlier.line)",
                "the pair of line \(line) with the sides swapped: a conflict",
                mend: "decide which side is preferred and remove the other line"),
            earlier.line, earlier.offset, earlier.length)
        refused.sort { $0.line < $1.line }
    }
}
