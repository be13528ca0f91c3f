public import Diagnostics
internal import Foundation
internal import GRDB
internal import StrictJSON

extension PreferenceStore {
    /// Imports a JSONL file in TRL's preference format, with Overread's optional fields; others are kept as they are.
    ///
    /// The whole file is read and checked first, against itself and against the store; then one transaction keeps it.
    /// A file that is in the store already changes nothing, nor does a pair that is.
    ///
    /// - Parameters:
    ///   - path: a regular file of UTF-8 text, one object a line, lines of at most 4 MiB.
    ///   - options: what happens to refused lines, and whether anything is changed at all.
    ///   - progress: told how many of the file's bytes have been read.
    ///   - onRefusedLine: told of each of the first 20 refused lines, before anything is thrown.
    /// - Throws: without `skipBad`, the refusal of the only refused line, or `import.refused-lines` with their count and
    ///   the first; the store is then as it was.
    public func importPairs(
        from path: String, options: ImportOptions = ImportOptions(),
        progress: (_ bytesRead: Int64, _ byteCount: Int64) -> Void = { _, _ in },
        onRefusedLine: (Refusal) -> Void = { _ in }
    ) throws(Refusal) -> ImportReport {
        try carryOut(
            try ImportPlan(path: path, latest: now(), progress: progress), options: options,
            onRefusedLine: onRefusedLine)
    }

    /// Checks a plan against the store and keeps what it takes, all of it or nothing.
    func carryOut(
        _ plan: ImportPlan, options: ImportOptions, onRefusedLine: (Refusal) -> Void
    ) throws(Refusal) -> ImportReport {
        var plan = plan
        let path = plan.path
        let store = self.path
        let batches = try reading { try EarlierBatches($0, of: plan) }
        if let earlier = batches.same {
            var report = ImportReport()
            report.batch = earlier.batch
            report.alreadyImported = earlier.at
            report.recordCount = plan.recordCount
            report.skippedCount = plan.recordCount
            report.notes = ["already imported on \(earlier.at) as batch \(earlier.batch); 0 new"]
            return report
        }
        plan = try reading { database in
            var plan = plan
            try plan.checkAgainstStore(database, path: store)
            return plan
        }
        var report = try Self.accepted(plan, at: path, options: options, onRefusedLine)
        if let note = batches.note { report.notes.append(note) }
        if options.dryRun { return report }
        let screenings = report.screening?.results ?? []
        let screened = auditEvent("screen", "screening", "\(screenings.count) texts", after: nil)
        if report.refusedCount > 0 {
            report.refusedLinesPath = try plan.setRefusedAside(at: options.refusedLinesPath ?? path + ".refused")
        }
        let event = auditEvent("import", "import_batch", batches.digest, after: plan.takenDigest)
        let moment = event.at
        let actor = self.actor
        report.batch = try writing { database in
            try database.execute(
                sql: """
                    INSERT INTO import_batch (file_name, file_sha256, file_bytes, line_count, taken_count, skipped_count,
                        refused_count, importer_version, imported_by, imported_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    URL(fileURLWithPath: path).lastPathComponent, batches.digest, plan.byteCount, plan.lineCount,
                    report.takenCount, report.skippedCount, report.refusedCount, batches.importerVersion, actor, moment,
                ])
            let batch = database.lastInsertedRowID
            try Screenings.keep(screenings, screened, database)
            try PairRows.insert(plan.taken, batch: batch, database)
            try AuditChain.append(event, database)
            return batch
        }
        return report
    }

    /// Reads and checks a file as an import into a new store would, and makes no store.
    ///
    /// - Parameters:
    ///   - path: as for `importPairs`.
    ///   - options: whether refused lines are suffered.
    ///   - progress: told how many of the file's bytes have been read.
    ///   - onRefusedLine: told of each of the first 20 refused lines.
    /// - Returns: what an import would report, without a batch.
    /// - Throws: what an import would throw.
    public static func checkPairs(
        from path: String, options: ImportOptions = ImportOptions(),
        progress: (_ bytesRead: Int64, _ byteCount: Int64) -> Void = { _, _ in },
        onRefusedLine: (Refusal) -> Void = { _ in }
    ) throws(Refusal) -> ImportReport {
        let plan = try ImportPlan(path: path, latest: UTCTime.current(), progress: progress)
        var options = options
        options.dryRun = true
        return try accepted(plan, at: path, options: options, onRefusedLine)
    }

    /// The report of a plan that may go on; refuses one with refused lines, unless they are suffered, and an empty one.
    static func accepted(
        _ plan: ImportPlan, at path: String, options: ImportOptions, _ onRefusedLine: (Refusal) -> Void
    ) throws(Refusal) -> ImportReport {
        var report = plan.report
        for line in report.refusedLines { onRefusedLine(line.refusal) }
        if let first = report.refusedLines.first, !options.skipBad {
            if report.refusedCount == 1 { throw first.refusal }
            throw Refusal(
                code: "import.refused-lines", at: path,
                "\(report.refusedCount) of \(report.recordCount) lines are refused and nothing was taken; the first: "
                    + "\(first.refusal.location): \(first.refusal.problem)",
                mend: "mend them, or take the good lines and set the others aside with --skip-bad")
        }
        guard plan.recordCount > 0 else {
            throw Refusal(code: "file.empty", at: path, "no record at all", mend: "give a file with one record a line")
        }
        report.screening = options.screen.map { ImportScreening(plan.taken, file: path, by: $0) }
        if options.dryRun { report.notes.append("dry run: nothing was changed") }
        return report
    }
}
