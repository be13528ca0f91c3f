import Evaluation
import Markup

extension AlignmentReport {
    /// The curves of training.
    var trainingSection: HTMLText? {
        guard let training else { return nil }
        let wanted: [(title: String, unit: String, series: [(name: String, key: String)])] = [
            ("Loss", "nats a pair", [("training", "loss"), ("held out", "eval_loss")]),
            (
                "Reward margin", "chosen less rejected",
                [("training", "rewards/margins"), ("held out", "eval_rewards/margins")]
            ),
            (
                "Reward accuracy", "share of pairs",
                [("training", "rewards/accuracies"), ("held out", "eval_rewards/accuracies")]
            ),
            (
                "Change of log-probability", "nats a text, policy less reference",
                [("chosen", "delta_logps/chosen"), ("rejected", "delta_logps/rejected")]
            ),
            ("Learning rate", "per step", [("learning rate", "learning_rate")]),
            ("Gradient norm", "before clipping", [("gradient norm", "grad_norm")]),
        ]
        let charts = wanted.map { chart in
            LineChart(
                title: chart.title, unit: chart.unit, horizontal: "optimiser step",
                series: chart.series.compactMap { name, key in
                    let points = training.points(key)
                    guard !points.isEmpty else { return nil }
                    return LineChart.Series(name: name, points: points.map { (Double($0.step), $0.value) })
                }
            ).figure
        }.filter { !$0.isEmpty }
        guard !charts.isEmpty else { return nil }
        return tag(
            "section", [:], tag("h2", [:], "Training"), .element("div", ["class": "charts"], charts),
            tag(
                "p", ["class": "note"],
                "Figures of training pairs, which the model has seen: they show that training ran, not that it helped. The "
                    + "chosen texts should become more likely; that the rejected ones become less likely is not enough."
            ))
    }

    /// The implicit rewards of held-out pairs.
    var rewardsSection: HTMLText? {
        guard let rewards else { return nil }
        let header = ["Rejected text", "Pairs"].map { tag("th", ["scope": "col"], HTMLText($0)) }
        let figures = [
            "Accuracy, tie = half", "Accuracy, strict", "Margin, mean", "Chosen reward", "Rejected reward", "Loss",
        ]
        .map { tag("th", ["scope": "col", "class": "number"], HTMLText($0)) }
        let rows = ([rewards.overall] + rewards.byKind).map(row)
        let table = tag(
            "table", ["class": "rules"],
            tag(
                "caption", [:],
                "\u{03B2} = \(NumberText.short(rewards.beta)); the reference is the same base with the adapter off."),
            tag("thead", [:], .element("tr", [:], header + figures)), .element("tbody", [:], rows))
        return tag(
            "section", [:],
            tag("h2", [:], "Implicit rewards of held-out pairs: not a measure of what the model writes"),
            tag(
                "p", [:],
                "These figures tell how far training moved the model\u{2019}s probabilities towards given chosen texts and "
                    + "away from given rejected ones. They do not tell what it writes by itself: a model can tell every "
                    + "pair apart and yet write worse than its base. Read them beside the sections above, never instead."
            ),
            scrolling("Implicit rewards", table))
    }

    private func row(_ rewards: ImplicitRewards) -> HTMLText {
        func number(_ text: String, _ small: ConfidenceInterval? = nil) -> HTMLText {
            let below = small.map { tag("small", [:], HTMLText(NumberText.interval($0))) } ?? HTMLText()
            return tag("td", ["class": "number"], HTMLText(text), below)
        }
        let name = rewards.kind.map { $0.isEmpty ? "kind not recorded" : $0 } ?? "all kinds"
        return tag(
            "tr", [:], tag("th", ["scope": "row"], data(name)), tag("td", [:], "\(rewards.total)"),
            number(NumberText.fixed(rewards.tieHalfAccuracy), rewards.accuracy.interval),
            number(NumberText.fixed(rewards.strictAccuracy)),
            number(NumberText.fixed(rewards.margin.mean), rewards.margin.interval),
            number(NumberText.signed(rewards.chosen)), number(NumberText.signed(rewards.rejected)),
            number(NumberText.fixed(rewards.loss)))
    }
}
