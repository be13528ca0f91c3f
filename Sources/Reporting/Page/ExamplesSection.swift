import Markup

extension AlignmentReport {
    /// The cases side by side.
    var examplesSection: HTMLText? {
        guard let examples, !examples.cases.isEmpty else { return nil }
        return .element(
            "section", [:],
            [tag("h2", [:], "Side by side"), tag("p", ["class": "note"], HTMLText(examples.rule))]
                + examples.cases.map(article))
    }

    private func article(_ shown: ExampleCases.Case) -> HTMLText {
        let outputs = shown.outputs.sorted { $0.role < $1.role }.map { output -> HTMLText in
            let rules = system(output.role).map { " of \(NumberText.whole($0.ruleCount))" } ?? ""
            let marks = output.ruleFindings.map { "Rule: \($0)" } + output.contentErrors.map { "Content: \($0)" }
            let list =
                marks.isEmpty
                ? tag("ul", ["class": "marks none"], tag("li", [:], "Nothing found."))
                : HTMLText.element("ul", ["class": "marks"], marks.map { tag("li", [:], data($0)) })
            return tag(
                "div", ["class": output.role == .aligned ? "text own" : "text"],
                tag(
                    "h4", [:], HTMLText(output.role.label),
                    tag("span", [:], "\(output.rulesMet)\(rules) rules")), words(output.text), list)
        }
        let reference = tag("div", ["class": "text"], tag("h4", [:], "Reference"), words(shown.reference))
        return tag(
            "article", ["class": "case"],
            tag("h3", [:], "\(data(shown.id)) \(tag("span", ["class": "reason"], HTMLText(shown.reason.label)))"),
            tag("div", ["class": "words"], HTMLText(shown.findings)),
            .element("div", ["class": "texts"], outputs + [reference]))
    }

    private func words(_ text: String) -> HTMLText {
        tag("div", ["class": "words", "dir": "auto"], text.isEmpty ? "(empty)" : HTMLText(text))
    }
}
