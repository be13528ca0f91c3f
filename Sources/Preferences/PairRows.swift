internal import Foundation
internal import GRDB
internal import StrictJSON

/// Writes many pairs at once: what the store has of their prompts and examinations is looked up a thousand at a time.
struct PairRows {
    /// How many pairs one query asks about.
    static let chunk = 1000

    private let database: Database
    private let pairInsertion: Statement
    private let promptInsertion: Statement
    private let examInsertion: Statement
    private var promptIDs: [DigestValue: Int64] = [:]
    private var examIDs: [TextKey: Int64] = [:]

    /// Keeps pairs in their order; the caller has made sure that they conflict with nothing.
    ///
    /// - Parameter looksUp: whether the store may have prompts and examinations that these rows did not make.
    mutating func insert(_ candidates: [ImportPlan.Candidate], batch: Int64, looksUp: Bool) throws {
        for start in stride(from: 0, to: candidates.count, by: Self.chunk) {
            let piece = candidates[start..<min(candidates.count, start + Self.chunk)]
            if looksUp { try lookUp(piece) }
            for candidate in piece { try insert(candidate, batch: batch) }
        }
    }

    /// Which of some pairs the store may know by their texts, their ids or their examinations, by position.
    ///
    /// Only these need to be judged one by one; the others are new.
    func possiblyKnown(_ candidates: [ImportPlan.Candidate]) throws -> Set<Int> {
        var known: Set<Int> = []
        for start in stride(from: 0, to: candidates.count, by: Self.chunk) {
            known.formUnion(try possiblyKnown(candidates[start..<min(candidates.count, start + Self.chunk)]))
        }
        return known
    }

    private func possiblyKnown(_ candidates: ArraySlice<ImportPlan.Candidate>) throws -> Set<Int> {
        let texts = try knownTexts(candidates.map(\.digests.unordered))
        let ids = try keys(
            "SELECT pair_key FROM pair WHERE pair_key IN (SELECT value FROM json_each(?))", candidates.map(\.pair.id))
        // What these rows know of an examination was compared with the store when it was first met.
        let exams = try keys(
            "SELECT exam_key FROM exam WHERE exam_key IN (SELECT value FROM json_each(?))",
            candidates.compactMap(\.pair.exam).filter { examIDs[TextKey($0)] == nil })
        if texts.isEmpty, ids.isEmpty, exams.isEmpty { return [] }
        return Set(
            candidates.indices.filter { index in
                let one = candidates[index]
                return texts.contains(one.digests.unordered) || ids.contains(TextKey(one.pair.id))
                    || one.pair.exam.map { exams.contains(TextKey($0)) } == true
            })
    }

    /// Which of some digests of texts the store has; they are given as one run of bytes.
    private func knownTexts(_ digests: [DigestValue]) throws -> Set<DigestValue> {
        let query = try database.cachedStatement(
            sql: """
                WITH RECURSIVE place (number) AS (VALUES (0) UNION ALL SELECT number + 1 FROM place WHERE number + 1 < ?1)
                SELECT unordered_sha256 FROM pair
                WHERE unordered_sha256 IN (SELECT substr(?2, 1 + 32 * number, 32) FROM place)
                """)
        let bytes = Data(digests.flatMap(\.bytes))
        return Set(try Data.fetchAll(query, arguments: [digests.count, bytes]).compactMap { DigestValue($0) })
    }

    init(_ database: Database) throws {
        self.database = database
        pairInsertion = try database.cachedStatement(
            sql: """
                INSERT INTO pair (pair_key, prompt_id, exam_id, chosen, rejected, content_sha256, unordered_sha256,
                    record_sha256, source, reviewer, created_at, rejected_kind, finding_kinds, unseen_kind,
                    designated_split, findings, additional, batch_id, line)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        promptInsertion = try database.cachedStatement(
            sql: "INSERT INTO prompt (sha256, form, content) VALUES (?, ?, ?)")
        examInsertion = try database.cachedStatement(sql: ExamRows.insertion)
    }

    /// Texts as one JSON array, the form in which a query takes many.
    private static func array(_ texts: [String]) -> String {
        JSONValue.array(texts.map { .string($0) }).serialized()
    }

    private func keys(_ query: String, _ texts: [String]) throws -> Set<TextKey> {
        guard !texts.isEmpty else { return [] }
        let found = try String.fetchAll(database.cachedStatement(sql: query), arguments: [Self.array(texts)])
        return Set(found.map { TextKey($0) })
    }

    private mutating func lookUp(_ candidates: ArraySlice<ImportPlan.Candidate>) throws {
        let prompts = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT sha256, prompt_id FROM prompt WHERE sha256 IN (SELECT value FROM json_each(?))"),
            arguments: [Self.array(candidates.map(\.digests.prompt).filter { promptIDs[$0] == nil }.map(\.hex))])
        while let row = try prompts.next() {
            if let digest = DigestValue(hex: row[0]) { promptIDs[digest] = row[1] }
        }
        let keys = candidates.compactMap(\.pair.exam).filter { examIDs[TextKey($0)] == nil }
        guard !keys.isEmpty else { return }
        let exams = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT exam_key, exam_id FROM exam WHERE exam_key IN (SELECT value FROM json_each(?))"),
            arguments: [Self.array(keys)])
        while let row = try exams.next() { examIDs[TextKey(row[0])] = row[1] }
    }

    private mutating func insert(_ candidate: ImportPlan.Candidate, batch: Int64) throws {
        let pair = candidate.pair
        let promptID = try promptID(of: candidate)
        let examID = try examID(of: pair)
        try pairInsertion.execute(arguments: [
            pair.id, promptID, examID, StoredPairs.column(pair.chosen).content,
            StoredPairs.column(pair.rejected).content, candidate.digests.content, candidate.digests.unordered,
            candidate.digests.record, pair.source, pair.reviewer, pair.created, pair.rejectedKind?.rawValue,
            pair.findingKinds.isEmpty ? "[]" : Self.array(pair.findingKinds), pair.unseenKind, pair.split?.rawValue,
            pair.findings,
            pair.additional.members.isEmpty ? "{}" : JSONValue.object(pair.additional).serialized(), batch,
            candidate.line,
        ])
    }

    private mutating func promptID(of candidate: ImportPlan.Candidate) throws -> Int64 {
        if let known = promptIDs[candidate.digests.prompt] { return known }
        let (form, content) = StoredPairs.column(candidate.pair.prompt)
        try promptInsertion.execute(arguments: [candidate.digests.prompt.hex, form, content])
        promptIDs[candidate.digests.prompt] = database.lastInsertedRowID
        return database.lastInsertedRowID
    }

    private mutating func examID(of pair: PreferencePair) throws -> Int64? {
        let fields = (pair.exam, pair.patient, pair.modality, pair.bodyPart)
        guard let exam = pair.exam else { return try ExamRows.id(of: fields, database) }
        let key = TextKey(exam)
        if let known = examIDs[key] { return known }
        try examInsertion.execute(arguments: [pair.exam, pair.patient, pair.modality, pair.bodyPart])
        examIDs[key] = database.lastInsertedRowID
        return database.lastInsertedRowID
    }
}
