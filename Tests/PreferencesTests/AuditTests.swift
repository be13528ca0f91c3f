import Diagnostics
import GRDB
import Testing

@testable import Preferences

@Suite("The audit chain")
struct AuditTests {
    /// A store with four events, and its head.
    func fourEvents(_ scratch: Scratch) throws -> (PreferenceStore, AuditHead) {
        let store = try scratch.store()
        for number in 1...3 {
            _ = try store.importPairs(from: try scratch.file("\(number).jsonl", record(number)))
        }
        return (store, try store.auditHead())
    }

    @Test("a chain that nobody touched verifies")
    func intact() throws {
        let scratch = try Scratch()
        let (store, head) = try fourEvents(scratch)
        #expect(head.sequence == 4)
        #expect(try store.verifyAudit() == head)
    }

    @Test(
        "each altered, removed or moved event is found at its place",
        arguments: [
            ("UPDATE audit_event SET actor = 'other' WHERE sequence = 2", 2),
            ("UPDATE audit_event SET at = '2026-02-01T00:00:00.000Z' WHERE sequence = 3", 3),
            ("UPDATE audit_event SET after_sha256 = NULL WHERE sequence = 4", 4),
            ("UPDATE audit_event SET session_sha256 = '' WHERE sequence = 1", 1),
            ("UPDATE audit_event SET source_address = 'x' WHERE sequence = 4", 4),
            ("UPDATE audit_event SET revision = 2 WHERE sequence = 1", 1),
            ("UPDATE audit_event SET hash = zeroblob(32) WHERE sequence = 2", 2),
            ("UPDATE audit_event SET previous_hash = zeroblob(32) WHERE sequence = 3", 3),
            ("DELETE FROM audit_event WHERE sequence = 1", 1), ("DELETE FROM audit_event WHERE sequence = 2", 2),
            (
                """
                UPDATE audit_event SET sequence = 9 WHERE sequence = 2; UPDATE audit_event SET sequence = 2 WHERE \
                sequence = 3; UPDATE audit_event SET sequence = 3 WHERE sequence = 9
                """, 2
            ),
        ])
    func tampered(sql: String, event: Int) throws {
        let scratch = try Scratch()
        let (store, _) = try fourEvents(scratch)
        try store.pool.write { database in
            try database.execute(
                sql: "DROP TRIGGER audit_event_refuses_update; DROP TRIGGER audit_event_refuses_delete")
            try database.execute(sql: sql)
        }
        let refusal = #expect(throws: Refusal.self) { try store.verifyAudit() }
        #expect(refusal?.code == "audit.broken")
        #expect(refusal?.location.hasSuffix("audit event \(event)") == true)
    }

    @Test("a cut tail is seen with a head that was recorded elsewhere, and only then")
    func cutTail() throws {
        let scratch = try Scratch()
        let (store, head) = try fourEvents(scratch)
        try store.pool.write { database in
            try database.execute(sql: "DROP TRIGGER audit_event_refuses_delete")
            try database.execute(sql: "DELETE FROM audit_event WHERE sequence >= 3")
        }
        #expect(try store.verifyAudit().sequence == 2)
        let refusal = #expect(throws: Refusal.self) { try store.verifyAudit(expecting: head) }
        #expect(refusal?.problem.contains("events 3 to 4 were cut off") == true)
    }

    @Test("the fields' bounds are part of the hash")
    func fieldBounds() {
        func hash(_ actor: String, _ action: String) -> [UInt8] {
            AuditEvent(
                at: "t", monotonicMilliseconds: 1, actor: actor, action: action, objectKind: "k", objectID: "i"
            ).hash(after: AuditChain.start)
        }
        #expect(hash("ab", "c") != hash("a", "bc"))
    }
}
