internal import GRDB
internal import StrictJSON

/// The search for a reader's next slot.
///
/// The queue is divided into runs (lane, stratum, specialty), each in order; a search looks at the first slot that the
/// reader may take of each run that is open to the reader, and takes the first of them all. How far the reader has come
/// in each run is kept, so that a search does not pass the same slots again.
struct QueueSearch {
    /// One run of slots.
    struct Run: Hashable {
        let lane: String
        let stratum: String
        let specialty: String
    }

    /// A place in a run.
    struct Place: Equatable, Comparable {
        let rank: Double
        let position: Int64

        static func < (a: Place, b: Place) -> Bool { (a.rank, a.position) < (b.rank, b.position) }
    }

    let reader: Int64
    /// The reader's fields in lower case.
    let specialties: Set<String>
    let policy: QueuePolicy
    let database: Database

    init(_ reader: Int64, _ policy: QueuePolicy, _ database: Database) throws {
        self.reader = reader
        self.policy = policy
        self.database = database
        let text = try String.fetchOne(
            database.cachedStatement(sql: "SELECT subspecialties FROM reviewer WHERE reviewer_id = ?"),
            arguments: [reader])
        specialties = Set(
            text.flatMap { StoredPairs.json($0)?.array?.compactMap { $0.string?.lowercased() } } ?? [])
    }

    /// The condition that a slot's pair is new to the reader: not answered, even with skip, and not on the screen.
    private static let isNew = """
        NOT EXISTS (SELECT 1 FROM presentation JOIN judgement USING (presentation_id)
            WHERE presentation.pair_id = slot.pair_id AND presentation.reviewer_id = :reader)
        AND NOT EXISTS (SELECT 1 FROM judging_slot AS other
            WHERE other.pair_id = slot.pair_id AND other.state = 'leased' AND other.reviewer_id = :reader)
        """

    /// The first slot of some lanes, in the order of the policy.
    func first(of lanes: [String]) throws -> JudgingQueue.Slot? {
        let runs = try runs(of: lanes)
        let strata = policy.order == .informative ? ["small_margin", "disagreeing", "plain"] : [nil]
        for group in groups(runs) {
            for stratum in strata {
                if let slot = try first(in: group.filter { stratum == nil || $0.stratum == stratum }) { return slot }
            }
        }
        return nil
    }

    /// A slot drawn evenly from the open ones of a lane: the first at or after a point of the random keys.
    ///
    /// Nil when the next few hundred are not for this reader; the order of the policy then decides.
    func atRandom(lane: String, point: Double) throws -> JudgingQueue.Slot? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT pair_id, slot_no, stratum, random_key FROM (
                    SELECT * FROM judging_slot INDEXED BY judging_slot_at_random
                    WHERE state = 'open' AND reserved_for IS NULL AND lane = :lane AND specialty = :specialty
                        AND random_key >= :from AND random_key < :to
                    ORDER BY random_key LIMIT 200) AS slot
                WHERE \(Self.isNew) ORDER BY random_key LIMIT 1
                """)
        for group in groups(try runs(of: [lane])) {
            for (from, to) in [(point, 2.0), (0, point)] {
                var best: (key: Double, slot: JudgingQueue.Slot)?
                for specialty in Set(group.map(\.specialty)).sorted() {
                    let row = try Row.fetchOne(
                        statement,
                        arguments: ["lane": lane, "specialty": specialty, "from": from, "to": to, "reader": reader])
                    guard let row, (row["random_key"] as Double) < best?.key ?? 2 else { continue }
                    best = (row["random_key"], slot(row))
                }
                if let best { return best.slot }
            }
        }
        return nil
    }

    /// How many slots of some lanes the reader could take, counted up to a limit.
    func count(in lanes: [String], upTo limit: Int) throws -> Int {
        let places = try places()
        let statement = try database.cachedStatement(
            sql: """
                SELECT count(DISTINCT pair_id) FROM (
                    SELECT pair_id FROM judging_slot AS slot INDEXED BY judging_slot_in_order
                    WHERE state = 'open' AND reserved_for IS NULL AND lane = :lane AND stratum = :stratum
                        AND specialty = :specialty AND (rank, queue_position) >= (:rank, :position) AND \(Self.isNew)
                    LIMIT :limit)
                """)
        var total = 0
        for run in groups(try runs(of: lanes)).flatMap({ $0 }) where total < limit {
            let place = places[run] ?? Place(rank: -1, position: 0)
            total +=
                try Int.fetchOne(
                    statement,
                    arguments: [
                        "lane": run.lane, "stratum": run.stratum, "specialty": run.specialty, "rank": place.rank,
                        "position": place.position, "reader": reader, "limit": limit - total,
                    ]) ?? 0
        }
        return min(total, limit)
    }

    // MARK: Runs

    private func runs(of lanes: [String]) throws -> [Run] {
        let statement = try database.cachedStatement(
            sql: "SELECT lane, stratum, specialty FROM queue_run ORDER BY lane, stratum, specialty")
        return try Row.fetchAll(statement).map {
            Run(lane: $0["lane"], stratum: $0["stratum"], specialty: $0["specialty"])
        }.filter { lanes.contains($0.lane) }
    }

    /// The runs that are open to the reader, the preferred ones first.
    private func groups(_ runs: [Run]) -> [[Run]] {
        guard policy.specialtyMatch != .ignored, !specialties.isEmpty else { return [runs] }
        let own = runs.filter { $0.specialty.isEmpty || specialties.contains($0.specialty) }
        guard policy.specialtyMatch == .preferred else { return [own] }
        return [own, runs.filter { !own.contains($0) }]
    }

    private func first(in runs: [Run]) throws -> JudgingQueue.Slot? {
        guard !runs.isEmpty else { return nil }
        let places = try places()
        let statement = try database.cachedStatement(
            sql: """
                SELECT pair_id, slot_no, stratum, rank, queue_position
                FROM judging_slot AS slot INDEXED BY judging_slot_in_order
                WHERE state = 'open' AND reserved_for IS NULL AND lane = :lane AND stratum = :stratum
                    AND specialty = :specialty AND (rank, queue_position) >= (:rank, :position) AND \(Self.isNew)
                ORDER BY rank, queue_position LIMIT 1
                """)
        var best: (place: Place, slot: JudgingQueue.Slot)?
        for run in runs {
            let place = places[run] ?? Place(rank: -1, position: 0)
            let row = try Row.fetchOne(
                statement,
                arguments: [
                    "lane": run.lane, "stratum": run.stratum, "specialty": run.specialty, "rank": place.rank,
                    "position": place.position, "reader": reader,
                ])
            let found = row.map { Place(rank: $0["rank"], position: $0["queue_position"]) }
            let reached = try found ?? end()
            if reached != place { try set(reached, in: run) }
            guard let row, let found, best.map({ found < $0.place }) ?? true else { continue }
            best = (found, slot(row))
        }
        return best?.slot
    }

    private func slot(_ row: Row) -> JudgingQueue.Slot {
        JudgingQueue.Slot(pair: row["pair_id"], number: row["slot_no"], stratum: row["stratum"])
    }

    // MARK: Places

    private func places() throws -> [Run: Place] {
        let statement = try database.cachedStatement(sql: "SELECT * FROM reader_place WHERE reviewer_id = ?")
        var found: [Run: Place] = [:]
        for row in try Row.fetchAll(statement, arguments: [reader]) {
            found[Run(lane: row["lane"], stratum: row["stratum"], specialty: row["specialty"])] = Place(
                rank: row["rank"], position: row["queue_position"])
        }
        return found
    }

    private func set(_ place: Place, in run: Run) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO reader_place VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
                SET rank = excluded.rank, queue_position = excluded.queue_position
                """
        ).execute(arguments: [reader, run.lane, run.stratum, run.specialty, place.rank, place.position])
    }

    /// Past all that is open now, and before all that will come back.
    private func end() throws -> Place {
        Place(
            rank: policy.order == .fifo ? 0 : QueueOrder.endRank, position: try JudgingQueue.nextPosition(database))
    }
}
