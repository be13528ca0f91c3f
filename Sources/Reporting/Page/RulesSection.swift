import Evaluation
import Markup

extension AlignmentReport {
    /// How many rules the figure shows beside those that are always listed.
    private static let figureRows = 10

    /// The rules that changed most: a figure, and a table of all.
    var rulesSection: HTMLText? {
        guard !rules.isEmpty else { return nil }
        let ordered = rulesByChange
        let drawn = ordered.enumerated().filter { $0.offset < Self.figureRows || $0.element.isSafetyBroken }
            .compactMap { _, rule in
                rule.outcomes.map {
                    DumbbellChart.Row(
                        label: rule.id, before: $0.passRateB, after: $0.passRateA, isAlarming: rule.isSafetyBroken)
                }
            }
        let safety = ordered.filter(\.isSafetyBroken)
        let sentence =
            safety.isEmpty
            ? tag("p", [:], "No safety rule that the base kept was broken by the aligned model.")
            : tag(
                "p", ["class": "alarm"],
                HTMLText(
                    "Safety rules broken where the base kept them: "
                        + safety.map { "\($0.id) (\(NumberText.whole($0.outcomes?.broken ?? 0)))" }
                        .joined(separator: ", ") + "."))
        return tag(
            "section", [:], tag("h2", [:], "Rules that changed most"), sentence,
            DumbbellChart(title: "Share of cases that keep the rule, base and aligned", rows: drawn).figure,
            scrolling("Rules", table(ordered)),
            tag(
                "p", ["class": "note"],
                HTMLText(
                    "n: cases to which the rule applies for both outputs. Fixed: the base broke it, the aligned model kept "
                        + "it; broken: the reverse. The difference is paired, with an interval clustered by patient; p is "
                        + "McNemar\u{2019}s exact test, corrected by Holm over all \(holmP.count) rules that applied. The "
                        + "win rate over the base is the one declared primary endpoint.")))
    }

    private func table(_ ordered: [RuleResult]) -> HTMLText {
        let level = NumberText.level(headline?.interval.level ?? 0.95)
        let names = ["n", "Base", "Aligned", "Fixed", "Broken"]
        let header =
            [tag("th", ["scope": "col"], "Rule")]
            + names.map { tag("th", ["scope": "col", "class": "number"], HTMLText($0)) }
            + [
                tag("th", ["scope": "col", "class": "number"], "Difference", tag("small", [:], "\(level) interval")),
                tag("th", ["scope": "col", "class": "number"], "Exact p"),
                tag("th", ["scope": "col", "class": "number"], "Holm p"),
            ]
        let holm = holmP
        return tag(
            "table", ["class": "rules"], tag("caption", [:], "Each rule on the same cases."),
            tag("thead", [:], .element("tr", [:], header)),
            .element("tbody", [:], ordered.map { row($0, holm: holm[$0.id]) }))
    }

    private func row(_ rule: RuleResult, holm: Double?) -> HTMLText {
        let mark = rule.isSafety ? (rule.isSafetyBroken ? " (safety, broken)" : " (safety)") : ""
        let name = tag("th", ["scope": "row"], "\(data(rule.id))\(mark)", tag("small", [:], data(rule.description)))
        guard let outcomes = rule.outcomes else {
            return tag("tr", [:], name, tag("td", ["colspan": "8"], "applied to no case"))
        }
        func number(_ text: String) -> HTMLText { tag("td", ["class": "number"], HTMLText(text)) }
        let interval = outcomes.difference.interval.map { tag("small", [:], HTMLText(NumberText.interval($0))) }
        let cells = [
            number(NumberText.whole(outcomes.total)), number(NumberText.fixed(outcomes.passRateB, decimals: 2)),
            number(NumberText.fixed(outcomes.passRateA, decimals: 2)), number(NumberText.whole(outcomes.fixed)),
            number(NumberText.whole(outcomes.broken)),
            tag(
                "td", ["class": "number"], HTMLText(NumberText.signed(outcomes.difference.mean)), interval ?? HTMLText()
            ),
            number(NumberText.p(outcomes.exactP)), number(holm.map { NumberText.p($0) } ?? "\u{2013}"),
        ]
        return .element("tr", ["class": rule.isSafetyBroken ? "broken" : ""], [name] + cells)
    }
}
