public import Diagnostics
internal import GRDB

/// One version of a report as it came in: drafts, finals and corrections of one examination are all kept.
public struct ReportVersion: Sendable, Equatable {
    /// The door it came in by.
    public enum Source: String, Sendable, CaseIterable {
        /// An HL7 v2 message.
        case hl7v2
        /// A FHIR resource.
        case fhir
        /// Another file.
        case file = "import"
    }

    /// How far the report had come, whatever the sender's own word.
    public enum Status: String, Sendable, CaseIterable {
        /// Asked for.
        case ordered
        /// Being written.
        case draft
        /// Read, not signed.
        case preliminary
        /// Signed.
        case final
        /// Signed, and something was added.
        case addendum
        /// Signed, and changed afterwards.
        case corrected
        /// Taken back.
        case withdrawn
        /// Not known.
        case unknown
    }

    /// Who wrote it.
    public enum AuthorRole: String, Sendable, CaseIterable {
        /// A resident or fellow.
        case trainee
        /// An attending radiologist.
        case attending
        /// A transcriptionist.
        case transcriptionist
        /// A model.
        case model
        /// Not known.
        case unknown
    }

    /// The examination; it has a key.
    public var exam: Exam
    /// The door it came in by.
    public var source: Source
    /// SHA-256 of the message or resource as it came, 64 hexadecimal digits.
    public var rawSHA256: String
    /// The message's or resource's own number.
    public var controlID: String?
    /// How far the report had come.
    public var status: Status
    /// The sender's own word for it.
    public var statusRaw: String?
    /// Where that word stood.
    public var statusField: String?
    /// Whether several words for it contradict each other.
    public var statusConflicts: Bool
    /// When the status changed, RFC 3339.
    public var statusChanged: String?
    /// When the examination was made, RFC 3339.
    public var observed: String?
    /// Who wrote it.
    public var authorRole: AuthorRole
    /// A key for who wrote it.
    public var authorKey: String?
    /// The whole text.
    public var text: String
    /// The findings alone.
    public var findings: String?
    /// The impression alone.
    public var impression: String?
    /// The technique alone.
    public var technique: String?
    /// The addendum alone.
    public var addendum: String?
    /// The version of the program that cleaned the text.
    public var normaliserVersion: String

    /// Makes a version.
    public init(
        exam: Exam, source: Source, rawSHA256: String, controlID: String? = nil, status: Status,
        statusRaw: String? = nil, statusField: String? = nil, statusConflicts: Bool = false,
        statusChanged: String? = nil, observed: String? = nil, authorRole: AuthorRole = .unknown,
        authorKey: String? = nil, text: String, findings: String? = nil, impression: String? = nil,
        technique: String? = nil, addendum: String? = nil, normaliserVersion: String
    ) {
        self.exam = exam
        self.source = source
        self.rawSHA256 = rawSHA256
        self.controlID = controlID
        self.status = status
        self.statusRaw = statusRaw
        self.statusField = statusField
        self.statusConflicts = statusConflicts
        self.statusChanged = statusChanged
        self.observed = observed
        self.authorRole = authorRole
        self.authorKey = authorKey
        self.text = text
        self.findings = findings
        self.impression = impression
        self.technique = technique
        self.addendum = addendum
        self.normaliserVersion = normaliserVersion
    }
}

extension PreferenceStore {
    /// Keeps report versions, all or none; one of the same raw bytes and examination is there once.
    ///
    /// - Returns: each version's number, in the order given, and how many were new.
    /// - Throws: `version.no-exam` for one whose examination has no key, `version.bad-time`, `version.bad-digest`,
    ///   `pair.exam-differs` and the refusals of keys, at `versions[n]`.
    public func record(_ versions: [ReportVersion]) throws(Refusal) -> (ids: [Int64], newCount: Int) {
        for (index, version) in versions.enumerated() { try version.check(at: "versions[\(index)]") }
        var event = auditEvent("record", "report_version", "", after: nil)
        return try writing { database in
            var ids: [Int64] = []
            var newCount = 0
            var digest = ContentDigest("overread report versions v1")
            for (index, version) in versions.enumerated() {
                guard let exam = try ExamRows.id(of: version.exam, at: "versions[\(index)]", database) else { continue }
                let known = try database.cachedStatement(
                    sql: "SELECT version_id FROM report_version WHERE raw_sha256 = ? AND exam_id = ?")
                if let id = try Int64.fetchOne(known, arguments: [version.rawSHA256, exam]) {
                    ids.append(id)
                    continue
                }
                ids.append(try insert(version, exam: exam, received: event.at, database))
                newCount += 1
                digest.add(version.rawSHA256)
                digest.add(version.text)
            }
            guard newCount > 0 else { return (ids, 0) }
            event.objectID = "\(newCount) versions"
            event.after = digest.finishedHex()
            try AuditChain.append(event, database)
            return (ids, newCount)
        }
    }

    private func insert(
        _ version: ReportVersion, exam: Int64, received: String, _ database: Database
    ) throws -> Int64 {
        try database.cachedStatement(
            sql: """
                INSERT INTO report_version (exam_id, source, raw_sha256, control_id, received_at, status_raw,
                    status_field, status, status_conflict, status_changed_at, observed_at, author_role, author_key,
                    content, findings, impression, technique, addendum, normaliser_version)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            exam, version.source.rawValue, version.rawSHA256, version.controlID, received, version.statusRaw,
            version.statusField, version.status.rawValue, version.statusConflicts, version.statusChanged,
            version.observed, version.authorRole.rawValue, version.authorKey, version.text, version.findings,
            version.impression, version.technique, version.addendum, version.normaliserVersion,
        ])
        return database.lastInsertedRowID
    }

    /// The versions of an examination's report in the order of their arrival, with their numbers.
    public func reportVersions(ofExam key: String) throws(Refusal) -> [(id: Int64, version: ReportVersion)] {
        try reading { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM report_version JOIN exam USING (exam_id) WHERE exam_key = ? ORDER BY version_id",
                arguments: [key]
            ).map { row in
                let exam = Exam(
                    key: row["exam_key"], patient: row["patient_key"], modality: row["modality"],
                    bodyPart: row["body_part"], subspecialty: row["subspecialty"],
                    procedureCode: row["procedure_code"], procedureSystem: row["procedure_system"],
                    procedureText: row["procedure_text"], ageBand: row["age_band"],
                    sex: (row["sex"] as String?).flatMap { Exam.Sex(rawValue: $0) }, hasPrior: row["has_prior"],
                    year: row["exam_year"], site: row["site"])
                let version = ReportVersion(
                    exam: exam, source: .init(rawValue: row["source"]) ?? .file, rawSHA256: row["raw_sha256"],
                    controlID: row["control_id"], status: .init(rawValue: row["status"]) ?? .unknown,
                    statusRaw: row["status_raw"], statusField: row["status_field"],
                    statusConflicts: row["status_conflict"], statusChanged: row["status_changed_at"],
                    observed: row["observed_at"], authorRole: .init(rawValue: row["author_role"]) ?? .unknown,
                    authorKey: row["author_key"], text: row["content"], findings: row["findings"],
                    impression: row["impression"], technique: row["technique"], addendum: row["addendum"],
                    normaliserVersion: row["normaliser_version"])
                return (row["version_id"], version)
            }
        }
    }
}

extension ReportVersion {
    fileprivate func check(at place: String) throws(Refusal) {
        guard let key = exam.key else {
            throw Refusal(
                code: "version.no-exam", at: place, "a report version without an examination's key",
                mend: "give the examination a key")
        }
        for (name, value) in [("exam.key", key), ("normaliserVersion", normaliserVersion)] {
            try StoreKey.check(value, "\(place).\(name)")
        }
        for (name, value) in [
            ("controlID", controlID), ("statusRaw", statusRaw), ("statusField", statusField), ("authorKey", authorKey),
            ("exam.patient", exam.patient),
        ] { try StoreKey.check(optional: value, "\(place).\(name)") }
        guard rawSHA256.utf8.count == 64,
            rawSHA256.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else {
            throw Refusal(
                code: "version.bad-digest", at: "\(place).rawSHA256", "no 64 hexadecimal digits in small letters",
                mend: "give SHA-256 of the message's bytes")
        }
        for time in [statusChanged, observed] {
            guard time.map({ UTCTime($0) != nil }) ?? true else {
                throw Refusal(
                    code: "version.bad-time", at: place, "a time that is no moment between 1900 and 2199 with a zone",
                    mend: "write it like 2026-03-01T09:30:00Z")
            }
        }
    }
}
