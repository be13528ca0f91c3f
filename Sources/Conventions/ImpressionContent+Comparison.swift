extension ImpressionContent {
    /// Compares an output's content with a reference's.
    ///
    /// Matching is by words, not by meaning, and the same on every run. A reference's finding is *stated* when an output
    /// statement has all its content words (`StatementContent`: lower case, no plural `s`, without articles,
    /// prepositions and the findings' frames), the same negations, and exactly its sides, lengths and other numbers. It
    /// is *misstated* when such a statement differs in sides or numbers only, or leaves them out. Otherwise it is
    /// *dropped*. Each output statement answers for one finding; exact ones are matched first. A finding of the output that
    /// answers for none is *invented* unless one sentence of the findings, or one statement of the reference, has all
    /// its content words, sides and numbers and the same negations. An output that says only "No acute abnormality"
    /// drops every finding.
    ///
    /// - Parameters:
    ///   - output: the impression to judge.
    ///   - reference: the impression it should be.
    ///   - findings: the text both are written from.
    public static func compare(output: String, reference: String, findings: String) -> ContentComparison {
        let written = ImpressionContent(parsing: output)
        let wanted = ImpressionContent(parsing: reference)
        var result = ContentComparison()
        var free = written.items.indices.filter { written.items[$0].kind != .recommendation }
        var open: [Item] = []
        for item in wanted.items(.finding) {
            if let match = free.first(where: { written.items[$0].content.states(item.content) }) {
                free.removeAll { $0 == match }
                result.stated += 1
            } else {
                open.append(item)
            }
        }
        for item in open {
            guard let match = free.first(where: { written.items[$0].content.hasWords(of: item.content) }) else {
                result.dropped += 1
                continue
            }
            free.removeAll { $0 == match }
            result.misstated += 1
            let content = written.items[match].content
            if content.sides != item.content.sides { result.sideErrors += 1 }
            if !content.hasNumbers(of: item.content) { result.numberErrors += 1 }
        }
        let support = FindingsText(findings).sentences + wanted.items.map(\.content)
        result.invented = free.count { index in
            let item = written.items[index]
            return item.kind == .finding && !support.contains { $0.supports(item.content) }
        }
        result.recommendation = recommendation(written, wanted)
        result.isExact = written.items.map(\.words) == wanted.items.map(\.words)
        result.repeatsStatement = Set(written.items.map(\.words)).count < written.items.count
        result.referenceIsNormal = wanted.isNormal
        result.outputIsNormal = written.isNormal
        return result
    }

    private static func recommendation(
        _ written: ImpressionContent, _ wanted: ImpressionContent
    ) -> ContentComparison.Recommendation {
        let given = written.items(.recommendation).map(\.content)
        let needed = wanted.items(.recommendation).map(\.content)
        if needed.isEmpty { return given.isEmpty ? .notNeeded : .unneeded }
        if given.isEmpty { return .missing }
        let same =
            needed.allSatisfy { need in given.contains { $0.recommendsSame(as: need) } }
            && given.allSatisfy { gift in needed.contains { $0.recommendsSame(as: gift) } }
        return same ? .given : .wrong
    }
}

extension StatementContent {
    /// Whether all the other's content words are here, with the same negations.
    func hasWords(of other: StatementContent) -> Bool {
        !other.words.isEmpty && other.words.isSubset(of: words) && other.negations == negations
    }

    /// Whether lengths and other numbers are the other's.
    func hasNumbers(of other: StatementContent) -> Bool { lengths == other.lengths && numbers == other.numbers }

    /// Whether this states the other as it is.
    func states(_ other: StatementContent) -> Bool {
        hasWords(of: other) && sides == other.sides && hasNumbers(of: other)
    }

    /// Whether both recommend the same, as "Recommend …" or as "… is recommended".
    func recommendsSame(as other: StatementContent) -> Bool {
        let own = words.filter { !$0.hasPrefix("recommend") }
        return own == other.words.filter { !$0.hasPrefix("recommend") } && hasNumbers(of: other)
            && sides == other.sides && negations == other.negations
    }

    /// Whether everything the other says is said here.
    func supports(_ other: StatementContent) -> Bool {
        other.words.isSubset(of: words) && other.negations == negations && other.sides.isSubset(of: sides)
            && other.numbers.isSubset(of: numbers) && other.lengths.isSubset(of: lengths)
    }
}
