public import Diagnostics
internal import Foundation
internal import GRDB

/// A department's preferences in one SQLite file: who preferred what, for which prompt, from which import.
///
/// One process at a time holds a store (an advisory lock on `<path>.lock`), and one connection in it writes and
/// checkpoints. A change is on the disk when the call that makes it returns: WAL with `synchronous = FULL`.
public final class PreferenceStore: Sendable {
    /// The version that import batches record.
    public static let importerVersion = "1"
    /// The schema that this program writes.
    public static let schemaVersion = StoreSchema.version

    /// The database file.
    public let path: String
    /// Who acts, for the audit chain.
    public let actor: String
    /// Goes before the pool, so that it has ended when that closes.
    let lateCheckpoints: LateCheckpoints
    let pool: DatabasePool
    let now: @Sendable () -> UTCTime
    /// Where the draws of sides and of the queue come from.
    let randomness: @Sendable () -> UInt64
    /// The session in which the actor acts, and the address that it came from, for the audit chain.
    let session: String?
    let address: String?
    private let lock: StoreLock

    /// Opens a store, or makes a new one where nothing is; mode 0600.
    ///
    /// - Parameters:
    ///   - path: the database file; its folder exists.
    ///   - actor: who acts, for the audit chain: an account's key, not a person's name.
    ///   - lockPatienceSeconds: how long another process may keep the store before this one gives up.
    ///   - now: the clock.
    ///   - randomness: where the draws of sides and of the queue come from: 64 even bits each time, from the system's
    ///     secure source unless a test gives another. Secrets never come from here.
    /// - Throws: `store.locked`, `store.not-a-store`, `store.newer`, `store.damaged`, `store.settings` or a refusal of
    ///   the file system. A file that is not a preference store is left untouched.
    public init(
        at path: String, actor: String = "local", lockPatienceSeconds: Double = 5,
        now: @escaping @Sendable () -> UTCTime = UTCTime.current,
        randomness: @escaping @Sendable () -> UInt64 = {
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
    ) throws(Refusal) {
        self.path = path
        self.actor = actor
        self.now = now
        self.randomness = randomness
        session = nil
        address = nil
        lateCheckpoints = LateCheckpoints()
        try Self.refuseNetworkFileSystem(path)
        let lock = try StoreLock(forStore: path, patienceSeconds: lockPatienceSeconds)
        self.lock = lock
        var found = 0
        if FileManager.default.fileExists(atPath: path) {
            do throws(Refusal) {
                found = try Self.checkExisting(path)
            } catch {
                if error.code == "store.not-a-store" { lock.undo() }
                throw error
            }
        } else {
            try FileSafety.createPrivate(path)
        }
        pool = try Self.translating(path) {
            let pool = try DatabasePool(path: path, configuration: StoreSettings.configuration)
            try StoreSettings.apply(to: pool)
            return pool
        }
        try StoreSettings.verify(pool, path: path)
        let pool = self.pool
        let created = auditEvent("create", "store", UUID().uuidString.lowercased(), after: nil)
        let migrated = auditEvent("migrate", "store", "", after: nil)
        if found > 0, found < StoreSchema.version { try keepOlder(schema: found) }
        try Self.translating(path) {
            try StoreSchema.migrator(recording: migrated).migrate(pool)
            try pool.write { database in
                guard try Row.fetchOne(database, sql: "SELECT 1 FROM store_identity") == nil else { return }
                try database.execute(
                    sql: "INSERT INTO store_identity VALUES (1, ?, ?)", arguments: [created.objectID, created.at])
                try AuditChain.append(created, database)
            }
        }
        let verdict = try Self.translating(path) {
            try pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        }
        guard verdict == "ok" else { throw Self.damaged(path) }
    }

    /// The same store, whose changes are recorded as another actor's.
    private init(_ store: PreferenceStore, actor: String, session: String?, address: String?) {
        path = store.path
        lateCheckpoints = store.lateCheckpoints
        pool = store.pool
        now = store.now
        randomness = store.randomness
        lock = store.lock
        self.actor = actor
        self.session = session
        self.address = address
    }

    /// The same store (file, lock and connection), whose changes are recorded as another actor's.
    ///
    /// - Parameters:
    ///   - actor: who acts: an account's key, not a person's name.
    ///   - session: SHA-256 of the session's token.
    ///   - address: where the request came from.
    public func acting(as actor: String, session: String? = nil, address: String? = nil) -> PreferenceStore {
        PreferenceStore(self, actor: actor, session: session, address: address)
    }

    /// The version of the SQLite library in this process, such as `3.40.1`.
    public static var sqliteVersion: String {
        (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }).flatMap { $0 } ?? "?"
    }

    /// How many pairs the store holds.
    public func pairCount() throws(Refusal) -> Int {
        try reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM pair") ?? 0 }
    }

    /// Closes the file now rather than when the last holder lets go of the store; nothing can be asked of it after.
    ///
    /// For a program that ends while others of its threads may still hold the store.
    ///
    /// - Throws: when something is still being read or written.
    public func close() throws(Refusal) {
        lateCheckpoints.wait()
        // The readers first: the last connection to close empties the write-ahead log, and theirs may not.
        pool.invalidateReadOnlyConnections()
        try Self.translating(path) { try pool.close() }
    }

    // MARK: Access

    /// One read transaction.
    func reading<Value>(_ body: (Database) throws -> Value) throws(Refusal) -> Value {
        try Self.translating(path) { try pool.read(body) }
    }

    /// One IMMEDIATE transaction: all of it is kept, or none; inside ``together(_:)`` a savepoint of the common one.
    func writing<Value>(_ body: (Database) throws -> Value) throws(Refusal) -> Value {
        try writingOrNot { (try body($0), .commit) }
    }

    /// ``writing(_:)`` for work that may turn out to have nothing to keep.
    func writingOrNot<Value>(
        _ body: (Database) throws -> (Value, Database.TransactionCompletion)
    ) throws(Refusal) -> Value {
        try Self.translating(path) {
            try pool.unsafeReentrantWrite { database in
                var value: Value?
                let run: () throws -> Database.TransactionCompletion = {
                    let (result, completion) = try body(database)
                    value = result
                    return completion
                }
                if database.isInsideTransaction {
                    try database.inSavepoint(run)
                } else {
                    try database.inTransaction(.immediate, run)
                }
                guard let value else { throw Self.damaged(path) }
                return value
            }
        }
    }

    /// Does several works in one transaction: what is kept of them is on the disk together when this returns.
    ///
    /// A work that throws is undone alone, and its refusal stands in its place. Works call this store, or one that
    /// ``acting(as:session:address:)`` made of it, and do nothing slow.
    ///
    /// - Returns: a refusal for each work that was refused, nil for each that was done, in their order.
    /// - Throws: when the common transaction fails; nothing of any work is then kept.
    public func together(_ works: [() throws -> Void]) throws(Refusal) -> [Refusal?] {
        try writing { _ in works.map(refusal(of:)) }
    }

    /// What a work of several is refused with.
    private func refusal(of work: () throws -> Void) -> Refusal? {
        do throws(Refusal) {
            try Self.translating(path, work)
            return nil
        } catch {
            return error
        }
    }

    /// Runs database work and turns SQLite's errors into refusals that quote no SQL and no data.
    static func translating<Value>(_ path: String, _ body: () throws -> Value) throws(Refusal) -> Value {
        do {
            return try body()
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as DatabaseError {
            throw refusal(for: error.resultCode, path)
        } catch {
            throw Refusal(
                .ourBug, code: "store.failed", at: path, "the database library failed in a way that is not known",
                mend: "report it; nothing was changed")
        }
    }

    private static func refusal(for code: ResultCode, _ path: String) -> Refusal {
        switch code {
        case .SQLITE_NOTADB: notAStore(path)
        case .SQLITE_CORRUPT: damaged(path)
        case .SQLITE_FULL:
            Refusal(
                .environment, code: "store.disk-full", at: path, "the disk is full; nothing was changed",
                mend: "free some space and try again")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            Refusal(
                .environment, code: "store.locked", at: path, "another program kept the database for 5 seconds",
                mend: "close it and try again")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
            Refusal(
                .environment, code: "store.not-writable", at: path, "the store or its folder may not be written",
                mend: "give this account the right to write both")
        case .SQLITE_IOERR:
            Refusal(
                .environment, code: "store.disk-error", at: path, "reading or writing the disk failed",
                mend: "check the disk, then run the check")
        default:
            Refusal(
                .ourBug, code: "store.failed", at: path,
                "SQLite answered with code \(code.rawValue); nothing was changed",
                mend: "report it")
        }
    }

    static func notAStore(_ path: String) -> Refusal {
        Refusal(
            code: "store.not-a-store", at: path, "the file is not a preference store; nothing was changed",
            mend: "give a store that Overread made, or a name where nothing is yet")
    }

    static func damaged(_ path: String) -> Refusal {
        Refusal(
            .environment, code: "store.damaged", at: path, "the store is damaged; nothing was changed",
            mend: "go back to the last backup")
    }

    /// Keeps a copy of a store of an older schema beside it, as `<path>.schema-1`, before it is migrated.
    private func keepOlder(schema: Int) throws(Refusal) {
        let copy = path + ".schema-\(schema)"
        if FileManager.default.fileExists(atPath: copy) { return }
        _ = try writeBackup(to: copy, progress: { _, _ in })
    }

    /// Looks at an existing file, before any setting is changed in it.
    ///
    /// - Returns: the schema's number; 0 for an empty file.
    private static func checkExisting(_ path: String) throws(Refusal) -> Int {
        guard let identity = try? FileSafety.regularFile(path) else { throw notAStore(path) }
        if identity.bytes == 0 { return 0 }
        let found = try translating(path) {
            try readExisting(path) { database in
                (
                    application: try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                    version: try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
                    // A kill in a store's first moments may leave the migrator's own table, still empty.
                    tables: try Int.fetchOne(
                        database, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") ?? 0,
                    superseded: try StoreSchema.migrator().hasBeenSuperseded(database)
                )
            }
        }
        if found.application == 0, found.version == 0, found.tables == 0 { return 0 }
        guard found.application == StoreSchema.applicationID else { throw notAStore(path) }
        guard found.version <= StoreSchema.version, !found.superseded else {
            throw Refusal(
                code: "store.newer", at: path,
                "written by a newer program (schema \(found.version); this one knows up to \(StoreSchema.version)); "
                    + "nothing was changed", mend: "use the newer program")
        }
        return found.version
    }

    /// Reads an existing file through a read-only connection.
    ///
    /// A kill before a new store's write-ahead log is there leaves a rollback journal, which such a connection may not
    /// play back (SQLite, "Result Codes", SQLITE_READONLY_ROLLBACK); then one that may write does so, and only that. A
    /// journal that goes back to anything but an empty file is not a store's, and is left to its owner.
    private static func readExisting<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read(body)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
            guard journalLeadsToNothing(path) else { throw notAStore(path) }
            configuration.readonly = false
            return try DatabaseQueue(path: path, configuration: configuration).read(body)
        }
    }

    /// Whether the journal beside a file goes back to an empty one: bytes 16 to 19 of its header are the pages that the
    /// file had (SQLite, "Database File Format", section 3).
    private static func journalLeadsToNothing(_ path: String) -> Bool {
        guard let journal = FileHandle(forReadingAtPath: path + "-journal") else { return false }
        defer { try? journal.close() }
        guard let header = try? journal.read(upToCount: 20), header.count == 20 else { return false }
        return header.suffix(4).allSatisfy { $0 == 0 }
    }
}
