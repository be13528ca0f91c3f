import Evaluation
import Markup

extension AlignmentReport {
    /// Leakage and power.
    var checksSection: HTMLText {
        let rows = leakageChecks.map { check in
            tag(
                "tr", ["class": check.passes ? "" : "broken"],
                tag("th", ["scope": "row"], data(check.name), tag("small", [:], data(check.method))),
                tag("td", ["class": "number"], "\(check.count)"), tag("td", [:], check.passes ? "passed" : "failed"))
        }
        let leakage =
            rows.isEmpty
            ? tag("p", ["class": "alarm"], "Training and held-out cases were not checked for overlap.")
            : tag(
                "table", [:], tag("caption", [:], "Training and held-out cases must have nothing in common."),
                tag(
                    "thead", [:],
                    tag(
                        "tr", [:], tag("th", ["scope": "col"], "Check"),
                        tag("th", ["scope": "col", "class": "number"], "Found"),
                        tag("th", ["scope": "col"], "Result"))), .element("tbody", [:], rows))
        return tag(
            "section", [:], tag("h2", [:], "Leakage and power"), leakage,
            .element("div", ["class": "note"], powerSentences.map { tag("p", [:], HTMLText($0)) }))
    }

    /// What a comparison of this size can show.
    var powerSentences: [String] {
        var sentences = [
            "Planned: \(NumberText.whole(plannedItems)) cases; judged: \(NumberText.whole(headline?.total ?? 0)); "
                + "not judged: \(NumberText.whole(invalidItems))."
        ]
        guard let headline else { return sentences }
        if let smallest = smallestDetectableWinRate {
            sentences.append(
                "The smallest win rate that \(NumberText.whole(headline.total)) cases of "
                    + "\(NumberText.whole(headline.clusterCount)) patients, a share of "
                    + "\(NumberText.fixed(headline.tieRate, decimals: 2)) of them ties, could show (power 0.80, two-sided "
                    + "0.05) is \(NumberText.fixed(smallest, decimals: 2)).")
        } else {
            sentences.append(
                "\(NumberText.whole(headline.total)) cases, a share of "
                    + "\(NumberText.fixed(headline.tieRate, decimals: 2)) of them ties, are too "
                    + "few to show any win rate with power 0.80.")
        }
        return sentences
    }

    /// What the run was made of, and the limits.
    var provenanceSection: HTMLText {
        let facts = ([Provenance.Fact(key: "run_id", label: "Run", value: runID)] + provenance.facts).flatMap {
            [tag("dt", [:], HTMLText($0.label)), tag("dd", [:], data($0.value))]
        }
        var parts = [tag("h2", [:], "What this run was made of"), HTMLText.element("dl", [:], facts)]
        if !provenance.stages.isEmpty {
            let rows = provenance.stages.map { stage in
                tag(
                    "tr", [:], tag("th", ["scope": "row"], data(stage.name)),
                    tag("td", ["class": "number"], HTMLText(NumberText.duration(seconds: stage.seconds))),
                    tag(
                        "td", ["class": "number"],
                        HTMLText(stage.peakMemoryBytes.map { NumberText.bytes($0) } ?? "\u{2013}")))
            }
            parts += [
                tag("h3", [:], "Time and memory"),
                tag(
                    "table", [:],
                    tag(
                        "thead", [:],
                        tag(
                            "tr", [:], tag("th", ["scope": "col"], "Stage"),
                            tag("th", ["scope": "col", "class": "number"], "Time"),
                            tag("th", ["scope": "col", "class": "number"], "Peak memory"))),
                    .element("tbody", [:], rows)),
            ]
        }
        parts += [
            tag("h3", [:], "Limits"),
            .element("ul", ["class": "plain"], (Self.standingLimits + limits).map { tag("li", [:], data($0)) }),
        ]
        return .element("section", [:], parts)
    }

    /// The limits that every report states.
    static let standingLimits = [
        "The win rate is about reporting conventions, judged by rules; whether an impression is right is measured against "
            + "one reference text, by its words.",
        "One run with one seed: another seed gives other figures.",
        "Cases of one kind and one style; nothing is known of other departments, languages or modalities.",
        "The judge knows the conventions that the training texts teach: the win rate is no independent evidence of quality.",
    ]
}
