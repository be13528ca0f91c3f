public import Diagnostics
internal import Foundation
internal import GRDB

/// What a check of a store looked at and found sound.
public struct CheckReport: Sendable, Equatable {
    /// Imported pairs whose digests were recomputed.
    public internal(set) var pairCount = 0
    /// Candidates whose digests were recomputed.
    public internal(set) var candidateCount = 0
    /// Judgements that were counted.
    public internal(set) var judgementCount = 0
    /// Snapshots that were made again from their members and compared with their digests.
    public internal(set) var snapshotCount = 0
    /// The audit chain's last link.
    public internal(set) var auditHead = AuditHead(sequence: 0, hash: "")
    /// Files beside the store that look like its own and are not: leftovers of an interrupted backup, a journal.
    public internal(set) var orphanFiles: [String] = []
}

extension PreferenceStore {
    /// What a check does, in this order.
    public enum CheckStep: String, Sendable, CaseIterable {
        /// SQLite's integrity check and its check of foreign keys.
        case database
        /// Imported pairs against their digests.
        case pairs
        /// Candidates against their digests.
        case candidates
        /// The queue against the events.
        case queue
        /// Snapshots against their digests.
        case snapshots
        /// The audit chain.
        case audit
        /// The files beside the store.
        case files
    }

    /// Checks the whole store while it is in use; changes nothing.
    ///
    /// - Parameter progress: told each step, and how many records of it are done.
    /// - Throws: `store.damaged` or `audit.broken`, naming the first record that is not as it was written.
    @discardableResult
    public func check(progress: (_ step: CheckStep, _ done: Int) -> Void = { _, _ in }) throws(Refusal) -> CheckReport {
        let path = self.path
        var report = CheckReport()
        try reading { database in
            progress(.database, 0)
            try Self.checkDatabase(database, path: path)
            try StoredPairs.forEach(database, path: path) { _ in
                report.pairCount += 1
                if report.pairCount % 1000 == 0 { progress(.pairs, report.pairCount) }
            }
            progress(.pairs, report.pairCount)
            let candidates = try Row.fetchCursor(
                database, sql: "SELECT candidate.*, form FROM candidate JOIN prompt USING (prompt_id)")
            while let row = try candidates.next() {
                guard CandidateRows.candidate(row) != nil else {
                    throw Self.damaged("\(path), candidate row \(row["candidate_id"] as Int64)")
                }
                report.candidateCount += 1
                if report.candidateCount % 1000 == 0 { progress(.candidates, report.candidateCount) }
            }
            progress(.candidates, report.candidateCount)
            report.judgementCount = try Int.fetchOne(database, sql: "SELECT count(*) FROM judgement") ?? 0
            try QueueCheck.check(database, path: path)
            progress(.queue, report.judgementCount)
        }
        for snapshot in try snapshots() {
            _ = try self.snapshot(digest: snapshot.digest)
            report.snapshotCount += 1
            progress(.snapshots, report.snapshotCount)
        }
        report.auditHead = try verifyAudit()
        progress(.audit, Int(report.auditHead.sequence))
        report.orphanFiles = orphanFiles()
        progress(.files, report.orphanFiles.count)
        return report
    }

    /// Files whose names begin with the store's and that this program does not keep there.
    private func orphanFiles() -> [String] {
        let url = URL(fileURLWithPath: path)
        let name = url.lastPathComponent
        let kept = Set(["", "-wal", "-shm", ".lock"] + (1..<StoreSchema.version).map { ".schema-\($0)" })
        let files = (try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)) ?? []
        let suspicious = ["-journal", ".partial", ".partial-journal", ".partial-wal", ".partial-shm"]
        return files.filter { file in
            guard file.hasPrefix(name) else { return suspicious.dropFirst().contains { file.hasSuffix($0) } }
            return !kept.contains(String(file.dropFirst(name.count)))
                && suspicious.contains { file.hasSuffix($0) }
        }.sorted()
    }
}

/// The queue's state against the events that it follows from.
enum QueueCheck {
    static func check(_ database: Database, path: String) throws {
        // A place that is done has a newest answer that is neither a skip nor an undo, and the other way round.
        let wrong = try Row.fetchOne(
            database,
            sql: """
                SELECT slot.pair_id FROM judging_slot AS slot
                WHERE (state = 'done') <> coalesce((
                    SELECT choice NOT IN ('skip', 'undo') FROM judgement
                    WHERE judgement.presentation_id = slot.presentation_id ORDER BY revision DESC LIMIT 1), 0)
                UNION ALL
                SELECT slot.pair_id FROM judging_slot AS slot JOIN presentation USING (presentation_id)
                WHERE presentation.pair_id <> slot.pair_id OR presentation.slot_no <> slot.slot_no
                    OR presentation.reviewer_id <> slot.reviewer_id
                UNION ALL
                SELECT pair_id FROM judging_pair WHERE readers_wanted > (
                    SELECT count(*) FROM judging_slot WHERE judging_slot.pair_id = judging_pair.pair_id)
                LIMIT 1
                """)
        if let wrong { throw PreferenceStore.damaged("\(path), slot of pair \(wrong["pair_id"] as Int64)") }
        if let pair = try PairStanding.firstWrong(database) {
            throw PreferenceStore.damaged("\(path), standing of pair \(pair)")
        }
    }
}
