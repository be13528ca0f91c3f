internal import GRDB

/// The implicit-reward margin of each pair: how much the trained model prefers the candidate with the smaller number.
///
/// β((log π(x) − log π_ref(x)) − (log π(y) − log π_ref(y))); Rafailov et al. 2023, arXiv 2305.18290, equation 5 and the
/// text after it. TRL logs it as `rewards/margins`.
enum RewardMargins {
    /// A pair's newest margin.
    static func newest(pair: Int64, _ database: Database) throws -> Double? {
        try Double.fetchOne(
            database.cachedStatement(
                sql: "SELECT margin FROM reward_margin WHERE pair_id = ? ORDER BY import_id DESC LIMIT 1"),
            arguments: [pair])
    }

    /// The size of margin below which a share of the pairs that still wait lies; nil while no margin is known.
    static func cut(share: Double, _ database: Database) throws -> Double? {
        let sizes = try Double.fetchAll(
            database,
            sql: """
                SELECT abs(margin) FROM reward_margin AS newest
                WHERE import_id = (SELECT max(import_id) FROM reward_margin AS other WHERE other.pair_id = newest.pair_id)
                    AND EXISTS (SELECT 1 FROM judging_slot WHERE judging_slot.pair_id = newest.pair_id AND state <> 'done')
                ORDER BY 1
                """)
        guard !sizes.isEmpty, share > 0 else { return nil }
        return sizes[min(sizes.count - 1, Int((Double(sizes.count) * share).rounded(.up)) - 1)]
    }
}
