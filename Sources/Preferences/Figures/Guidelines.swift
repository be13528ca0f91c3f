public import Diagnostics
internal import GRDB

/// A version of the text that readers judge by.
public struct Guideline: Sendable, Equatable {
    /// The version's name.
    public let name: String
    /// The text.
    public let text: String
    /// When it was recorded.
    public let recorded: UTCTime
}

extension PreferenceStore {
    /// The guideline in force, which is the one recorded last; nil while there is none.
    public func guideline() throws(Refusal) -> Guideline? { try guidelines("ORDER BY guideline_id DESC LIMIT 1").first }

    /// The version of a guideline with a name; nil when there is none.
    public func guideline(named name: String) throws(Refusal) -> Guideline? {
        try guidelines("WHERE name = ?", [name]).first
    }

    /// Every version of the guideline, the newest first.
    public func guidelines() throws(Refusal) -> [Guideline] { try guidelines("ORDER BY guideline_id DESC") }

    private func guidelines(
        _ rest: String, _ arguments: StatementArguments = []
    ) throws(Refusal) -> [Guideline] {
        try reading { database in
            try Row.fetchAll(database, sql: "SELECT * FROM guideline " + rest, arguments: arguments).compactMap { row in
                UTCTime(row["recorded_at"]).map { Guideline(name: row["name"], text: row["content"], recorded: $0) }
            }
        }
    }

    /// Records that somebody was shown text of reports: who (the actor), what and when, and no text.
    ///
    /// - Parameters:
    ///   - kind: what was shown, such as `presentation`, `disagreement` or `page`.
    ///   - id: which one.
    /// - Throws: `store.bad-key`.
    public func recordView(_ kind: String, _ id: String) throws(Refusal) {
        try StoreKey.check(kind, "kind")
        try StoreKey.check(id, "id")
        let event = auditEvent("view", kind, id, after: nil)
        try writing { try AuditChain.append(event, $0) }
    }
}
