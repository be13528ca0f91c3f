internal import Diagnostics
internal import GRDB

/// Keeps an import's pairs as they come, in a transaction that the caller ends.
///
/// Where the store holds no pair yet and the file is large, the indexes of its tables are left out until every row is
/// there: sorted and made at once they cost a small part of what they cost row by row.
struct ImportKeeper {
    /// The number that the batch will have; its own row is written last.
    let batch: Int64
    private let isFirst: Bool
    private let leavesIndexesOut: Bool
    private let keeps: Keeping
    private var rows: PairRows
    private let database: Database

    /// From which size on a first file's indexes are made at the end.
    static let largeFileBytes: Int64 = 1 << 18

    /// What is kept.
    enum Keeping {
        /// Nothing: the pairs are only compared with the store.
        case nothing
        /// Every new pair until something is refused: the caller then undoes the transaction.
        case untilRefused
        /// Every new pair.
        case everything
    }

    /// Begins a batch; `byteCount` is the file's size.
    init(_ database: Database, byteCount: Int64, keeps: Keeping) throws {
        self.database = database
        self.keeps = keeps
        batch = try 1 + (Int64.fetchOne(database, sql: "SELECT max(batch_id) FROM import_batch") ?? 0)
        isFirst =
            try Row.fetchOne(
                database, sql: "SELECT 1 FROM pair UNION ALL SELECT 1 FROM prompt UNION ALL SELECT 1 FROM exam LIMIT 1")
            == nil
        leavesIndexesOut = keeps != .nothing && isFirst && byteCount >= Self.largeFileBytes
        if leavesIndexesOut {
            for index in StoreSchema.pairIndexes { try database.execute(sql: "DROP INDEX \(index.name)") }
        }
        rows = try PairRows(database)
    }

    /// Checks pairs against the store and keeps the new ones; the plan has what became of each.
    mutating func take(_ candidates: [ImportPlan.Candidate], _ plan: inout ImportPlan) throws {
        let known = isFirst ? [] : try rows.possiblyKnown(candidates)
        var new = candidates
        if !known.isEmpty {
            new = []
            for (index, candidate) in candidates.enumerated() {
                if try !known.contains(index) || plan.isNew(candidate, database) { new.append(candidate) }
            }
        }
        for candidate in new { plan.take(candidate) }
        if plan.takenCount == new.count { rows.reserve(plan.expectedCount) }
        if keeps == .nothing || (keeps == .untilRefused && !plan.refused.isEmpty) { return }
        try rows.insert(new, batch: batch, looksUp: !isFirst)
    }

    /// Makes the indexes that were left out.
    func finish() throws {
        guard leavesIndexesOut else { return }
        for index in StoreSchema.pairIndexes { try database.execute(sql: index.sql) }
    }
}
