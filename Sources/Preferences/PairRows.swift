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
    private var promptIDs: [String: Int64] = [:]
    private var examIDs: [[UInt8]: Int64] = [:]

    /// Keeps pairs in their order; the caller has made sure that they conflict with nothing.
    static func insert(_ candidates: [ImportPlan.Candidate], batch: Int64, _ database: Database) throws {
        for start in stride(from: 0, to: candidates.count, by: chunk) {
            let piece = candidates[start..<min(candidates.count, start + chunk)]
            var rows = try PairRows(database)
            try rows.lookUp(piece)
            for candidate in piece { try rows.insert(candidate, batch: batch) }
        }
    }

    /// Which of some pairs the store may know by their texts, their ids or their examinations, by position.
    ///
    /// Only these need to be judged one by one; the others are new.
    static func possiblyKnown(_ candidates: ArraySlice<ImportPlan.Candidate>, _ database: Database) throws -> Set<Int> {
        let texts = try keys(
            database, "SELECT unordered_sha256 FROM pair WHERE unordered_sha256 IN (SELECT value FROM json_each(?))",
            candidates.map(\.digests.unordered))
        let ids = try keys(
            database, "SELECT pair_key FROM pair WHERE pair_key IN (SELECT value FROM json_each(?))",
            candidates.map(\.pair.id))
        let exams = try keys(
            database, "SELECT exam_key FROM exam WHERE exam_key IN (SELECT value FROM json_each(?))",
            candidates.compactMap(\.pair.exam))
        if texts.isEmpty, ids.isEmpty, exams.isEmpty { return [] }
        return Set(
            candidates.indices.filter { index in
                let one = candidates[index]
                return texts.contains(Array(one.digests.unordered.utf8)) || ids.contains(Array(one.pair.id.utf8))
                    || one.pair.exam.map { exams.contains(Array($0.utf8)) } == true
            })
    }

    private init(_ database: Database) throws {
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

    private static func keys(_ database: Database, _ query: String, _ texts: [String]) throws -> Set<[UInt8]> {
        guard !texts.isEmpty else { return [] }
        let found = try String.fetchAll(database.cachedStatement(sql: query), arguments: [array(texts)])
        return Set(found.map { Array($0.utf8) })
    }

    private mutating func lookUp(_ candidates: ArraySlice<ImportPlan.Candidate>) throws {
        let prompts = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT sha256, prompt_id FROM prompt WHERE sha256 IN (SELECT value FROM json_each(?))"),
            arguments: [Self.array(candidates.map(\.digests.prompt))])
        while let row = try prompts.next() { promptIDs[row[0]] = row[1] }
        let keys = candidates.compactMap(\.pair.exam)
        guard !keys.isEmpty else { return }
        let exams = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT exam_key, exam_id FROM exam WHERE exam_key IN (SELECT value FROM json_each(?))"),
            arguments: [Self.array(keys)])
        while let row = try exams.next() { examIDs[Array((row[0] as String).utf8)] = row[1] }
    }

    private mutating func insert(_ candidate: ImportPlan.Candidate, batch: Int64) throws {
        let pair = candidate.pair
        let promptID = try promptID(of: candidate)
        let examID = try examID(of: pair)
        try pairInsertion.execute(arguments: [
            pair.id, promptID, examID, StoredPairs.column(pair.chosen).content,
            StoredPairs.column(pair.rejected).content, candidate.digests.content, candidate.digests.unordered,
            candidate.digests.record, pair.source, pair.reviewer, pair.created, pair.rejectedKind?.rawValue,
            Self.array(pair.findingKinds), pair.unseenKind, pair.split?.rawValue, pair.findings,
            JSONValue.object(pair.additional).serialized(), batch, candidate.line,
        ])
    }

    private mutating func promptID(of candidate: ImportPlan.Candidate) throws -> Int64 {
        if let known = promptIDs[candidate.digests.prompt] { return known }
        let (form, content) = StoredPairs.column(candidate.pair.prompt)
        try promptInsertion.execute(arguments: [candidate.digests.prompt, form, content])
        promptIDs[candidate.digests.prompt] = database.lastInsertedRowID
        return database.lastInsertedRowID
    }

    private mutating func examID(of pair: PreferencePair) throws -> Int64? {
        let fields = (pair.exam, pair.patient, pair.modality, pair.bodyPart)
        guard let exam = pair.exam else { return try ExamRows.id(of: fields, database) }
        let key = Array(exam.utf8)
        if let known = examIDs[key] { return known }
        try examInsertion.execute(arguments: [pair.exam, pair.patient, pair.modality, pair.bodyPart])
        examIDs[key] = database.lastInsertedRowID
        return database.lastInsertedRowID
    }
}
