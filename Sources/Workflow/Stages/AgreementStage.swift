public import Diagnostics
import Evaluation
import Preferences
import StrictJSON

/// How far a store's readers agree: with one another, with themselves, and with the side of the screen.
public enum AgreementStage {
    /// Figures over the readers' current answers, with intervals from resampled examinations.
    ///
    /// - Throws: `agreement.no-judgements` when nobody has answered.
    public static func run(store path: String, seed: UInt64, events: StageEvents) throws(Refusal) -> StageResult {
        let ratings = try StoreFile.open(path).givenRatings().map(\.rating)
        guard !ratings.isEmpty else {
            throw Refusal(
                code: "agreement.no-judgements", at: path, "the store holds no answer of a reader",
                mend: "have pairs judged first")
        }
        let options = AgreementOptions(levels: [0, 0.5, 1], seed: seed)
        let criteria = CriterionAgreement.all(ratings, options: options)
        let overall = ratings.filter { $0.criterion.isEmpty }
        let bias = PositionBias(overall)
        let repeats = SwappedRepeats(overall, options: options)
        var facts: JSONObject = [
            "store": .string(path), "ratings": .number(JSONNumber(ratings.count)),
            "seed": .string(String(seed)), "criteria": .array(criteria.map(json)), "position": json(bias),
        ]
        facts["swapped_repeats"] = repeats.map(json) ?? .null
        var lines = ["\(path): \(counted(ratings.count, "rating")). Intervals of 95 %, seed \(seed)."]
        for criterion in criteria { lines += text(criterion) }
        lines.append("Left chosen \(bias.left), right \(bias.right), neither \(bias.ties)\(share(bias)).")
        if let repeats {
            lines.append(
                "Swapped repeats: \(repeats.consistentCount) of \(repeats.itemCount) with the same verdict.")
        }
        return StageResult(facts, text: lines.joined(separator: "\n"))
    }

    private static func text(_ agreement: CriterionAgreement) -> [String] {
        let name = agreement.criterion.isEmpty ? "overall choice" : agreement.criterion
        var lines = ["\(name), \(counted(agreement.raters.count, "reader")):"]
        for one in agreement.estimates { lines.append("  \(one.statistic): \(figure(one))") }
        for pair in agreement.pairs {
            guard let kappa = pair[.cohen(.none)], kappa.itemCount > 0 else { continue }
            lines.append("  \(pair.first) and \(pair.second), \(kappa.statistic): \(figure(kappa))")
        }
        return lines
    }

    private static func figure(_ estimate: AgreementEstimate) -> String {
        guard let number = estimate.value.number else { return estimate.value.description }
        let interval = estimate.interval.map { " (\(rounded($0.lower)) to \(rounded($0.upper)))" } ?? ""
        return "\(rounded(number))\(interval), \(counted(estimate.itemCount, "pair"))"
    }

    private static func share(_ bias: PositionBias) -> String {
        guard let share = bias.leftShare, let interval = bias.interval() else { return "" }
        return ": the left one in \(rounded(share.value)) (\(rounded(interval.lower)) to \(rounded(interval.upper)))"
    }

    private static func rounded(_ number: Double) -> String { String((number * 1000).rounded() / 1000) }

    private static func json(_ agreement: CriterionAgreement) -> JSONValue {
        [
            "criterion": .string(agreement.criterion), "readers": .array(agreement.raters.map { .string($0) }),
            "figures": .array(agreement.estimates.map(json)),
            "pairs": .array(
                agreement.pairs.map { pair in
                    [
                        "first": .string(pair.first), "second": .string(pair.second),
                        "figures": .array(pair.estimates.map(json)),
                    ]
                }),
        ]
    }

    private static func json(_ estimate: AgreementEstimate) -> JSONValue {
        [
            "statistic": .string(estimate.statistic.description),
            "value": estimate.value.number.map { .number(JSONNumber($0)) } ?? .null,
            "undefined": estimate.value.number == nil ? .string(estimate.value.description) : .null,
            "interval": estimate.interval.map(json) ?? .null, "items": .number(JSONNumber(estimate.itemCount)),
            "ratings": .number(JSONNumber(estimate.ratingCount)),
        ]
    }

    private static func json(_ interval: ConfidenceInterval) -> JSONValue {
        .array([.number(JSONNumber(interval.lower)), .number(JSONNumber(interval.upper))])
    }

    private static func json(_ bias: PositionBias) -> JSONValue {
        [
            "left": .number(JSONNumber(bias.left)), "right": .number(JSONNumber(bias.right)),
            "ties": .number(JSONNumber(bias.ties)),
            "left_share": bias.leftShare.map { .number(JSONNumber($0.value)) } ?? .null,
            "interval": bias.interval().map(json) ?? .null, "exact_p": .number(JSONNumber(bias.exactP)),
        ]
    }

    private static func json(_ repeats: SwappedRepeats) -> JSONValue {
        [
            "items": .number(JSONNumber(repeats.itemCount)),
            "consistent": .number(JSONNumber(repeats.consistentCount)),
            "left_advantage": .number(JSONNumber(repeats.leftAdvantage)),
            "figures": .array(repeats.estimates.map(json)),
        ]
    }
}
