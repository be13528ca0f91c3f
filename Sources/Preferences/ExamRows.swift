internal import Diagnostics
internal import GRDB

/// Examinations between rows and values.
enum ExamRows {
    static let insertion = "INSERT INTO exam (exam_key, patient_key, modality, body_part) VALUES (?, ?, ?, ?)"

    /// The examination's row by its keys, made when it is new; nil when nothing is known of it.
    ///
    /// Each query is the one whose index finds few rows: by key, by patient, or among the examinations without either.
    static func id(
        of fields: (key: String?, patient: String?, modality: String?, bodyPart: String?), _ database: Database
    ) throws -> Int64? {
        let all: StatementArguments = [fields.key, fields.patient, fields.modality, fields.bodyPart]
        if fields.key != nil {
            return try StoredPairs.rowID(
                database,
                "SELECT exam_id FROM exam WHERE exam_key = ? AND patient_key IS ? AND modality IS ? AND body_part IS ?",
                all, else: insertion, all)
        }
        if fields.patient != nil {
            return try StoredPairs.rowID(
                database,
                """
                SELECT exam_id FROM exam WHERE patient_key = ? AND +exam_key IS NULL AND modality IS ? AND body_part IS ?
                """,
                [fields.patient, fields.modality, fields.bodyPart], else: insertion, all)
        }
        guard fields.modality != nil || fields.bodyPart != nil else { return nil }
        return try StoredPairs.rowID(
            database,
            """
            SELECT exam_id FROM exam INDEXED BY exam_without_keys
            WHERE exam_key IS NULL AND patient_key IS NULL AND modality IS ? AND body_part IS ?
            """,
            [fields.modality, fields.bodyPart], else: insertion, all)
    }

    /// The row of an examination with its details; what the row lacks is filled in, and what differs is refused.
    static func id(of exam: Exam, at place: String, _ database: Database) throws -> Int64? {
        if let key = exam.key {
            let differs = try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT 1 FROM exam
                        WHERE exam_key = ? AND NOT (patient_key IS ? AND modality IS ? AND body_part IS ?)
                        """),
                arguments: [key, exam.patient, exam.modality, exam.bodyPart])
            guard differs == nil else {
                throw Refusal(
                    code: "pair.exam-differs", at: place,
                    "the store has this examination with another patient, modality or body part",
                    mend: "correct the record")
            }
        }
        guard let id = try id(of: (exam.key, exam.patient, exam.modality, exam.bodyPart), database) else { return nil }
        let details: [(column: String, value: (any DatabaseValueConvertible)?)] = [
            ("subspecialty", exam.subspecialty), ("procedure_code", exam.procedureCode),
            ("procedure_system", exam.procedureSystem), ("procedure_text", exam.procedureText),
            ("age_band", exam.ageBand), ("sex", exam.sex?.rawValue), ("has_prior", exam.hasPrior),
            ("exam_year", exam.year), ("site", exam.site),
        ]
        guard exam.key != nil, details.contains(where: { $0.value != nil }) else { return id }
        let columns = details.map { "\($0.column) = coalesce(\($0.column), ?)" }.joined(separator: ", ")
        let arguments = StatementArguments(details.map(\.value)) + [id]
        try database.cachedStatement(sql: "UPDATE exam SET \(columns) WHERE exam_id = ?").execute(arguments: arguments)
        return id
    }
}
