internal import Diagnostics
internal import Foundation
internal import GRDB
internal import StrictJSON

/// What belongs to an examination and may not differ from one record to another.
struct ExamFields: Sendable, Equatable {
    let patient: TextKey?
    let modality: TextKey?
    let bodyPart: TextKey?

    init(_ pair: PreferencePair) {
        patient = pair.patient.map { TextKey($0) }
        modality = pair.modality.map { TextKey($0) }
        bodyPart = pair.bodyPart.map { TextKey($0) }
    }
}

/// Contradictions between the lines of one file.
struct FileConflicts {
    let path: String
    private var pairs: [DigestValue: (line: Int, content: DigestValue)] = [:]
    private var lineOfID: [TextKey: Int] = [:]
    private var exams: [TextKey: (line: Int, fields: ExamFields)] = [:]

    init(path: String) {
        self.path = path
    }

    /// Makes room for so many pairs.
    mutating func reserve(_ count: Int) {
        pairs.reserveCapacity(count)
        lineOfID.reserveCapacity(count)
        exams.reserveCapacity(count)
    }

    /// Refuses a line that repeats or contradicts an earlier one; notes it otherwise.
    mutating func check(_ candidate: ImportPlan.Candidate) throws(Refusal) {
        let texts = candidate.digests.unordered
        // Noted at once and taken back where it is refused: most lines are good, and each look-up costs.
        if let earlier = pairs.updateValue((candidate.line, candidate.digests.content), forKey: texts) {
            pairs[texts] = earlier
            throw repeated(candidate, earlier)
        }
        do throws(Refusal) {
            try checkID(candidate)
        } catch {
            pairs[texts] = nil
            throw error
        }
    }

    private mutating func checkID(_ candidate: ImportPlan.Candidate) throws(Refusal) {
        let id = candidate.id
        if let line = lineOfID.updateValue(candidate.line, forKey: id) {
            lineOfID[id] = line
            throw Refusal(
                code: "pair.duplicate-id", at: place(candidate), "the id of this record is that of line \(line)",
                mend: "give every record its own id")
        }
        guard let key = candidate.exam else { return }
        let fields = candidate.examFields
        if let earlier = exams.updateValue((candidate.line, fields), forKey: key), earlier.fields != fields {
            exams[key] = earlier
            lineOfID[id] = nil
            throw Refusal(
                code: "pair.exam-differs", at: place(candidate),
                "the examination has another patient, modality or body part in line \(earlier.line)",
                mend: "correct one of the two")
        }
    }

    private func repeated(
        _ candidate: ImportPlan.Candidate, _ earlier: (line: Int, content: DigestValue)
    ) -> Refusal {
        if earlier.content == candidate.digests.content {
            return Refusal(
                code: "pair.duplicate", at: place(candidate), "the same pair as line \(earlier.line)",
                mend: "remove one of the two")
        }
        return Refusal(
            code: "pair.conflict", at: place(candidate),
            "the pair of line \(earlier.line) with the sides swapped: a conflict",
            mend: "decide which side is preferred and remove the other line")
    }

    private func place(_ candidate: ImportPlan.Candidate) -> String { "\(path):\(candidate.line):1" }
}

/// Contradictions between a record and the store.
enum StoreConflicts {
    enum Judgement {
        case isNew
        case isStored
        case contradicts(Refusal)
    }

    static func judge(_ candidate: ImportPlan.Candidate, file: String, _ database: Database) throws -> Judgement {
        let pair = candidate.pair
        let here = "\(file):\(candidate.line):1"
        let query = try database.cachedStatement(
            sql: """
                SELECT pair_key, content_sha256, record_sha256, batch_id, line FROM pair WHERE unordered_sha256 = ?
                """)
        if let row = try Row.fetchOne(query, arguments: [candidate.digests.unordered]) {
            let place = "line \(row["line"] as Int) of batch \(row["batch_id"] as Int)"
            guard DigestValue(row["content_sha256"] as Data) == candidate.digests.content else {
                return .contradicts(
                    Refusal(
                        code: "pair.conflict", at: here,
                        "the store has this pair with the sides swapped, from \(place): a conflict",
                        mend: "decide which side is preferred and remove this line"))
            }
            guard DigestValue(row["record_sha256"] as Data) == candidate.digests.record else {
                return .contradicts(
                    Refusal(
                        code: "pair.differs", at: here,
                        "the store has this pair with other fields (who, when, examination, split, …), from \(place)",
                        mend: "remove this line, or start a new store"))
            }
            return .isStored
        }
        let sameID = try database.cachedStatement(sql: "SELECT batch_id, line FROM pair WHERE pair_key = ?")
        if let row = try Row.fetchOne(sameID, arguments: [pair.id]) {
            return .contradicts(
                Refusal(
                    code: "pair.duplicate-id", at: here,
                    "the id of this record is that of another pair, from line \(row["line"] as Int) of batch "
                        + "\(row["batch_id"] as Int)", mend: "give every record its own id"))
        }
        guard let exam = pair.exam else { return .isNew }
        let sameExam = try database.cachedStatement(
            sql: """
                SELECT 1 FROM exam WHERE exam_key = ? AND NOT (patient_key IS ? AND modality IS ? AND body_part IS ?)
                """)
        if try Row.fetchOne(sameExam, arguments: [exam, pair.patient, pair.modality, pair.bodyPart]) != nil {
            return .contradicts(
                Refusal(
                    code: "pair.exam-differs", at: here,
                    "the store has this examination with another patient, modality or body part",
                    mend: "correct the record"))
        }
        return .isNew
    }
}
