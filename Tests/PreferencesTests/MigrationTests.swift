import Diagnostics
import Foundation
import GRDB
import StrictJSON
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
        #expect(try store.verifyAudit(expecting: Self.head).sequence == 7)
        #expect(try store.makeSnapshot(SnapshotOptions(heldOutFraction: 0.3)).manifest == snapshot.manifest)
        #expect(try store.check().snapshotCount == 1)
        let version = try store.reading { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(version == PreferenceStore.schemaVersion)
        let steps = try store.reading {
            try String.fetchAll(
                $0, sql: "SELECT action || ' ' || object_id FROM audit_event WHERE sequence > 4 ORDER BY sequence")
        }
        #expect(steps == ["migrate schema 1 to 2", "migrate schema 2 to 3", "migrate schema 3 to 4"])
    }

    @Test("a store that schema 2 made opens with its queue, answers and decisions, and readers go on where they were")
    func migratesJudging() throws {
        let scratch = try Scratch()
        let url = try #require(Bundle.module.url(forResource: "Golden/store-v2", withExtension: "sqlite"))
        _ = try scratch.file("store.sqlite", [UInt8](try Data(contentsOf: url)))
        let store = try scratch.store()
        let head = AuditHead(
            sequence: 32, hash: "29609db1a4245cab311e659bff7472af5c0f317f0793a52ed17896c728694f34")
        #expect(try store.verifyAudit(expecting: head).sequence == 34)
        let report = try store.check()
        #expect(report.judgementCount == 10 && report.snapshotCount == 1 && report.candidateCount == 26)
        #expect(try store.pairCount() == 6 && store.judgingPairCount() == 12)
        #expect(try store.conflicts().isEmpty)
        #expect(try store.verdict(ofPair: 3).verdict == .adjudicated(.x))
        let progress = try store.reviewFigures(resamples: 100).progress
        #expect(progress.map(\.purpose) == [.train, .winRate, .gold, .calibration])
        #expect(progress.map(\.pairs) == [10, 1, 1, 0])
        #expect(progress[0].adjudicated == 1 && progress[0].held == 2 && progress[0].leased == 2)
        let lanes = try store.reading {
            try String.fetchAll($0, sql: "SELECT DISTINCT lane || ' ' || specialty FROM judging_slot ORDER BY 1")
        }
        #expect(lanes == ["arena ", "gold neuro", "judge ", "judge neuro"])
        // What was leased is still that reader's; what was answered is not given again.
        #expect(try store.leaseNext(for: "c")?.attempt == 1)
        #expect(try store.guideline()?.name == "1")
        #expect(try store.queuePolicy() == QueuePolicy())
    }

    @Test("a store that schema 3 made opens with its pairs byte for byte, and still knows each of them")
    func migratesPairs() throws {
        let scratch = try Scratch()
        let url = try #require(Bundle.module.url(forResource: "Golden/store-v3", withExtension: "sqlite"))
        let old = try scratch.file("store.sqlite", [UInt8](try Data(contentsOf: url)))
        func rows(_ database: Database, digest: (String) -> String) throws -> [String] {
            let columns = try database.columns(in: "pair").map(\.name).map {
                $0.hasSuffix("_sha256") ? "\(digest($0)) AS \($0)" : $0
            }
            return try ["SELECT \(columns.joined(separator: ", ")) FROM pair ORDER BY pair_id", "SELECT * FROM prompt"]
                .flatMap { try Row.fetchAll(database, sql: $0).map { "\($0)" } }
        }
        let before = try DatabaseQueue(path: old).inDatabase { try rows($0) { $0 } }
        let store = try scratch.store()
        #expect(before.count == 29)
        #expect(try store.reading { try rows($0) { "lower(hex(\($0)))" } } == before)
        let head = AuditHead(
            sequence: 14, hash: "06f6977feab1c4ac372adfae42232100c0c8f17813c469a28c7119673db0098a")
        #expect(try store.verifyAudit(expecting: head).sequence == 15)
        let report = try store.check()
        #expect(report.pairCount == 14 && report.judgementCount == 3 && report.snapshotCount == 2)
        let digest = "304648f2c3efdf5bce725306acd76b474ed809508a8d36dd6544ef3a4535e2dc"
        #expect(try store.snapshot(digest: digest).train.count > 0)
        let again = line(
            (0..<20).map { "w3x\($0)" }.joined(separator: " "), "good 3", "bad 3",
            ["id": "r3", "modality": "CT", "body_part": "head", "exam": "E3", "patient": "P1", "score": 3])
        let known = try store.importPairs(from: scratch.file("again.jsonl", again))
        #expect(known.takenCount == 0 && known.skippedCount == 1)
        let words = (0..<20).map { "w3x\($0)" }.joined(separator: " ")
        let swapped = try scratch.file("swapped.jsonl", line(words, "bad 3", "good 3"))
        #expect { try store.importPairs(from: swapped) } throws: { ($0 as? Refusal)?.code == "pair.conflict" }
    }

    @Test("making the pairs of a store anew does not double its file")
    func migratesInPlace() throws {
        let scratch = try Scratch()
        let url = try #require(Bundle.module.url(forResource: "Golden/store-v3", withExtension: "sqlite"))
        let path = try scratch.file("store.sqlite", [UInt8](try Data(contentsOf: url)))
        try DatabaseQueue(path: path).inDatabase { database in
            for (table, key) in [("prompt", "sha256"), ("pair", "pair_key")] {
                let columns = try database.columns(in: table).map(\.name).dropFirst()
                let values = columns.map { column -> String in
                    switch column {
                    case key, "content_sha256", "unordered_sha256": "printf('%064d', value * 100 + \(column.count))"
                    case "content", "chosen": "hex(zeroblob(500)) || value"
                    default: column
                    }
                }
                try database.execute(
                    sql: """
                        WITH RECURSIVE number (value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM number WHERE value < 5000)
                        INSERT INTO \(table) (\(columns.joined(separator: ", ")))
                            SELECT \(values.joined(separator: ", ")) FROM number, \(table) WHERE \(table)_id = 1
                        """)
            }
        }
        let before = try scratch.bytes("store.sqlite").count
        do { _ = try scratch.store() }
        #expect(try Double(scratch.bytes("store.sqlite").count) < 1.2 * Double(before))
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
