import Diagnostics
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Preferences

/// Numbers that several tasks add to.
private final class Tally: Sendable {
    private let kept = Mutex<[Int64]>([])

    func add(_ number: Int64) { kept.withLock { $0.append(number) } }
    var numbers: [Int64] { kept.withLock { $0 } }
}

@Suite("Checking and backing up a live store")
struct CheckAndBackupTests {
    /// A store with imports, answers, an adjudication, an edit and a snapshot.
    func livedIn(_ scratch: Scratch) throws -> PreferenceStore {
        let store = try scratch.judgingStore()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", record(1, split: "train") + record(2)))
        let pairs = try store.createJudgingPairs((0..<4).map { judgingPair($0, readers: 2, split: .train) })
        for _ in 0..<2 { try store.judge("a", "first") }
        try store.judge("b", "second")
        try store.adjudicate(Adjudication(.x, basis: .thirdReader), pair: pairs[0], by: "c")
        _ = try store.makeSnapshot()
        return store
    }

    @Test("a sound store is told so, step by step, with what was looked at")
    func sound() throws {
        let scratch = try Scratch()
        let store = try livedIn(scratch)
        var steps: [PreferenceStore.CheckStep] = []
        let report = try store.check { step, _ in if steps.last != step { steps.append(step) } }
        #expect(steps == PreferenceStore.CheckStep.allCases)
        #expect(report.pairCount == 2 && report.candidateCount == 8 && report.judgementCount == 3)
        #expect(report.snapshotCount == 1 && report.orphanFiles.isEmpty)
        #expect(report.auditHead == (try store.auditHead()))
    }

    @Test(
        "what was altered behind the store's back is found",
        arguments: [
            ("candidate", "UPDATE candidate SET content = 'other' WHERE candidate_id = 3", "candidate row 3"),
            ("candidate", "UPDATE candidate SET base_model = 'other' WHERE candidate_id = 1", "candidate row 1"),
            ("candidate", "DELETE FROM candidate WHERE candidate_id = 3", ""),
            ("judgement", "DELETE FROM judgement WHERE judgement_id = 2", ""),
            ("judging_slot", "UPDATE judging_slot SET state = 'open' WHERE state = 'done' AND pair_id = 1", "pair 1"),
            ("judging_slot", "DELETE FROM judging_slot WHERE pair_id = 4 AND slot_no = 2", "pair 4"),
            ("adjudication", "UPDATE adjudication SET outcome = 'y'", ""),
            ("judgement", "UPDATE judgement SET strength = 3 WHERE judgement_id = 2", ""),
        ])
    func altered(table: String, sql: String, place: String) throws {
        let scratch = try Scratch()
        let store = try livedIn(scratch)
        try store.pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            if table != "judging_slot" {
                try database.execute(
                    sql: "DROP TRIGGER \(table)_refuses_update; DROP TRIGGER \(table)_refuses_delete")
            }
            try database.execute(sql: sql)
        }
        let refusal = #expect(throws: Refusal.self) { try store.check() }
        #expect(refusal?.code == "store.damaged")
        #expect(refusal?.location.hasSuffix(place) == true)
    }

    @Test("leftovers beside the store are listed and left alone; another store's files are not its own")
    func orphans() throws {
        let scratch = try Scratch()
        let store = try livedIn(scratch)
        for name in ["judging.sqlite-journal", "judging.sqlite.partial", "backup.sqlite.partial", "other.sqlite-wal"] {
            _ = try scratch.file(name, "x")
        }
        #expect(
            try store.check().orphanFiles == [
                "backup.sqlite.partial", "judging.sqlite-journal", "judging.sqlite.partial",
            ])
        #expect(try scratch.bytes("judging.sqlite.partial") == [UInt8(ascii: "x")])
    }

    @Test(
        "a backup opens as the store it was, with its audit chain, snapshot and answers, and nothing else in its file")
    func backup() throws {
        let scratch = try Scratch()
        let store = try livedIn(scratch)
        let head = try store.auditHead()
        var pages = (copied: 0, of: 0)
        let report = try store.backup(to: scratch.path("copy.sqlite")) { pages = ($0, $1) }
        #expect(pages.copied == pages.of && pages.of > 0)
        #expect(report.auditHead == head && report.pairCount == 2 && report.judgementCount == 3)
        let bytes = try scratch.bytes("copy.sqlite")
        #expect(report.byteCount == bytes.count && report.sha256 == ContentDigest.sha256(bytes))
        #expect(try scratch.mode("copy.sqlite") == 0o600)
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
        #expect(names.filter { $0.hasPrefix("copy.sqlite") } == ["copy.sqlite"])
        let event = try store.reading { try Row.fetchOne($0, sql: "SELECT * FROM audit_event ORDER BY sequence DESC") }
        #expect(event?["action"] == "backup" && event?["after_sha256"] == report.sha256)
        let copy = try PreferenceStore(at: scratch.path("copy.sqlite"))
        #expect(try copy.check().auditHead == head)
        #expect(try copy.snapshots() == store.snapshots() && copy.pairCount() == 2)
    }

    @Test("nothing is written over, and a damaged store makes no backup and leaves nothing behind")
    func refused() throws {
        let scratch = try Scratch()
        let store = try livedIn(scratch)
        _ = try scratch.file("there.sqlite", "mine")
        let exists = #expect(throws: Refusal.self) { try store.backup(to: scratch.path("there.sqlite")) }
        #expect(exists?.code == "file.exists")
        #expect(try scratch.bytes("there.sqlite") == Array("mine".utf8))
        try store.pool.write {
            try $0.execute(sql: "DROP TRIGGER audit_event_refuses_update; UPDATE audit_event SET actor = 'x'")
        }
        let broken = #expect(throws: Refusal.self) { try store.backup(to: scratch.path("copy.sqlite")) }
        #expect(broken?.code == "audit.broken")
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
        #expect(!names.contains { $0.hasPrefix("copy.sqlite") })
    }

    @Test(
        "backups and checks while readers judge are each a true beginning of the history, and no answer waits in vain")
    func live() async throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs((0..<40).map { judgingPair($0, readers: 2) })
        let done = Tally()
        let folder = scratch.folder
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in ["a", "b"] {
                group.addTask {
                    while try store.judge(reader, "first") != nil { done.add(1) }
                }
            }
            group.addTask {
                for number in 0..<5 {
                    let report = try store.backup(to: folder + "/b\(number).sqlite")
                    try store.check()
                    let copy = try PreferenceStore(at: folder + "/b\(number).sqlite")
                    let head = try copy.check().auditHead
                    #expect(head == report.auditHead)
                    let sameInStore = try store.reading {
                        try Data.fetchOne(
                            $0, sql: "SELECT hash FROM audit_event WHERE sequence = ?", arguments: [head.sequence])
                    }
                    #expect(sameInStore.map { ContentDigest.hex([UInt8]($0)) } == head.hash)
                }
            }
            try await group.waitForAll()
        }
        #expect(done.numbers.count == 80)
        #expect(try store.check().judgementCount == 80)
    }

    @Test("two readers asking at once are never given the same place")
    func parallelLeases() async throws {
        let scratch = try Scratch()
        let readers = (0..<6).map { "reader\($0)" }
        let store = try scratch.judgingStore(readers: readers)
        _ = try store.createJudgingPairs((0..<30).map { judgingPair($0) })
        let places = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in readers {
                group.addTask {
                    while let shown = try store.leaseNext(for: reader) {
                        places.add(shown.pair)
                        _ = try store.record(Judgement(.bothGood), on: shown.id, by: reader)
                    }
                }
            }
            try await group.waitForAll()
        }
        let given = places.numbers
        #expect(given.count == 30 && Set(given).count == 30)
        try store.check()
    }
}
