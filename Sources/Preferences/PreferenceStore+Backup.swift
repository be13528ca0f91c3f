public import Diagnostics
internal import Foundation
internal import GRDB

/// A backup that was written and verified.
public struct BackupReport: Sendable, Equatable {
    /// The file.
    public let path: String
    /// Its size.
    public let byteCount: Int64
    /// Its SHA-256, 64 hexadecimal digits.
    public let sha256: String
    /// How many imported pairs it holds.
    public let pairCount: Int
    /// How many judgements it holds.
    public let judgementCount: Int
    /// The last link of its audit chain; keep it elsewhere, and a cut tail can be seen.
    public let auditHead: AuditHead
}

extension PreferenceStore {
    /// Copies the store while it is in use, verifies the copy and puts it in its place.
    ///
    /// SQLite's online backup inside one read transaction: the copy is the store at one moment, and writers do not wait
    /// for it nor start it over. The copy is made as `<path>.partial`, checked (integrity, foreign keys, audit chain),
    /// made durable and renamed: the place holds a good backup or nothing. Mode 0600: it holds report text.
    ///
    /// - Parameters:
    ///   - path: where it goes; nothing is there yet.
    ///   - progress: told how many of the database's pages have been copied.
    /// - Throws: `file.exists`, `store.damaged`, `store.disk-full` or another refusal; the store is as it was.
    public func backup(
        to path: String, progress: (_ pagesCopied: Int, _ pageCount: Int) -> Void = { _, _ in }
    ) throws(Refusal) -> BackupReport {
        let report = try writeBackup(to: path, progress: progress)
        let event = auditEvent("backup", "store", report.auditHead.hash, after: report.sha256)
        try writing { try AuditChain.append(event, $0) }
        return report
    }

    /// The backup without its audit event.
    func writeBackup(to path: String, progress: (Int, Int) -> Void) throws(Refusal) -> BackupReport {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Refusal(
                code: "file.exists", at: path, "it exists already; nothing is written over", mend: "give another name")
        }
        let partial = path + ".partial"
        try FileSafety.createPrivate(partial)
        do throws(Refusal) {
            try copy(to: partial, progress: progress)
            let report = try Self.verifiedBackup(partial, named: path)
            try FileSafety.moveDurably(partial, to: path)
            return report
        } catch {
            for suffix in ["", "-journal", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: partial + suffix)
            }
            throw error
        }
    }

    private func copy(to partial: String, progress: (Int, Int) -> Void) throws(Refusal) {
        let pool = self.pool
        try Self.translating(partial) {
            try withoutActuallyEscaping(progress) { progress in
                try pool.read { source in
                    let target = try DatabaseQueue(path: partial)
                    try target.writeWithoutTransaction { target in
                        try source.backup(to: target, pagesPerStep: 512) { state in
                            progress(state.completedPageCount, state.totalPageCount)
                        }
                        _ = try Row.fetchOne(target, sql: "PRAGMA journal_mode = DELETE")
                    }
                    try target.close()
                }
            }
        }
    }

    private static func verifiedBackup(_ partial: String, named path: String) throws(Refusal) -> BackupReport {
        var configuration = Configuration()
        configuration.readonly = true
        let found = try translating(partial) {
            let queue = try DatabaseQueue(path: partial, configuration: configuration)
            let found = try queue.read { database in
                try checkDatabase(database, path: partial)
                return (
                    head: try AuditChain.verify(database, expecting: nil, path: partial),
                    pairs: try Int.fetchOne(database, sql: "SELECT count(*) FROM pair") ?? 0,
                    judgements: try database.tableExists("judgement")
                        ? try Int.fetchOne(database, sql: "SELECT count(*) FROM judgement") ?? 0 : 0
                )
            }
            try queue.close()
            return found
        }
        var digest = FileDigest()
        let handle = try FileSafety.open(partial)
        defer { try? handle.close() }
        var count: Int64 = 0
        while true {
            let piece = try FileSafety.read(handle, 1 << 20, path: partial)
            if piece.isEmpty { break }
            digest.add(piece)
            count += Int64(piece.count)
        }
        return BackupReport(
            path: path, byteCount: count, sha256: digest.finishedHex(), pairCount: found.pairs,
            judgementCount: found.judgements, auditHead: found.head)
    }

    /// SQLite's whole integrity check and its check of foreign keys.
    static func checkDatabase(_ database: Database, path: String) throws {
        guard try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") == "ok" else { throw damaged(path) }
        guard try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") == nil else {
            throw Refusal(
                .environment, code: "store.damaged", at: path, "a record refers to one that is not there",
                mend: "go back to the last backup")
        }
    }
}
