internal import Dispatch
internal import GRDB

/// Moves what a large change left in the write-ahead log into the file after the change has returned.
///
/// A change is durable once it stands in the log. The connection that wrote it moves it, and nothing else is written
/// meanwhile; readers go on. The last of the stores that share a connection waits for it before it closes.
final class LateCheckpoints: Sendable {
    private let running = DispatchGroup()

    deinit { running.wait() }

    /// Returns once nothing is moved any more.
    func wait() { running.wait() }

    /// Does a change without moving its pages; they are moved once it has returned, and not where it throws.
    func after<Value>(_ pool: DatabasePool, _ change: () throws -> Value) throws -> Value {
        try pool.unsafeReentrantWrite { try Self.setLimit(0, $0) }
        do {
            let value = try change()
            moveLater(pool)
            return value
        } catch {
            try? pool.unsafeReentrantWrite { try Self.setLimit(StoreSettings.checkpointPages, $0) }
            throw error
        }
    }

    private func moveLater(_ pool: DatabasePool) {
        let running = self.running
        running.enter()
        pool.asyncWriteWithoutTransaction { database in
            defer { running.leave() }
            // What fails here is tried again by the next change that makes the log long.
            _ = try? database.checkpoint(.passive)
            try? Self.setLimit(StoreSettings.checkpointPages, database)
        }
    }

    private static func setLimit(_ pages: Int, _ database: Database) throws {
        _ = try Row.fetchOne(database, sql: "PRAGMA wal_autocheckpoint = \(pages)")
    }
}
