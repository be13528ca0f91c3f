public import Diagnostics
import Preferences
import StrictJSON

/// Takes files of preference pairs into a store.
public enum ImportStage {
    /// What happens to lines that are refused.
    public struct Options: Sendable {
        /// Take the good lines and set the others aside.
        public var skipBad: Bool
        /// Check and change nothing.
        public var dryRun: Bool
        /// The name of the files' format; nil to find it by their content.
        public var format: String?
        /// A YAML file that says which columns mean what.
        public var mapping: String?
        /// Look for identifiers in the texts, and keep pairs with suspect ones out of snapshots.
        public var screen: Bool
        /// Refuse a file in which the screen finds something.
        public var refuseIdentifiers: Bool
        /// A YAML file with the names of the site's facilities, for the screen.
        public var sites: String?

        /// Options.
        public init(
            skipBad: Bool = false, dryRun: Bool = false, format: String? = nil, mapping: String? = nil,
            screen: Bool = false, refuseIdentifiers: Bool = false, sites: String? = nil
        ) {
            self.refuseIdentifiers = refuseIdentifiers
            self.screen = screen
            self.sites = sites
            self.skipBad = skipBad
            self.dryRun = dryRun
            self.format = format
            self.mapping = mapping
        }
    }

    /// Imports files in order; each is taken whole or not at all.
    ///
    /// Where no store is yet, every file is checked before one is made.
    ///
    /// - Throws: the first file's refusal; with a store that was there before, files before it stay imported.
    public static func run(
        files: [String], store path: String, options: Options, events: StageEvents
    ) throws(Refusal) -> StageResult {
        for file in files { try TextFile.requireFile(file, code: "import") }
        var wanted = ImportOptions(skipBad: options.skipBad, dryRun: options.dryRun)
        wanted.refusesSuspects = options.refuseIdentifiers
        if options.screen {
            let screener = try ScreenStage.screener(options.sites)
            wanted.screen = { TextScreening.screening(of: $0, by: screener) }
        }
        let reading = PairReadingOptions(
            format: try options.format.map { name throws(Refusal) in try PairFormat.named(name) },
            mapping: try options.mapping.map { path throws(Refusal) in try ColumnMapping.load(path: path) })
        if !TextFile.exists(path) {
            // A dry run or a refused file must not leave a new, empty store behind.
            var reports: [FileReport] = []
            for file in files {
                let foreign = try foreignFormat(of: file, reading)
                let report = try listing(options.dryRun ? events : nil, events) { note throws(Refusal) in
                    let progress = progress(events, "Checking")
                    return if foreign == nil {
                        try PreferenceStore.checkPairs(
                            from: file, options: wanted, progress: progress, onRefusedLine: note)
                    } else {
                        try PreferenceStore.checkPairs(
                            from: file, reading: reading, options: wanted, progress: progress, onRefusedLine: note)
                    }
                }
                reports.append(FileReport(file: file, format: foreign ?? .trl, report: report))
            }
            guard !options.dryRun else {
                return result(reports, path, count: 0, closing: "\(path) is not there and was not made.", events)
            }
        }
        let store = try PreferenceStore(at: path)
        var reports: [FileReport] = []
        for file in files {
            let foreign = try foreignFormat(of: file, reading)
            let report = try listing(events, events) { note throws(Refusal) in
                let progress = progress(events, "Importing")
                return if foreign == nil {
                    try store.importPairs(from: file, options: wanted, progress: progress, onRefusedLine: note)
                } else {
                    try store.importPairs(
                        from: file, reading: reading, options: wanted, progress: progress, onRefusedLine: note)
                }
            }
            reports.append(FileReport(file: file, format: foreign ?? .trl, report: report))
        }
        let count = try store.pairCount()
        return result(reports, path, count: count, closing: "\(path) holds \(counted(count, "pair")).", events)
    }

    /// One file with what became of it.
    private struct FileReport {
        let file: String
        let format: PairFormat
        let report: ImportReport
    }

    /// The format that a file must be read in; nil for TRL's JSONL, whose own reader keeps every field.
    private static func foreignFormat(
        of file: String, _ reading: PairReadingOptions
    ) throws(Refusal) -> PairFormat? {
        let (format, isLines): (PairFormat, Bool)
        do throws(Refusal) {
            (format, isLines) = try PairFormat.found(in: file, options: reading)
        } catch {
            // Where nothing was asked for, a file like no other is read as TRL's and answered with its first line.
            guard reading.format == nil, reading.mapping == nil,
                ["format.unknown", "file.empty"].contains(error.code)
            else { throw error }
            return nil
        }
        return format == .trl && isLines && reading.mapping == nil ? nil : format
    }

    /// Runs a body and says which lines it refused: all of them when it goes on, or when it stops for more than one.
    private static func listing(
        _ going: StageEvents?, _ stopping: StageEvents,
        _ body: ((Refusal) -> Void) throws(Refusal) -> ImportReport
    ) throws(Refusal) -> ImportReport {
        var refused: [Refusal] = []
        do throws(Refusal) {
            let report = try body { refused.append($0) }
            for refusal in refused { going?.say(refusal.description) }
            return report
        } catch {
            if refused.count > 1 { for refusal in refused { stopping.say(refusal.description) } }
            throw error
        }
    }

    /// Tells of bytes read, where a file is long enough to wait for.
    private static func progress(_ events: StageEvents, _ label: String) -> (Int64, Int64) -> Void {
        { read, total in
            guard total > 16 << 20 else { return }
            events.progress(StageProgress(label, done: Int(read >> 20), total: Int(total >> 20), unit: "MiB"))
        }
    }

    private static func result(
        _ reports: [FileReport], _ path: String, count: Int, closing: String, _ events: StageEvents
    ) -> StageResult {
        var files: [JSONValue] = []
        var lines: [String] = []
        for one in reports {
            let (file, report) = (one.file, one.report)
            files.append(
                [
                    "file": .string(file), "format": .string(one.format.rawValue),
                    "records": .number(JSONNumber(report.recordCount)),
                    "taken": .number(JSONNumber(report.takenCount)),
                    "skipped": .number(JSONNumber(report.skippedCount)),
                    "refused": .number(JSONNumber(report.refusedCount)),
                    "left_out": .object(
                        JSONObject(
                            report.leftOut.map {
                                JSONObject.Member($0.reason.rawValue, .number(JSONNumber($0.count)))
                            })),
                    "refused_lines_path": report.refusedLinesPath.map { .string($0) } ?? .null,
                    "screening": report.screening.map(\.json) ?? .null,
                ])
            lines.append(
                "\(file): \(counted(report.recordCount, "record")), \(report.takenCount) new, "
                    + "\(report.skippedCount) known already, \(report.refusedCount) refused.")
            if one.format != .trl { lines.append("\(file): read as \(one.format.rawValue).") }
            if !report.leftOut.isEmpty {
                let reasons = report.leftOut.map { "\($0.count) \($0.reason.rawValue)" }
                lines.append("\(file): left out: \(reasons.joined(separator: ", ")).")
            }
            lines += report.notes.map { "\(file): \($0)." }
            if let screening = report.screening {
                for one in screening.listed { events.say("\(one.place): \(one.found)") }
                lines.append("\(file): \(screening.words)")
            }
        }
        if reports.contains(where: { $0.report.screening == nil && $0.report.takenCount > 0 }) {
            lines.append("Not screened for identifiers: overread screen --store \(path) --keep does that.")
        }
        lines.append(closing)
        return StageResult(
            ["store": .string(path), "pairs": .number(JSONNumber(count)), "files": .array(files)],
            text: lines.joined(separator: "\n"))
    }
}

extension ImportScreening {
    /// The counts, for a script.
    var json: JSONValue {
        [
            "clean": .number(JSONNumber(cleanCount)), "suspect": .number(JSONNumber(suspectCount)),
            "suspect_pairs": .number(JSONNumber(suspectPairCount)),
            "found": .object(
                JSONObject(kinds.map { JSONObject.Member($0.key, .number(JSONNumber($0.value))) })),
        ]
    }

    /// The counts in words.
    var words: String {
        return "privacy screen: \(counted(cleanCount, "text")) clean, \(suspectCount) suspect"
            + (found.isEmpty ? "." : " (\(foundWords)).")
            + (suspectPairCount > 0
                ? " \(counted(suspectPairCount, "pair")) with a suspect text: in no snapshot until cleared." : "")
    }

    private var kinds: [(key: String, value: Int)] {
        found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}
