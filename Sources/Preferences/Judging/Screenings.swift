public import Diagnostics
internal import GRDB
internal import StrictJSON

/// What a search for identifiers found in one text.
public enum ScreeningState: String, Sendable, CaseIterable {
    /// Nothing was found.
    case clean
    /// Something was found: the text is neither shown nor put into a snapshot.
    case suspect
    /// Something was found, and a person looked at it and let it pass.
    case cleared
}

/// One result of a search for identifiers, for a text that is known by its ``PromptText/digest``.
public struct Screening: Sendable, Equatable {
    /// The text's digest.
    public var textDigest: String
    /// `clean` or `suspect`.
    public var state: ScreeningState
    /// The program and version that searched.
    public var screener: String
    /// How many of each kind were found; kinds only, never the text.
    public var found: [String: Int]

    /// Makes a result.
    public init(textDigest: String, state: ScreeningState, screener: String, found: [String: Int] = [:]) {
        self.textDigest = textDigest
        self.state = state
        self.screener = screener
        self.found = found
    }
}

/// The newest state of a text is the one that counts.
enum Screenings {
    static func newest(_ digest: String, _ database: Database) throws -> (revision: Int64, state: ScreeningState)? {
        let statement = try database.cachedStatement(
            sql: "SELECT revision, state FROM screening WHERE text_sha256 = ? ORDER BY revision DESC LIMIT 1")
        guard let row = try Row.fetchOne(statement, arguments: [digest]) else { return nil }
        return (row["revision"], ScreeningState(rawValue: row["state"]) ?? .suspect)
    }

    static func isSuspect(_ digest: String, _ database: Database) throws -> Bool {
        try newest(digest, database)?.state == .suspect
    }

    /// The newest state of every text that was ever screened.
    static func all(_ database: Database) throws -> [String: ScreeningState] {
        var states: [String: ScreeningState] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT text_sha256, state FROM screening ORDER BY text_sha256, revision")
        while let row = try rows.next() { states[row["text_sha256"]] = ScreeningState(rawValue: row["state"]) }
        return states
    }

    /// Adds a state, and holds or frees the slots of the pairs that show the text.
    static func append(
        _ digest: String, _ state: ScreeningState, screener: String, found: [String: Int], clearedBy: Int64?,
        reason: String?, at: String, _ database: Database
    ) throws -> Int64 {
        let revision = 1 + (try newest(digest, database)?.revision ?? 0)
        let counts = JSONObject(
            found.sorted { $0.key.precedesInBytes($1.key) }.map {
                JSONObject.Member($0.key, .number(JSONNumber($0.value)))
            })
        try database.cachedStatement(
            sql: """
                INSERT INTO screening (text_sha256, revision, state, screener, found, cleared_by, reason, screened_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            digest, revision, state.rawValue, screener, JSONValue.object(counts).serialized(), clearedBy, reason, at,
        ])
        try JudgingQueue.holdOrFree(text: digest, database)
        try CorrectionQueue.holdOrFree(text: digest, database)
        return revision
    }
}

extension Screenings {
    /// Keeps results that are news, and one event for them.
    static func keep(_ screenings: [Screening], _ event: AuditEvent, _ database: Database) throws {
        var digest = ContentDigest("overread screenings v1")
        var added = 0
        for screening in screenings {
            let newest = try newest(screening.textDigest, database)?.state
            // A person's clearance stands against the same finding by a program.
            if newest == screening.state || (newest == .cleared && screening.state == .suspect) { continue }
            _ = try append(
                screening.textDigest, screening.state, screener: screening.screener, found: screening.found,
                clearedBy: nil, reason: nil, at: event.at, database)
            digest.add(screening.textDigest)
            digest.add(screening.state.rawValue)
            added += 1
        }
        guard added > 0 else { return }
        var event = event
        event.objectID = "\(added) texts"
        event.after = digest.finishedHex()
        try AuditChain.append(event, database)
    }

    static func notSuspect(_ path: String) -> Refusal {
        Refusal(code: "screening.not-suspect", at: path, "this text is not suspect", mend: "nothing needs clearing")
    }
}

extension PreferenceStore {
    /// Keeps what a search for identifiers found; a result that is the newest already changes nothing.
    ///
    /// A suspect text is not shown to readers and not put into snapshots until it is cleared or found clean.
    ///
    /// - Throws: `screening.bad-state` for `cleared`, which only ``clear(textDigest:by:reason:)`` gives.
    public func record(_ screenings: [Screening]) throws(Refusal) {
        for screening in screenings {
            try StoreKey.check(screening.screener, "screener")
            for kind in screening.found.keys { try StoreKey.check(kind, "kind of identifier") }
            guard screening.state != .cleared else {
                throw Refusal(
                    code: "screening.bad-state", at: path, "a program does not clear a text; a person does",
                    mend: "record clean or suspect")
            }
        }
        let event = auditEvent("screen", "screening", "\(screenings.count) texts", after: nil)
        try writing { database in try Screenings.keep(screenings, event, database) }
    }

    /// Lets a suspect text pass on a person's word.
    ///
    /// - Throws: `screening.not-suspect` when the text's newest state is another.
    public func clear(textDigest: String, by reviewer: String, reason: String) throws(Refusal) {
        try StoreKey.check(reason, "reason")
        var event = auditEvent("clear", "screening", textDigest, after: nil)
        try writing { database in
            let person = try reviewerID(reviewer, database)
            guard try Screenings.isSuspect(textDigest, database) else { throw Screenings.notSuspect(path) }
            event.revision = try Screenings.append(
                textDigest, .cleared, screener: "person", found: [:], clearedBy: person, reason: reason, at: event.at,
                database)
            try AuditChain.append(event, database)
        }
    }

    /// The newest state of a text; nil when it was never screened.
    public func screeningState(ofText digest: String) throws(Refusal) -> ScreeningState? {
        try reading { try Screenings.newest(digest, $0)?.state }
    }

    /// How many pairs of a snapshot hold a text that was never screened for identifiers.
    public func neverScreenedCount(in snapshot: PreferenceSnapshot) throws(Refusal) -> Int {
        let screened = try reading { try Screenings.all($0) }
        let pairs = snapshot.train + snapshot.heldOut
        if screened.isEmpty { return pairs.count }
        return pairs.concurrentMap { pair in
            [pair.prompt, pair.chosen, pair.rejected].contains { screened[$0.digest] == nil }
        }.count { $0 }
    }
}
