public import Diagnostics
internal import GRDB
internal import StrictJSON

/// A reader, by a key; names are kept elsewhere.
public struct Reviewer: Sendable, Equatable {
    /// What a reader is.
    public enum Credential: String, Sendable, CaseIterable {
        /// An attending radiologist.
        case attending
        /// A fellow.
        case fellow
        /// A resident.
        case resident
        /// Somebody else.
        case other
    }

    /// The key, 1 to 256 bytes; never a name.
    public var key: String
    /// What the reader is.
    public var credential: Credential
    /// The reader's fields.
    public var subspecialties: [String]
    /// Years of experience in a band, such as `5-9`.
    public var yearsBand: String?
    /// The reader's site.
    public var site: String?
    /// Which version of the consent the reader gave.
    public var consentVersion: String?

    /// Makes a reader.
    public init(
        key: String, credential: Credential, subspecialties: [String] = [], yearsBand: String? = nil,
        site: String? = nil, consentVersion: String? = nil
    ) {
        self.key = key
        self.credential = credential
        self.subspecialties = subspecialties
        self.yearsBand = yearsBand
        self.site = site
        self.consentVersion = consentVersion
    }
}

extension PreferenceStore {
    /// Registers a reader; the same reader again changes nothing.
    ///
    /// - Throws: `reviewer.differs` when the key stands for a reader with other fields; `store.bad-key`.
    public func register(_ reviewer: Reviewer) throws(Refusal) {
        try StoreKey.check(reviewer.key, "reviewer key")
        for name in reviewer.subspecialties { try StoreKey.check(name, "subspecialty") }
        for (name, value) in [("years band", reviewer.yearsBand), ("site", reviewer.site)] {
            try StoreKey.check(optional: value, name)
        }
        try StoreKey.check(optional: reviewer.consentVersion, "consent version")
        let event = auditEvent("register", "reviewer", reviewer.key, after: nil)
        let fields: StatementArguments = [
            reviewer.key, reviewer.credential.rawValue,
            JSONValue.array(reviewer.subspecialties.map { .string($0) }).serialized(), reviewer.yearsBand,
            reviewer.site, reviewer.consentVersion,
        ]
        try writing { database in
            if try Int64.fetchOne(
                database, sql: "SELECT reviewer_id FROM reviewer WHERE reviewer_key = ?", arguments: [reviewer.key])
                != nil
            {
                let same = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT 1 FROM reviewer WHERE reviewer_key = ? AND credential = ? AND subspecialties = ?
                            AND years_band IS ? AND site IS ? AND consent_version IS ?
                        """, arguments: fields)
                guard same == nil else { return }
                throw Refusal(
                    code: "reviewer.differs", at: path, "a reader with this key and other fields is registered",
                    mend: "give another key")
            }
            try database.execute(
                sql: """
                    INSERT INTO reviewer (reviewer_key, credential, subspecialties, years_band, site, consent_version,
                        registered_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """, arguments: fields + [event.at])
            try AuditChain.append(event, database)
        }
    }

    /// Lets a reader judge, or no longer; what was judged stays.
    public func setActive(_ active: Bool, reviewer key: String) throws(Refusal) {
        var event = auditEvent(active ? "activate" : "deactivate", "reviewer", key, after: nil)
        try writing { database in
            let reviewer = try reviewerID(key, database, mustBeActive: false)
            let newest = try Row.fetchOne(
                database,
                sql: """
                    SELECT revision, active FROM reviewer_status WHERE reviewer_id = ? ORDER BY revision DESC LIMIT 1
                    """,
                arguments: [reviewer])
            guard (newest?["active"] ?? true) != active else { return }
            event.revision = 1 + (newest?["revision"] ?? 0)
            try database.execute(
                sql: "INSERT INTO reviewer_status VALUES (?, ?, ?, ?)",
                arguments: [reviewer, event.revision, active, event.at])
            try AuditChain.append(event, database)
        }
    }

    /// Every reader, in the order of registration, and whether he or she may judge.
    public func reviewers() throws(Refusal) -> [(reviewer: Reviewer, isActive: Bool)] {
        try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT *, coalesce((SELECT active FROM reviewer_status s WHERE s.reviewer_id = r.reviewer_id
                        ORDER BY revision DESC LIMIT 1), 1) AS active
                    FROM reviewer r ORDER BY reviewer_id
                    """
            ).map { row in
                let reviewer = Reviewer(
                    key: row["reviewer_key"], credential: .init(rawValue: row["credential"]) ?? .other,
                    subspecialties: StoredPairs.json(row["subspecialties"])?.array?.compactMap(\.string) ?? [],
                    yearsBand: row["years_band"], site: row["site"], consentVersion: row["consent_version"])
                return (reviewer, row["active"])
            }
        }
    }

    /// Keeps a version of the guideline that readers judge by; the same version again changes nothing.
    ///
    /// - Throws: `guideline.differs` when the version's name stands for another text.
    public func recordGuideline(_ name: String, text: String) throws(Refusal) {
        try StoreKey.check(name, "guideline version")
        let sha256 = ContentDigest.sha256(Array(text.utf8))
        let event = auditEvent("record", "guideline", name, after: sha256)
        try writing { database in
            let known = try String.fetchOne(
                database, sql: "SELECT sha256 FROM guideline WHERE name = ?", arguments: [name])
            if known == sha256 { return }
            guard known == nil else {
                throw Refusal(
                    code: "guideline.differs", at: path, "this version of the guideline is recorded with another text",
                    mend: "give the new text a new version")
            }
            try database.execute(
                sql: "INSERT INTO guideline (name, sha256, content, recorded_at) VALUES (?, ?, ?, ?)",
                arguments: [name, sha256, text, event.at])
            try AuditChain.append(event, database)
        }
    }

    /// A reader's row.
    func reviewerID(_ key: String, _ database: Database, mustBeActive: Bool = true) throws -> Int64 {
        let statement = try database.cachedStatement(
            sql: """
                SELECT reviewer_id, coalesce((SELECT active FROM reviewer_status s WHERE s.reviewer_id = r.reviewer_id
                    ORDER BY revision DESC LIMIT 1), 1) AS active
                FROM reviewer r WHERE reviewer_key = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [key]) else {
            throw Refusal(
                code: "reviewer.unknown", at: path, "no reader with this key is registered", mend: "register the reader"
            )
        }
        guard row["active"] || !mustBeActive else {
            throw Refusal(
                code: "reviewer.inactive", at: path, "this reader may no longer judge", mend: "activate the reader")
        }
        return row["reviewer_id"]
    }

    /// A guideline's row; nil for no guideline.
    func guidelineID(_ name: String?, _ database: Database) throws -> Int64? {
        guard let name else { return nil }
        let statement = try database.cachedStatement(sql: "SELECT guideline_id FROM guideline WHERE name = ?")
        guard let id = try Int64.fetchOne(statement, arguments: [name]) else {
            throw Refusal(
                code: "guideline.unknown", at: path, "no guideline of this version is recorded", mend: "record it first"
            )
        }
        return id
    }
}
