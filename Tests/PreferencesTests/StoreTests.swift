import Diagnostics
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("The preference store: opening and keeping")
struct StoreTests {
    @Test("every setting reads back on the writer, and readers never checkpoint")
    func settings() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let writer = try store.pool.writeWithoutTransaction { try StoreSettings.read($0) }
        #expect(
            writer == [
                "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "trusted_schema": "0",
                "cell_size_check": "1", "recursive_triggers": "1", "mmap_size": "0", "secure_delete": "1",
                "busy_timeout": "5000", "wal_autocheckpoint": "4000",
            ])
        let reader = try store.pool.read { try StoreSettings.read($0) }
        #expect(reader["wal_autocheckpoint"] == "0")
    }

    @Test("a setting that does not stick is refused")
    func settingLost() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        try store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
        let refusal = #expect(throws: Refusal.self) { try StoreSettings.verify(store.pool, path: "s") }
        #expect(refusal?.code == "store.settings")
    }

    @Test("a new store carries our application id and schema number, strict tables, and mode 0600")
    func newStore() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        try store.pool.read { database in
            #expect(try Int.fetchOne(database, sql: "PRAGMA application_id") == 0x4F76_5264)
            #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == 4)
            let loose = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict
                        AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                    """)
            #expect(loose.isEmpty)
        }
        #expect(try scratch.mode("store.sqlite") == 0o600)
        #expect(try scratch.mode("store.sqlite-wal") == 0o600)
        #expect(try scratch.mode("store.sqlite.lock") == 0o600)
    }

    @Test("a second opener is refused and told who holds the store, and may come when the first is gone")
    func singleHolder() throws {
        let scratch = try Scratch()
        var first: PreferenceStore? = try scratch.store()
        let refusal = #expect(throws: Refusal.self) { try scratch.store() }
        #expect(refusal?.code == "store.locked")
        #expect(refusal?.kind == .environment)
        #expect(refusal?.problem.contains("process \(ProcessInfo.processInfo.processIdentifier) since") == true)
        #expect(try first?.pairCount() == 0)
        first = nil
        #expect(try scratch.store().pairCount() == 0)
    }

    @Test("a store opens again with what it held")
    func reopen() throws {
        let scratch = try Scratch()
        let file = try scratch.file("a.jsonl", record(1) + record(2))
        let head = try {
            let store = try scratch.store()
            _ = try store.importPairs(from: file)
            return try store.auditHead()
        }()
        let store = try scratch.store()
        #expect(try store.pairCount() == 2)
        #expect(try store.verifyAudit(expecting: head) == head)
        try store.check()
    }

    @Test("what is not a preference store is refused and left byte for byte as it was")
    func otherFiles() throws {
        let scratch = try Scratch()
        let text = try scratch.file("text.sqlite", String(repeating: "not a database ", count: 100))
        #expect(throws: Refusal.self) { try PreferenceStore(at: text) }
        #expect(try scratch.bytes("text.sqlite").count == 1500)
        try DatabaseQueue(path: scratch.path("other.sqlite")).write { try $0.execute(sql: "CREATE TABLE t (a)") }
        let before = try scratch.bytes("other.sqlite")
        let refusal = #expect(throws: Refusal.self) { try scratch.store("other.sqlite") }
        #expect(refusal?.code == "store.not-a-store")
        #expect(try scratch.bytes("other.sqlite") == before)
        try FileManager.default.createDirectory(
            atPath: scratch.path("folder.sqlite"), withIntermediateDirectories: false)
        let folder = #expect(throws: Refusal.self) { try scratch.store("folder.sqlite") }
        #expect(folder?.code == "store.not-a-store")
    }

    @Test("a store of a newer schema is refused by name and left as it was")
    func newer() throws {
        let scratch = try Scratch()
        _ = try scratch.store()
        try DatabaseQueue(path: scratch.path("store.sqlite")).inDatabase {
            try $0.execute(sql: "PRAGMA user_version = 14")
        }
        let refusal = #expect(throws: Refusal.self) { try scratch.store() }
        #expect(refusal?.code == "store.newer")
        #expect(refusal?.problem.contains("schema 14") == true)
        let version = try DatabaseQueue(path: scratch.path("store.sqlite")).read {
            try Int.fetchOne($0, sql: "PRAGMA user_version")
        }
        #expect(version == 14)
    }

    @Test("an empty file becomes a store: it is what a crash at the first moment leaves")
    func emptyFile() throws {
        let scratch = try Scratch()
        _ = try scratch.file("store.sqlite", "")
        #expect(try scratch.store().pairCount() == 0)
    }

    @Test("recorded rows can be neither changed, removed nor replaced")
    func appendOnly() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", record(1) + record(2)))
        _ = try store.makeSnapshot(SnapshotOptions(heldOutFraction: 0))
        let tables = [
            ("store_identity", "store_id"), ("import_batch", "file_name"), ("prompt", "content"), ("pair", "chosen"),
            ("snapshot", "manifest"), ("snapshot_member", "split"), ("audit_event", "actor"),
        ]
        for (table, column) in tables {
            for sql in [
                "UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)",
                "INSERT OR REPLACE INTO \(table) SELECT * FROM \(table)",
            ] {
                #expect(throws: DatabaseError.self) { try store.pool.write { try $0.execute(sql: sql) } }
            }
        }
        #expect(throws: DatabaseError.self) {
            try store.pool.write { database in
                try database.execute(sql: "INSERT INTO snapshot_member SELECT 1, 2, 'train' FROM pair LIMIT 1")
            }
        }
        try store.check()
    }

    @Test("a pair altered behind the store's back is found")
    func alteredPair() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", record(1) + record(2)))
        try store.pool.write {
            try $0.execute(sql: "DROP TRIGGER pair_refuses_update; UPDATE pair SET chosen = 'other' WHERE pair_id = 2")
        }
        let refusal = #expect(throws: Refusal.self) { try store.check() }
        #expect(refusal?.code == "store.damaged")
        #expect(refusal?.location.hasSuffix("pair row 2") == true)
        #expect(throws: Refusal.self) { try store.makeSnapshot() }
    }

    @Test("the file system of a folder is that of its longest mount point")
    func fileSystems() {
        let mounts = "overlay / overlay rw 0 0\nserver:/x /data nfs4 rw 0 0\ntmpfs /data/local tmpfs rw 0 0\n"
        #expect(PreferenceStore.fileSystemType(ofFolder: "/data/a", mounts: mounts) == "nfs4")
        #expect(PreferenceStore.fileSystemType(ofFolder: "/data/local", mounts: mounts) == "tmpfs")
        #expect(PreferenceStore.fileSystemType(ofFolder: "/database", mounts: mounts) == "overlay")
        #expect(PreferenceStore.networkFileSystems.contains("nfs4"))
    }
}
