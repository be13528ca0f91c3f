public import Diagnostics
internal import GRDB

extension PreferenceStore {
    /// What an examination's key is looked up by.
    public enum ShownCase: Sendable, Equatable {
        /// A presentation's number.
        case presentation(Int64)
        /// A correction task's number.
        case correction(Int64)
        /// A pair's number.
        case pair(Int64)
    }

    /// The key of the examination that a case is about, for a link to the department's viewer; nil where none is known.
    public func examKey(of shown: ShownCase) throws(Refusal) -> String? {
        let (sql, id): (String, Int64) =
            switch shown {
            case .presentation(let id):
                ("JOIN judging_pair USING (exam_id) JOIN presentation USING (pair_id) WHERE presentation_id = ?", id)
            case .correction(let id): ("JOIN correction_task USING (exam_id) WHERE task_id = ?", id)
            case .pair(let id): ("JOIN judging_pair USING (exam_id) WHERE pair_id = ?", id)
            }
        return try reading { database in
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT exam_key FROM exam \(sql)"), arguments: [id])
        }
    }
}
