import Evaluation
import Markup

extension AlignmentReport {
    /// The systems side by side, a measure a line.
    var systemsSection: HTMLText? {
        guard !systems.isEmpty else { return nil }
        let header =
            [tag("th", ["scope": "col"], "Measure")] + systems.map { column("th", $0, HTMLText($0.role.label)) }
        let rows = measures.map { measure -> HTMLText in
            let cells = systems.map { system -> HTMLText in
                column("td", system, measure.cell(system) ?? Self.absent)
            }
            let name = tag("th", ["scope": "row"], HTMLText(measure.name))
            return .element("tr", [:], [name] + cells)
        }
        let table = tag(
            "table", ["class": "systems"],
            tag(
                "caption", [:],
                "The same held-out cases, decoded alike. Content beside style: neither stands for the other."),
            tag("thead", [:], .element("tr", [:], header)), .element("tbody", [:], rows))
        let level = headline?.interval.level ?? 0.95
        return tag(
            "section", [:], tag("h2", [:], "The systems"), scrolling("The systems", table),
            tag(
                "p", ["class": "note"],
                HTMLText(
                    "Win rates count a tie as one half; below each, its \(NumberText.level(level)) interval clustered by "
                        + "patient, then wins, ties and losses. The judge applies the same rules to which the chosen texts "
                        + "were written.")))
    }

    private struct Measure {
        let name: String
        let cell: (SystemResult) -> HTMLText?
    }

    private static let absent = tag("span", ["aria-label": "not applicable"], "\u{2013}")

    private var measures: [Measure] {
        let style = [
            Measure(name: "Rules met, mean") {
                "\(NumberText.fixed($0.rulesMet, decimals: 2)) of \($0.ruleCount)"
            },
            Measure(name: "Win rate over the base") { $0.winOverBase.map(Self.rateCell) },
            Measure(name: "Win rate over few-shot") { $0.winOverFewShot.map(Self.rateCell) },
            Measure(name: "Win rate over SFT alone") { $0.winOverSFT.map(Self.rateCell) },
        ].filter { measure in systems.contains { measure.cell($0) != nil } }
        let content: [Measure] =
            systems.contains { $0.content != nil }
            ? [
                Measure(name: "Findings stated") { $0.content.map { Self.shareCell($0.stated, $0.findings) } },
                Measure(name: "Findings dropped") { $0.content.map { Self.shareCell($0.dropped, $0.findings) } },
                Measure(name: "Findings invented") { $0.content.map { "\($0.invented)" } },
                Measure(name: "Side errors") { $0.content.map { "\($0.sideErrors)" } },
                Measure(name: "Number errors") { $0.content.map { "\($0.numberErrors)" } },
                Measure(name: "Whole impression right") {
                    $0.content.map { Self.shareCell($0.wholeRight, $0.impressions) }
                },
                Measure(name: "Recommen\u{00AD}dation given") {
                    $0.content.map { Self.shareCell($0.recommendationsGiven, $0.recommendationsNeeded) }
                },
            ] : []
        let form = [
            Measure(name: "Distinct outputs") { Self.shareCell($0.distinctOutputs, $0.outputs) },
            Measure(name: "Did not end") { Self.shareCell($0.unendedOutputs, $0.outputs) },
            Measure(name: "Repeated a line") { Self.shareCell($0.repeatingOutputs, $0.outputs) },
            Measure(name: "Words, median") { HTMLText(NumberText.short($0.medianWords)) },
        ]
        return style + content + form
    }

    private func column(_ name: StaticString, _ system: SystemResult, _ content: HTMLText) -> HTMLText {
        let isOwn = system.role == .aligned
        if name.description == "th" {
            return tag("th", ["scope": "col", "class": isOwn ? "own" : ""], content)
        }
        return tag("td", ["class": isOwn ? "own" : ""], content)
    }

    private static func rateCell(_ rate: WinRate) -> HTMLText {
        tag("strong", [:], HTMLText(NumberText.fixed(rate.tieHalf)))
            + tag("small", [:], HTMLText(NumberText.interval(rate.interval)))
            + tag(
                "small", [:],
                "W\u{00A0}\(rate.wins)\u{00A0}\u{00B7} T\u{00A0}\(rate.ties)\u{00A0}\u{00B7} L\u{00A0}\(rate.losses)")
    }

    static func shareCell(_ part: Int, _ whole: Int) -> HTMLText {
        guard whole > 0 else { return "none to state" }
        return HTMLText(NumberText.fixed(Double(part) / Double(whole), decimals: 2))
            + tag("small", [:], "\(part) of \(whole)")
    }

    /// The content for kinds of finding that training showed and for those it never did.
    var contentSection: HTMLText? {
        let shown = systems.filter { $0.seenContent != nil || $0.unseenContent != nil }
        guard !shown.isEmpty else { return nil }
        let names = ["Stated", "Dropped", "Invented", "Side or number wrong", "Impression right"]
        let groups = tag(
            "tr", [:], tag("th", ["scope": "col", "rowspan": "2"], "System"),
            tag("th", ["scope": "colgroup", "colspan": "5"], "Kinds of finding seen in training"),
            tag("th", ["scope": "colgroup", "colspan": "5", "class": "split"], "Kinds never seen"))
        let columns = names.map { tag("th", ["scope": "col"], HTMLText($0)) }
        let unseenColumns = names.enumerated().map { index, name in
            tag("th", ["scope": "col", "class": index == 0 ? "split" : ""], HTMLText(name))
        }
        let rows = shown.map { system in
            HTMLText.element(
                "tr", ["class": system.role == .aligned ? "own" : ""],
                [tag("th", ["scope": "row"], HTMLText(system.role.label))]
                    + Self.contentCells(system.seenContent, first: "")
                    + Self.contentCells(system.unseenContent, first: "split"))
        }
        let table = tag(
            "table", ["class": "content"], tag("caption", [:], "Findings of the references, in the words of the case."),
            tag("thead", [:], groups, .element("tr", [:], columns + unseenColumns)), .element("tbody", [:], rows))
        return tag(
            "section", [:], tag("h2", [:], "Content, for seen and unseen kinds of finding"),
            scrolling("Content for seen and unseen kinds", table))
    }

    private static func contentCells(_ figures: ContentFigures?, first: String) -> [HTMLText] {
        guard let figures else { return (0..<5).map { tag("td", ["class": $0 == 0 ? first : ""], absent) } }
        return [
            tag("td", ["class": first], shareCell(figures.stated, figures.findings)),
            tag("td", [:], shareCell(figures.dropped, figures.findings)), tag("td", [:], "\(figures.invented)"),
            tag("td", [:], "\(figures.sideErrors + figures.numberErrors)"),
            tag("td", [:], shareCell(figures.wholeRight, figures.impressions)),
        ]
    }
}
