import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("Stores of an earlier schema")
struct MigrationTests {
    static let digest = "e429bbd8fd65f815d75b9268f61b2a6e15be69402326da3b48b5512220296988"
    static let head = AuditHead(
        sequence: 4, hash: "aeafcaff621fd30bc3d343e0e24c9c3a02a8dd13dd0bd63a4cfe07f79685419a")

    /// A copy of the store that schema 1 made.
    func versionOne(_ scratch: Scratch) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Golden/store-v1", withExtension: "sqlite"))
        let bytes = [UInt8](try Data(contentsOf: url))
        _ = try scratch.file("store.sqlite", bytes)
        return bytes
    }

    @Test("a store that schema 1 made opens with all it held, and its snapshot and audit chain are as they were")
    func migrates() throws {
        let scratch = try Scratch()
        _ = try versionOne(scratch)
        let store = try scratch.store()
        #expect(try store.pairCount() == 14)
        let snapshot = try store.snapshot(digest: Self.digest)
        #expect(snapshot.train.count + snapshot.heldOut.count == 14)
        #expect(try store.verifyAudit(expecting: Self.head).sequence == 5)
        #expect(try store.makeSnapshot(SnapshotOptions(heldOutFraction: 0.3)).manifest == snapshot.manifest)
        #expect(try store.check().snapshotCount == 1)
        let version = try store.reading { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(version == PreferenceStore.schemaVersion)
        let event = try store.reading { try Row.fetchOne($0, sql: "SELECT * FROM audit_event WHERE sequence = 5") }
        #expect(event?["action"] == "migrate" && event?["object_id"] == "schema 1 to 2")
    }

    @Test("the older store is kept beside the new one before it is changed, and only the first time")
    func keepsOlder() throws {
        let scratch = try Scratch()
        _ = try versionOne(scratch)
        _ = try scratch.store()
        #expect(try scratch.mode("store.sqlite.schema-1") == 0o600)
        let kept = try DatabaseQueue(path: scratch.path("store.sqlite.schema-1"))
        #expect(try kept.inDatabase { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
        #expect(try kept.inDatabase { try Int.fetchOne($0, sql: "SELECT count(*) FROM pair") } == 14)
        let before = try scratch.bytes("store.sqlite.schema-1")
        #expect(try scratch.store().check().orphanFiles.isEmpty)
        #expect(try scratch.bytes("store.sqlite.schema-1") == before)
    }

    @Test("a migrated store and a new one have the same tables, indices and triggers")
    func sameSchema() throws {
        let scratch = try Scratch()
        _ = try versionOne(scratch)
        func schema(_ store: PreferenceStore) throws -> [String] {
            try store.reading {
                try String.fetchAll(
                    $0, sql: "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema")
            }.sorted()
        }
        #expect(try schema(scratch.store()) == schema(scratch.store("new.sqlite")))
    }

    @Test("a migration that fails leaves the store as it was")
    func failedMigration() throws {
        let scratch = try Scratch()
        _ = try versionOne(scratch)
        try DatabaseQueue(path: scratch.path("store.sqlite")).inDatabase {
            try $0.execute(sql: "CREATE TABLE judgement (other TEXT)")
        }
        #expect(throws: Refusal.self) { try scratch.store() }
        let left = try DatabaseQueue(path: scratch.path("store.sqlite"))
        #expect(try left.inDatabase { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
        #expect(try left.inDatabase { try !$0.tableExists("candidate") })
        #expect(try left.inDatabase { try Int.fetchOne($0, sql: "SELECT count(*) FROM pair") } == 14)
    }
}
