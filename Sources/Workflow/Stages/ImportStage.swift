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

        /// Options.
        public init(skipBad: Bool = false, dryRun: Bool = false) {
            self.skipBad = skipBad
            self.dryRun = dryRun
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
        let wanted = ImportOptions(skipBad: options.skipBad, dryRun: options.dryRun)
        if !TextFile.exists(path) {
            // A dry run or a refused file must not leave a new, empty store behind.
            var reports: [(String, ImportReport)] = []
            for file in files {
                let report = try listing(options.dryRun ? events : nil, events) { note throws(Refusal) in
                    try PreferenceStore.checkPairs(
                        from: file, options: wanted, progress: progress(events, "Checking"), onRefusedLine: note)
                }
                reports.append((file, report))
            }
            guard !options.dryRun else {
                return result(reports, path, count: 0, closing: "\(path) is not there and was not made.")
            }
        }
        let store = try PreferenceStore(at: path)
        var reports: [(String, ImportReport)] = []
        for file in files {
            let report = try listing(events, events) { note throws(Refusal) in
                try store.importPairs(
                    from: file, options: wanted, progress: progress(events, "Importing"), onRefusedLine: note)
            }
            reports.append((file, report))
        }
        let count = try store.pairCount()
        return result(reports, path, count: count, closing: "\(path) holds \(counted(count, "pair")).")
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
        _ reports: [(String, ImportReport)], _ path: String, count: Int, closing: String
    ) -> StageResult {
        var files: [JSONValue] = []
        var lines: [String] = []
        for (file, report) in reports {
            files.append(
                [
                    "file": .string(file), "records": .number(JSONNumber(report.recordCount)),
                    "taken": .number(JSONNumber(report.takenCount)),
                    "skipped": .number(JSONNumber(report.skippedCount)),
                    "refused": .number(JSONNumber(report.refusedCount)),
                    "refused_lines_path": report.refusedLinesPath.map { .string($0) } ?? .null,
                ])
            lines.append(
                "\(file): \(counted(report.recordCount, "record")), \(report.takenCount) new, "
                    + "\(report.skippedCount) known already, \(report.refusedCount) refused.")
            lines += report.notes.map { "\(file): \($0)." }
        }
        lines.append(closing)
        return StageResult(
            ["store": .string(path), "pairs": .number(JSONNumber(count)), "files": .array(files)],
            text: lines.joined(separator: "\n"))
    }
}
