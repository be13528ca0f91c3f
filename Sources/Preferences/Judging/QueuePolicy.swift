public import Diagnostics
internal import GRDB
public import StrictJSON

/// How the next case is chosen; every presentation records the policy that chose it, so that an analysis can weight it.
public struct QueuePolicy: Sendable, Equatable {
    /// Which pair comes first.
    public enum Order: Sendable, Equatable {
        /// As the pairs came.
        case fifo
        /// By chance, which follows from a seed.
        case random(seed: UInt64)
        /// What teaches most: pairs of small implicit-reward margin, then pairs whose readers disagree so far, then the
        /// rest by margin.
        ///
        /// Low margins are where the trained model is least sure; active selection for DPO by this quantity is studied
        /// by Muldrew et al. 2024, arXiv 2402.08114.
        case informative

        var name: String {
            switch self {
            case .fifo: "fifo"
            case .random: "random"
            case .informative: "informative"
            }
        }
    }

    /// What a reader's subspecialties are good for.
    public enum SpecialtyMatch: String, Sendable, CaseIterable {
        /// Nothing: every reader is given every case.
        case ignored
        /// A reader's own fields and cases of no field first, then the others.
        case preferred
        /// A reader's own fields and cases of no field only; a reader without fields is given every case.
        case required
    }

    /// Which pair comes first.
    public var order = Order.fifo
    /// How many readers a pair gets where whoever adds it says nothing, 1 to 100.
    public var overlap = 2
    /// The share of cases with a known answer that are mixed in, 0 to 1.
    public var goldRate = 0.05
    /// The share of swapped repeats of the reader's own cases that are mixed in, 0 to 1.
    public var repeatRate = 0.05
    /// How many cases lie between a case and its repeat at least.
    public var repeatGap = 20
    /// The share of cases that are drawn evenly from all open ones in place of the informative order, 0 to 1.
    ///
    /// They are an unbiased sample; without them nothing can be said of the pairs that the order passes over.
    public var uniformShare = 0.2
    /// The share of the known margins that counts as small, 0 to 1.
    public var smallMarginShare = 0.25
    /// What a reader's subspecialties are good for.
    public var specialtyMatch = SpecialtyMatch.preferred

    /// The settings of a store in which nobody chose others.
    public init() {}

    /// The settings by name, as presentations' records and the commands write them.
    public var json: JSONObject {
        var object: JSONObject = [
            "order": .string(order.name), "overlap": .number(JSONNumber(overlap)),
            "gold_rate": .number(JSONNumber(goldRate)), "repeat_rate": .number(JSONNumber(repeatRate)),
            "repeat_gap": .number(JSONNumber(repeatGap)), "uniform_share": .number(JSONNumber(uniformShare)),
            "small_margin_share": .number(JSONNumber(smallMarginShare)),
            "specialty_match": .string(specialtyMatch.rawValue),
        ]
        if case .random(let seed) = order { object["seed"] = .string(String(seed)) }
        return object
    }

    init?(_ json: JSONValue) {
        guard let name = json["order"]?.string,
            let match = json["specialty_match"]?.string.flatMap(SpecialtyMatch.init),
            let overlap = json["overlap"]?.int, let gap = json["repeat_gap"]?.int,
            let gold = json["gold_rate"]?.double, let again = json["repeat_rate"]?.double,
            let uniform = json["uniform_share"]?.double, let small = json["small_margin_share"]?.double
        else { return nil }
        switch name {
        case "fifo": order = .fifo
        case "informative": order = .informative
        case "random":
            guard let seed = json["seed"]?.string.flatMap({ UInt64($0) }) else { return nil }
            order = .random(seed: seed)
        default: return nil
        }
        (self.overlap, goldRate, repeatRate, repeatGap) = (overlap, gold, again, gap)
        (uniformShare, smallMarginShare, specialtyMatch) = (uniform, small, match)
    }

    /// Refuses shares outside 0 to 1 and mixtures that leave nothing of the queue itself.
    func check() throws(Refusal) {
        let shares = [goldRate, repeatRate, uniformShare, smallMarginShare]
        guard shares.allSatisfy({ (0...1).contains($0) }), goldRate + repeatRate <= 0.9, (1...100).contains(overlap),
            (1...10_000).contains(repeatGap)
        else {
            throw Refusal(
                code: "queue.bad-policy", at: "queue",
                "rates and shares are 0 to 1, gold and repeats together at most 0.9, readers 1 to 100, the gap 1 to 10000",
                mend: "correct the setting")
        }
    }
}

/// Policies between rows and values.
enum PolicyRows {
    /// The policy in force, its row (nil when nobody has set one), and the margin below which a pair's counts as small.
    static func current(_ database: Database) throws -> (policy: QueuePolicy, id: Int64?, cut: Double?) {
        let statement = try database.cachedStatement(
            sql: "SELECT policy_id, policy, margin_cut FROM queue_policy ORDER BY policy_id DESC LIMIT 1")
        guard let row = try Row.fetchOne(statement),
            let policy = StoredPairs.json(row["policy"]).flatMap({ QueuePolicy($0) })
        else { return (QueuePolicy(), nil, nil) }
        return (policy, row["policy_id"], row["margin_cut"])
    }

    /// Puts a policy into force and every waiting slot where it belongs.
    static func set(_ policy: QueuePolicy, at moment: String, _ database: Database) throws {
        let cut = try policy.order == .informative ? RewardMargins.cut(share: policy.smallMarginShare, database) : nil
        try database.execute(
            sql: "INSERT INTO queue_policy (policy, margin_cut, recorded_at) VALUES (?, ?, ?)",
            arguments: [JSONValue.object(policy.json).serialized(), cut, moment])
        try QueueOrder.arrangeAll(policy, cut: cut, database)
    }
}

extension PreferenceStore {
    /// The policy in force.
    public func queuePolicy() throws(Refusal) -> QueuePolicy { try reading { try PolicyRows.current($0).policy } }

    /// Puts another policy into force; presentations keep the record of the one that chose them.
    ///
    /// Every waiting place is put in the new order, which takes seconds with hundreds of thousands.
    ///
    /// - Throws: `queue.bad-policy`.
    public func setQueuePolicy(_ policy: QueuePolicy) throws(Refusal) {
        try policy.check()
        let digest = ContentDigest.sha256(JSONValue.object(policy.json).serializedBytes())
        let event = auditEvent("set", "queue_policy", policy.order.name, after: digest)
        try writing { database in
            let known = try PolicyRows.current(database)
            guard known.id == nil || known.policy != policy else { return }
            try PolicyRows.set(policy, at: event.at, database)
            try AuditChain.append(event, database)
        }
    }
}
