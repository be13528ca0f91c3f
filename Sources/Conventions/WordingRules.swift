/// The rules about words and phrases: what is restated, abbreviated, hedged, left over, recommended.
enum WordingRules {
    /// Breaks at every place of a phrase in the text; not applicable to a text without a word.
    static func forbidden(_ phrases: [Phrase], in text: CheckedText, as what: String) -> RuleAnswer {
        guard !text.outline.statements.isEmpty else { return .notApplicable }
        return .broken(places(of: phrases, in: text) { "\(what) '\($0)'" })
    }

    static func noRestating(
        _ text: CheckedText, frames: [Phrase], pointers: [Phrase], normalPhrases: [Phrase]
    ) -> RuleAnswer {
        guard !text.outline.statements.isEmpty else { return .notApplicable }
        var found = places(of: frames, in: text) { "'\($0)' restates the findings' sentence" }
        found += places(of: pointers, in: text) { "'\($0)' points to the findings instead of saying it" }
        found += places(of: normalPhrases, in: text) { "'\($0)' restates a normal finding" }
        let contents = text.outline.statements.map { StatementContent(text.bytes, $0.range) }
        let findings = contents.filter { !isNegative($0) && $0.firstWord != "recommend" }
        if !findings.isEmpty {
            for (statement, content) in zip(text.outline.statements, contents) where isNegative(content) {
                found.append(BrokenPlace(statement.range, "a normal finding beside abnormal ones"))
            }
        }
        return .broken(found.sorted { $0.range.lowerBound < $1.range.lowerBound })
    }

    private static func isNegative(_ content: StatementContent) -> Bool {
        content.firstWord == "no" || content.firstWord == "normal"
    }

    static func leftovers(_ text: CheckedText, marks: [Phrase]) -> RuleAnswer {
        guard !text.outline.lines.isEmpty else { return .notApplicable }
        return .broken(places(of: marks, in: text) { "'\($0)' is left over from a template, the prompt or the chat" })
    }

    static func recommendationForm(
        _ text: CheckedText, verb: Phrase, subjects: [Phrase], forbidden: [Phrase]
    ) -> RuleAnswer {
        let statements = text.outline.statements
        let wrongForm = places(of: forbidden, in: text) { "'\($0)' is not the form of a recommendation" }
        let isRecommendation = statements.map {
            verb.firstMatch(in: text.bytes, $0.range)?.lowerBound == $0.range.lowerBound
        }
        guard isRecommendation.contains(true) || !wrongForm.isEmpty else { return .notApplicable }
        var found = wrongForm
        let last = isRecommendation.lastIndex(of: false) ?? -1
        for (index, statement) in statements.enumerated() where isRecommendation[index] {
            if index < last { found.append(BrokenPlace(statement.range, "a recommendation is the last item")) }
            if !subjects.contains(where: { $0.firstMatch(in: text.bytes, statement.range) != nil }) {
                found.append(
                    BrokenPlace(statement.range, "the recommendation does not say which examination or service"))
            }
            let words = TextScan.words(text.bytes, in: statement.range).map(\.text)
            if words.contains("follow-up"), !hasInterval(words) {
                found.append(BrokenPlace(statement.range, "the follow-up has no interval"))
            }
        }
        return .broken(found.sorted { $0.range.lowerBound < $1.range.lowerBound })
    }

    /// Whether the words say `in 6 months`, or another whole number and unit of time.
    private static func hasInterval(_ words: [String]) -> Bool {
        let units: Set<String> = ["day", "days", "week", "weeks", "month", "months", "year", "years"]
        return words.indices.contains { index in
            index + 2 < words.count && words[index] == "in" && Int(words[index + 1].prefix { $0 != "-" }) != nil
                && units.contains(words[index + 2])
        }
    }

    /// The first place of each phrase in each line, in the text's order.
    private static func places(
        of phrases: [Phrase], in text: CheckedText, saying message: (String) -> String
    ) -> [BrokenPlace] {
        var found: [BrokenPlace] = []
        for line in text.outline.lines {
            for phrase in phrases {
                if let range = phrase.firstMatch(in: text.bytes, line.range) {
                    found.append(BrokenPlace(range, message(phrase.text)))
                }
            }
        }
        return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}
