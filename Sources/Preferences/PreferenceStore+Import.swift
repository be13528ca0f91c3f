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
        let moment = now()
        // Its size decides how it is kept; where it cannot be told, reading the file says why.
        let byteCount = (try? FileSafety.regularFile(path).bytes) ?? 0
        return try settle(byteCount, options, onRefusedLine) { keepsTexts, taking in
            try ImportPlan(
                path: path, latest: moment, keepsTexts: keepsTexts, progress: progress, taking: taking)
        }
    }

    /// Checks a plan that was made whole against the store and keeps what it takes, all of it or nothing.
    func carryOut(
        _ plan: ImportPlan, options: ImportOptions, onRefusedLine: (Refusal) -> Void
    ) throws(Refusal) -> ImportReport {
        try settle(plan.byteCount, options, onRefusedLine) { keepsTexts, taking in
            var plan = plan
            try plan.giveAway(keepsTexts: keepsTexts, taking: taking)
            return plan
        }
    }

    /// Keeps the pairs of a plan while it is made, in one transaction; nothing of it stays where anything is wrong.
    private func settle(
        _ byteCount: Int64, _ options: ImportOptions, _ onRefusedLine: (Refusal) -> Void,
        _ making: (_ keepsTexts: Bool, _ taking: ImportPlan.Taking) throws -> ImportPlan
    ) throws(Refusal) -> ImportReport {
        func run(_ database: Database, _ keeps: ImportKeeper.Keeping) throws -> Settled {
            var keeper = try ImportKeeper(database, byteCount: byteCount, keeps: keeps)
            let plan = try making(options.screen != nil) { try keeper.take($1, &$0) }
            let batches = try EarlierBatches(database, of: plan)
            if let earlier = batches.same { return Settled(plan, keeper, batches, Self.known(plan, earlier)) }
            var report = try Self.accepted(plan, at: plan.path, options: options, onRefusedLine)
            if let note = batches.note { report.notes.append(note) }
            return Settled(plan, keeper, batches, report)
        }
        if options.dryRun { return try reading { try run($0, .nothing).report } }
        func keep() throws -> ImportReport {
            try writingOrNot { database in
                let settled = try run(database, options.skipBad ? .everything : .untilRefused)
                if settled.batches.same != nil { return (settled.report, .rollback) }
                return (try finish(settled, options, database), .commit)
            }
        }
        if byteCount < ImportKeeper.largeFileBytes { return try Self.translating(path, keep) }
        return try Self.translating(path) { try lateCheckpoints.after(pool, keep) }
    }

    /// A plan whose pairs have all been given to the keeper.
    private struct Settled {
        let plan: ImportPlan
        let keeper: ImportKeeper
        let batches: EarlierBatches
        let report: ImportReport

        init(_ plan: ImportPlan, _ keeper: ImportKeeper, _ batches: EarlierBatches, _ report: ImportReport) {
            self.plan = plan
            self.keeper = keeper
            self.batches = batches
            self.report = report
        }
    }

    /// The report of a file that is in the store already.
    private static func known(_ plan: ImportPlan, _ earlier: (batch: Int64, at: String)) -> ImportReport {
        var report = ImportReport()
        report.batch = earlier.batch
        report.alreadyImported = earlier.at
        report.recordCount = plan.recordCount
        report.skippedCount = plan.recordCount
        report.notes = ["already imported on \(earlier.at) as batch \(earlier.batch); 0 new"]
        return report
    }

    /// Writes what belongs to an import besides its pairs, and sets its refused lines aside.
    private func finish(
        _ settled: Settled, _ options: ImportOptions, _ database: Database
    ) throws -> ImportReport {
        let (plan, batches) = (settled.plan, settled.batches)
        var report = settled.report
        try settled.keeper.finish()
        let screenings = report.screening?.results ?? []
        let screened = auditEvent("screen", "screening", "\(screenings.count) texts", after: nil)
        // Who chose not to look for identifiers, and when, is part of what happened.
        let isScreened = options.screen != nil || options.isScreenedAlready
        let action = isScreened ? "import" : "import-unscreened"
        let event = auditEvent(action, "import_batch", batches.digest, after: plan.takenDigest)
        try database.execute(
            sql: """
                INSERT INTO import_batch (batch_id, file_name, file_sha256, file_bytes, line_count, taken_count,
                    skipped_count, refused_count, importer_version, imported_by, imported_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                settled.keeper.batch, URL(fileURLWithPath: plan.path).lastPathComponent, batches.digest,
                plan.byteCount, plan.lineCount, report.takenCount, report.skippedCount, report.refusedCount,
                batches.importerVersion, actor, event.at,
            ])
        try Screenings.keep(screenings, screened, database)
        try AuditChain.append(event, database)
        if report.refusedCount > 0 {
            report.refusedLinesPath = try plan.setRefusedAside(
                at: options.refusedLinesPath ?? plan.path + ".refused")
        }
        report.batch = settled.keeper.batch
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
        var options = options
        options.dryRun = true
        let plan = try translating(path) {
            try ImportPlan(
                path: path, latest: UTCTime.current(), keepsTexts: options.screen != nil, progress: progress
            ) { plan, candidates in
                for candidate in candidates { plan.take(candidate) }
            }
        }
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
        if options.refusesSuspects { try report.screening?.refuse(in: path, onRefusedLine) }
        if options.dryRun { report.notes.append("dry run: nothing was changed") }
        return report
    }
}
