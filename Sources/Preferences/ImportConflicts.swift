internal import Diagnostics
internal import Foundation
internal import GRDB
internal import StrictJSON

/// Contradictions between the lines of one file.
struct FileConflicts {
    private struct Exam: Equatable {
        let line: Int
        let fields: [TextKey?]
    }

    let path: String
    private var pairs: [DigestValue: (line: Int, content: DigestValue)] = [:]
    private var lineOfID: [TextKey: Int] = [:]
    private var exams: [TextKey: Exam] = [:]

    init(path: String) {
        self.path = path
    }

    /// Refuses a line that repeats or contradicts an earlier one; notes it otherwise.
    mutating func check(_ candidate: ImportPlan.Candidate) throws(Refusal) {
        let here = "\(path):\(candidate.line):1"
        if let earlier = pairs[candidate.digests.unordered] {
            guard earlier.content != candidate.digests.content else {
                throw Refusal(
                    code: "pair.duplicate", at: here, "the same pair as line \(earlier.line)",
                    mend: "remove one of the two")
            }
            throw Refusal(
                code: "pair.conflict", at: here, "the pair of line \(earlier.line) with the sides swapped: a conflict",
                mend: "decide which side is preferred and remove the other line")
        }
        let id = TextKey(candidate.pair.id)
        if let line = lineOfID[id] {
            throw Refusal(
                code: "pair.duplicate-id", at: here, "the id of this record is that of line \(line)",
                mend: "give every record its own id")
        }
        if let key = candidate.pair.exam.map({ TextKey($0) }) {
            let pair = candidate.pair
            let fields = [pair.patient, pair.modality, pair.bodyPart].map { $0.map { TextKey($0) } }
            if let earlier = exams[key], earlier.fields != fields {
                throw Refusal(
                    code: "pair.exam-differs", at: here,
                    "the examination has another patient, modality or body part in line \(earlier.line)",
                    mend: "correct one of the two")
            }
            exams[key] = Exam(line: candidate.line, fields: fields)
        }
        pairs[candidate.digests.unordered] = (candidate.line, candidate.digests.content)
        lineOfID[id] = candidate.line
    }
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
