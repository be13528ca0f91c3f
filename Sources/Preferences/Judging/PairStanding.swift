internal import GRDB

/// What each pair's readers say together, kept beside the events that it follows from, so that disagreements are found
/// without reading every answer.
enum PairStanding {
    /// The column's word; nil for a pair that nobody has judged.
    static func word(_ verdict: PairVerdict) -> String? {
        switch verdict {
        case .open: nil
        case .agreed: "agreed"
        case .conflict: "conflict"
        case .adjudicated: "adjudicated"
        case .excluded: "excluded"
        }
    }

    /// Works a pair's standing out anew after an event; gives it.
    @discardableResult
    static func update(pair: Int64, _ database: Database) throws -> String? {
        let standing = word(try JudgedPairs.all(database, only: pair)[pair]?.verdict ?? .open)
        guard let standing else {
            try database.cachedStatement(sql: "DELETE FROM pair_standing WHERE pair_id = ?").execute(arguments: [pair])
            return nil
        }
        try database.cachedStatement(
            sql: """
                INSERT INTO pair_standing VALUES (?, ?) ON CONFLICT (pair_id) DO UPDATE SET standing = excluded.standing
                """
        ).execute(arguments: [pair, standing])
        return standing
    }

    /// Works out every pair's standing.
    static func rebuild(_ database: Database) throws {
        try database.execute(sql: "DELETE FROM pair_standing")
        for (pair, judged) in try JudgedPairs.all(database) {
            guard let standing = word(judged.verdict) else { continue }
            try database.cachedStatement(sql: "INSERT INTO pair_standing VALUES (?, ?)").execute(
                arguments: [pair, standing])
        }
    }

    /// The first pair whose standing is not what its events say.
    static func firstWrong(_ database: Database) throws -> Int64? {
        var kept: [Int64: String] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT pair_id, standing FROM pair_standing")
        while let row = try rows.next() { kept[row["pair_id"]] = row["standing"] }
        let found = try JudgedPairs.all(database).compactMapValues { word($0.verdict) }
        return Set(kept.keys).union(found.keys).filter { kept[$0] != found[$0] }.min()
    }
}
