import Evaluation
import Markup

extension AlignmentReport {
    /// The report as one HTML file: no script, no request to any host, figures drawn in place.
    public func html() -> String {
        let head = tag(
            "head", [:], tag("meta", ["charset": "utf-8"]),
            tag(
                "meta",
                [
                    "http-equiv": "Content-Security-Policy",
                    "content": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
                ]),
            tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            tag("meta", ["name": "referrer", "content": "no-referrer"]),
            tag("title", [:], "\(title) \u{2013} alignment report"), .style(StyleSheet.css))
        let sections: [HTMLText?] = [
            header, verdictSection, systemsSection, headlineSection, reviewersSection, contentSection, rulesSection,
            trainingSection,
            rewardsSection, examplesSection, checksSection, provenanceSection,
        ]
        let body = tag("body", [:], HTMLText.element("main", [:], sections.compactMap { $0 }))
        return HTMLText.document(language: "en", [head, body]).markup
    }

    private var header: HTMLText {
        tag(
            "header", [:], tag("h1", [:], data(title)),
            tag(
                "p", ["class": "run"],
                "Alignment report \u{00B7} run \(data(runID)) \u{00B7} \(data(date)) \u{00B7} judged by \(data(conventions))"
            ))
    }

    private var verdictSection: HTMLText {
        let verdict = verdict
        let style =
            switch verdict.outcome {
            case .preferred: "verdict"
            case .noDifferenceShown, .notCompared: "verdict open"
            case .contentFell, .worse, .withheld: "verdict bad"
            }
        var parts = [tag("h2", [:], "Verdict"), tag("p", ["class": "headline"], HTMLText(verdict.headline))]
        if !verdict.warnings.isEmpty {
            let items = verdict.warnings.map {
                tag("li", [:], "\(tag("span", ["class": "alarm"], "Attention.")) \($0)")
            }
            parts.append(.element("ul", ["class": "warnings"], items))
        }
        parts += verdict.sentences.map { tag("p", [:], HTMLText($0)) }
        parts.append(.element("ul", ["class": "fixed"], fixedSentences.map { tag("li", [:], HTMLText($0)) }))
        return .element("section", ["class": style], parts)
    }

    private var headlineSection: HTMLText? {
        guard let aligned = system(.aligned) else { return nil }
        let rows = [
            aligned.winOverBase.map { WinBars.Row(opponent: "the base", rate: $0) },
            aligned.winOverFewShot.map { WinBars.Row(opponent: "base + few-shot", rate: $0) },
            aligned.winOverSFT.map { WinBars.Row(opponent: "SFT alone", rate: $0) },
        ].compactMap { $0 }
        guard let headline, let first = rows.first else { return nil }
        return tag(
            "section", [:], tag("h2", [:], "Wins, ties and losses"), WinBars(rows: rows).figure,
            tag("p", ["class": "note"], HTMLText(Self.howMade(first.rate.interval, headline))))
    }

    /// How the headline's interval was made, with the other rates that the same counts give.
    private static func howMade(_ interval: ConfidenceInterval, _ rate: WinRate) -> String {
        let method =
            switch interval.method {
            case .clusteredT:
                "Student\u{2019}s t on \(rate.clusterCount - 1) degrees of freedom, standard error clustered by patient"
            case .clusteredTWidened:
                "Student\u{2019}s t clustered by patient, widened to what as many patients without a difference would leave open"
            case .agreementBound:
                "all patients agree, so the interval is the exact bound on how many others could differ"
            case .wilson, .clopperPearson, .wald, .bootstrapPercentile: interval.method.rawValue
            }
        var words = "\(NumberText.level(interval.level)) interval over the base: \(method)."
        if let standardError = rate.standardError { words += " Standard error \(NumberText.fixed(standardError))." }
        words += " Exact sign test without the ties: p \(pWords(rate.signTestP))."
        if let decisive = rate.decisive {
            words += " Without ties the aligned model wins \(NumberText.fixed(decisive))"
        }
        if rate.decisive != nil { words += "; if ties counted as losses, \(NumberText.fixed(rate.strict))." }
        return words
    }

    /// A p value with its relation: "= 0.048" or "< 0.001".
    static func pWords(_ value: Double) -> String {
        let text = NumberText.p(value)
        return text.utf8.first == UInt8(ascii: "<") ? text : "= " + text
    }

    /// A table that scrolls in itself where the page is narrow, reachable by keyboard.
    func scrolling(_ label: String, _ table: HTMLText) -> HTMLText {
        tag("div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": label], table)
    }
}
