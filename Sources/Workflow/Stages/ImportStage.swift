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
    /// - Throws: the first file's refusal; files before it stay imported.
    public static func run(
        files: [String], store path: String, options: Options, events: StageEvents
    ) throws(Refusal) -> StageResult {
        // A dry run or a missing file must not leave a new, empty store behind.
        for file in files { try TextFile.requireFile(file, code: "import") }
        let store = try PreferenceStore(at: path)
        var reports: [JSONValue] = []
        var lines: [String] = []
        for file in files {
            let report = try store.importPairs(
                from: file, options: ImportOptions(skipBad: options.skipBad, dryRun: options.dryRun),
                progress: { read, total in
                    events.progress(
                        StageProgress("Importing", done: Int(read >> 10), total: Int(total >> 10), unit: "KiB"))
                },
                onRefusedLine: { events.say($0.description) })
            reports.append(
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
        let count = try store.pairCount()
        lines.append("\(path) holds \(counted(count, "pair")).")
        return StageResult(
            ["store": .string(path), "pairs": .number(JSONNumber(count)), "files": .array(reports)],
            text: lines.joined(separator: "\n"))
    }
}
