internal import Evaluation
internal import Preferences
internal import StrictJSON

/// A share with its 95 % interval.
struct ShareFigure: Sendable {
    let proportion: Proportion

    /// Nil without observations.
    init?(_ successes: Int, of trials: Int) {
        guard trials > 0 else { return nil }
        proportion = Proportion(successes, of: trials)
    }

    /// The left one's share of what was decided; nil when nothing was.
    init?(_ bias: PositionBias) {
        guard let proportion = bias.leftShare else { return nil }
        self.proportion = proportion
    }

    var json: JSONValue {
        let interval = proportion.wilson()
        return [
            "share": JSONValue(proportion.value as Double?), "low": JSONValue(interval.lower as Double?),
            "high": JSONValue(interval.upper as Double?), "count": JSONValue(proportion.trials as Int?),
        ]
    }
}

/// One reader's figures.
struct ReaderSummary: Sendable {
    let figures: ReaderFigures
    let leftShare: ShareFigure?
    let selfAgreement: ShareFigure?
    let goldShare: ShareFigure?

    init(_ figures: ReaderFigures) {
        self.figures = figures
        leftShare = ShareFigure(figures.bias)
        selfAgreement = ShareFigure(figures.repeats.same, of: figures.repeats.of)
        goldShare = ShareFigure(figures.gold.right, of: figures.gold.of)
    }

    var json: JSONObject {
        [
            "reviewer": .string(figures.reviewer), "answered": JSONValue(figures.answered as Int?),
            "skipped": JSONValue(figures.skipped as Int?), "corrected": JSONValue(figures.corrected as Int?),
            "undone": JSONValue(figures.undone as Int?),
            "median_active_ms": JSONValue(figures.medianActiveMilliseconds),
            "left_share": leftShare?.json ?? .null, "self_agreement": selfAgreement?.json ?? .null,
            "gold_share": goldShare?.json ?? .null, "flagged_fast": JSONValue(figures.fastAnswers as Int?),
        ]
    }
}

/// The whole project's figures.
struct ProgressSummary: Sendable {
    let figures: ReviewFigures

    /// A count over all purposes of pairs.
    func total(_ count: (ReviewFigures.Progress) -> Int) -> Int { figures.progress.reduce(0) { $0 + count($1) } }

    var pairs: Int { total(\.pairs) }
    var answered: Int { total(\.answered) }
    var leased: Int { total(\.leased) }
    var places: Int { total { $0.waiting + $0.leased + $0.answered + $0.held } }
    var conflicts: Int { total(\.disagreeing) }
    var adjudicated: Int { total(\.adjudicated) }
    /// The estimates of the overall choice, in Evaluation's order.
    var estimates: [AgreementEstimate] { figures.agreement.first?.estimates ?? [] }

    var json: JSONObject {
        [
            "pairs": JSONValue(pairs as Int?), "places": JSONValue(places as Int?),
            "answered": JSONValue(answered as Int?), "leased": JSONValue(leased as Int?),
            "conflicts": JSONValue(conflicts as Int?), "adjudicated": JSONValue(adjudicated as Int?),
            "agreement": JSONValue(figures.agreement.first?[.krippendorff(.ordinal)]?.value.number),
            "readers": .array(figures.readers.map { .object(ReaderSummary($0).json) }),
        ]
    }
}
