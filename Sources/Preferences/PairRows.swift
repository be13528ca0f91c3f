internal import Foundation
internal import GRDB
internal import StrictJSON

/// Writes many pairs at once: what the store has of their prompts and examinations is looked up a thousand at a time.
struct PairRows {
    /// How many pairs one query asks about.
    static let chunk = 1000

    private let database: Database
    private var pairs: BatchedInsertion
    private var prompts: BatchedInsertion
    private var exams: BatchedInsertion
    private var promptIDs: [DigestValue: Int64] = [:]
    private var examIDs: [TextKey: Int64] = [:]
    /// The number of the next new row; what a prompt or an examination refers to is known before it is there.
    private var nextPrompt: Int64
    private var nextExam: Int64

    /// Makes room for what is to be remembered of so many pairs.
    mutating func reserve(_ count: Int) {
        promptIDs.reserveCapacity(count)
        examIDs.reserveCapacity(count)
    }

    /// Keeps pairs in their order; the caller has made sure that they conflict with nothing.
    ///
    /// - Parameter looksUp: whether the store may have prompts and examinations that these rows did not make.
    mutating func insert(_ candidates: [ImportPlan.Candidate], batch: Int64, looksUp: Bool) throws {
        for start in stride(from: 0, to: candidates.count, by: Self.chunk) {
            let piece = candidates[start..<min(candidates.count, start + Self.chunk)]
            if looksUp { try lookUp(piece) }
            for candidate in piece { try insert(candidate, batch: batch) }
        }
        try flush()
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
            "SELECT pair_key FROM pair WHERE pair_key IN (SELECT value FROM json_each(?))", candidates.map(\.id.text))
        // What these rows know of an examination was compared with the store when it was first met.
        let exams = try keys(
            "SELECT exam_key FROM exam WHERE exam_key IN (SELECT value FROM json_each(?))",
            candidates.compactMap(\.exam).filter { examIDs[$0] == nil }.map(\.text))
        if texts.isEmpty, ids.isEmpty, exams.isEmpty { return [] }
        return Set(
            candidates.indices.filter { index in
                let one = candidates[index]
                return texts.contains(one.digests.unordered) || ids.contains(one.id)
                    || one.exam.map { exams.contains($0) } == true
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
        pairs = BatchedInsertion(database, into: "pair", PairValues.pairColumns)
        prompts = BatchedInsertion(database, into: "prompt", PairValues.promptColumns)
        exams = BatchedInsertion(database, into: "exam", PairValues.examColumns)
        nextPrompt = 1 + (try Int64.fetchOne(database, sql: "SELECT max(prompt_id) FROM prompt") ?? 0)
        nextExam = 1 + (try Int64.fetchOne(database, sql: "SELECT max(exam_id) FROM exam") ?? 0)
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
        let keys = candidates.compactMap(\.exam).filter { examIDs[$0] == nil }.map(\.text)
        guard !keys.isEmpty else { return }
        let exams = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT exam_key, exam_id FROM exam WHERE exam_key IN (SELECT value FROM json_each(?))"),
            arguments: [Self.array(keys)])
        while let row = try exams.next() { examIDs[TextKey(row[0])] = row[1] }
    }

    private mutating func insert(_ candidate: ImportPlan.Candidate, batch: Int64) throws {
        let prompt = promptID(of: candidate)
        let exam = try examID(of: candidate)
        pairs.add(candidate.values.pair, [prompt, exam, batch])
        if pairs.isFull { try flush() }
    }

    /// Inserts the rows that wait: what a pair refers to before the pair.
    private mutating func flush() throws {
        try prompts.flush()
        try exams.flush()
        try pairs.flush()
    }

    private mutating func promptID(of candidate: ImportPlan.Candidate) -> Int64 {
        if let known = promptIDs[candidate.digests.prompt] { return known }
        let number = nextPrompt
        nextPrompt += 1
        promptIDs[candidate.digests.prompt] = number
        prompts.add(candidate.values.prompt, [number])
        return number
    }

    private mutating func examID(of candidate: ImportPlan.Candidate) throws -> Int64? {
        guard let key = candidate.exam else {
            let pair = candidate.pair
            try exams.flush()
            let found = try ExamRows.id(of: (nil, pair.patient, pair.modality, pair.bodyPart), database)
            nextExam = max(nextExam, 1 + (found ?? 0))
            return found
        }
        if let known = examIDs[key] { return known }
        let number = nextExam
        nextExam += 1
        examIDs[key] = number
        exams.add(candidate.values.exam, [number])
        return number
    }
}
