public import Diagnostics
internal import Foundation
internal import GRDB

/// The last link of a store's audit chain: what a report or an export prints so that a cut tail can be seen later.
public struct AuditHead: Sendable, Equatable {
    /// How many events the chain has.
    public let sequence: Int64
    /// The last event's hash, 64 hexadecimal digits; zeros for an empty chain.
    public let hash: String

    /// Makes a head that was recorded elsewhere.
    public init(sequence: Int64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }
}

/// One event of the audit chain, as it is stored and hashed.
struct AuditEvent: Sendable {
    var sequence: Int64 = 0
    var at: String
    var monotonicMilliseconds: Int64
    var actor: String
    var sessionDigest: String?
    var action: String
    var objectKind: String
    var objectID: String
    var revision: Int64 = 1
    var before: String?
    var after: String?
    var sourceAddress: String?

    /// SHA-256 over the previous hash and every field, each with its length.
    func hash(after previous: [UInt8]) -> [UInt8] {
        var digest = ContentDigest("v1")
        digest.add(previous)
        digest.add(sequence)
        digest.add(at)
        digest.add(monotonicMilliseconds)
        digest.add(actor)
        digest.add(optional: sessionDigest)
        digest.add(action)
        digest.add(objectKind)
        digest.add(objectID)
        digest.add(revision)
        digest.add(optional: before)
        digest.add(optional: after)
        digest.add(optional: sourceAddress)
        return digest.finished()
    }
}

/// The append-only, hash-chained record of every change.
enum AuditChain {
    static let start = [UInt8](repeating: 0, count: 32)

    static func head(_ database: Database) throws -> (sequence: Int64, hash: [UInt8]) {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT sequence, hash FROM audit_event ORDER BY sequence DESC LIMIT 1"))
        guard let row else { return (0, start) }
        let hash: Data = row["hash"]
        return (row["sequence"], [UInt8](hash))
    }

    static func append(_ event: AuditEvent, _ database: Database) throws {
        let (sequence, previous) = try head(database)
        var event = event
        event.sequence = sequence + 1
        let insertion = try database.cachedStatement(
            sql: """
                INSERT INTO audit_event (sequence, at, monotonic_ms, actor, session_sha256, action, object_kind,
                    object_id, revision, before_sha256, after_sha256, source_address, previous_hash, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try insertion.execute(arguments: [
            event.sequence, event.at, event.monotonicMilliseconds, event.actor, event.sessionDigest, event.action,
            event.objectKind, event.objectID, event.revision, event.before, event.after, event.sourceAddress,
            Data(previous), Data(event.hash(after: previous)),
        ])
    }

    /// Walks the chain; the refusal names the first event that does not fit.
    static func verify(_ database: Database, expecting expected: AuditHead?, path: String) throws -> AuditHead {
        var previous = start
        var sequence: Int64 = 0
        var expectedHashSeen = expected.map { $0.sequence == 0 } ?? true
        func broken(_ event: Int64, _ problem: String) -> Refusal {
            Refusal(
                code: "audit.broken", at: "\(path), audit event \(event)",
                "\(problem); the \(event - 1) events before it verify", mend: "compare with the last backup")
        }
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM audit_event ORDER BY sequence")
        while let row = try rows.next() {
            sequence += 1
            let found: Int64 = row["sequence"]
            guard found == sequence else { throw broken(sequence, "it is missing (the next one is event \(found))") }
            let storedPrevious: Data = row["previous_hash"]
            let storedHash: Data = row["hash"]
            guard [UInt8](storedPrevious) == previous else {
                throw broken(sequence, "it does not follow the event before it")
            }
            let event = AuditEvent(
                sequence: sequence, at: row["at"], monotonicMilliseconds: row["monotonic_ms"], actor: row["actor"],
                sessionDigest: row["session_sha256"], action: row["action"], objectKind: row["object_kind"],
                objectID: row["object_id"], revision: row["revision"], before: row["before_sha256"],
                after: row["after_sha256"], sourceAddress: row["source_address"])
            let hash = event.hash(after: previous)
            guard [UInt8](storedHash) == hash else { throw broken(sequence, "its content was altered") }
            previous = hash
            if let expected, expected.sequence == sequence {
                guard expected.hash == ContentDigest.hex(hash) else {
                    throw broken(sequence, "it is not the event that was recorded elsewhere as the chain's head")
                }
                expectedHashSeen = true
            }
        }
        if let expected, !expectedHashSeen {
            throw broken(sequence + 1, "events \(sequence + 1) to \(expected.sequence) were cut off")
        }
        return AuditHead(sequence: sequence, hash: ContentDigest.hex(previous))
    }
}

extension PreferenceStore {
    /// The chain's last link.
    public func auditHead() throws(Refusal) -> AuditHead {
        try reading { database in
            let (sequence, hash) = try AuditChain.head(database)
            return AuditHead(sequence: sequence, hash: ContentDigest.hex(hash))
        }
    }

    /// Recomputes the whole audit chain.
    ///
    /// - Parameter expected: a head that was recorded elsewhere; without one, events cut off the end cannot be seen.
    /// - Throws: `audit.broken`, naming the first event that was altered, removed or moved.
    public func verifyAudit(expecting expected: AuditHead? = nil) throws(Refusal) -> AuditHead {
        let path = self.path
        return try reading { database in try AuditChain.verify(database, expecting: expected, path: path) }
    }

    func auditEvent(_ action: String, _ kind: String, _ id: String, after: String?) -> AuditEvent {
        AuditEvent(
            at: now().description, monotonicMilliseconds: Int64(ProcessInfo.processInfo.systemUptime * 1000),
            actor: actor, sessionDigest: session,
            action: action, objectKind: kind, objectID: id, after: after, sourceAddress: address)
    }
}
