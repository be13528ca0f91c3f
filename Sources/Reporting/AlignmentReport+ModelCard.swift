import Evaluation
import Markup
import StrictJSON

extension AlignmentReport {
    /// A model card in Markdown with Hugging Face's front matter: what the adapter is, what it is for, what it showed.
    ///
    /// It names no hub ids, since a private model has none; every text of the front matter is a double-quoted scalar.
    public func modelCard() -> String {
        let verdict = verdict
        var parts = [
            frontMatter, "# \(MarkdownText.escape(title))\n",
            "An adapter (LoRA) for a frozen base model, trained by Direct Preference Optimization on preference "
                + "pairs. Run \(MarkdownText.escape(runID)), \(MarkdownText.escape(date)).\n",
            "**\(MarkdownText.escape(verdict.headline))**\n",
        ]
        parts += verdict.warnings.map { "**Attention.** \(MarkdownText.escape($0))\n" }
        parts += verdict.sentences.map { MarkdownText.escape($0) + "\n" }
        parts += ["## Use\n", Self.list(fixedSentences + Self.uses)]
        parts += ["## Evaluation\n", systemsTable]
        if let reviewers {
            parts += ["### Judged by reviewers, blinded\n", Self.list(Self.reviewerSentences(reviewers))]
        }
        if !rules.isEmpty { parts += ["### Rules, base and aligned on the same cases\n", rulesTable] }
        if let rewards {
            parts += [
                "### Implicit rewards of held-out pairs\n",
                "Not a measure of what the model writes. Accuracy (tie = half) "
                    + "\(NumberText.fixed(rewards.overall.tieHalfAccuracy)), mean margin "
                    + "\(NumberText.fixed(rewards.overall.margin.mean)) over "
                    + "\(NumberText.whole(rewards.overall.total)) pairs at \u{03B2} = \(NumberText.short(rewards.beta)).\n",
            ]
        }
        parts += ["## Leakage and power\n", Self.list(leakageSentences + powerSentences)]
        let facts = provenance.facts.map { [$0.label, $0.value] }
        if !facts.isEmpty { parts += ["## Version\n", MarkdownText.table(["What", "Value"], facts)] }
        parts += ["## Limits\n", Self.list(Self.standingLimits + limits)]
        return parts.joined(separator: "\n")
    }

    private static let uses = [
        "Made for studying how a department\u{2019}s reporting conventions can be taught from its own corrections.",
        "Out of scope: any use in the care of a patient, unsupervised reporting, other languages and kinds of report.",
        "The model sees no images and cannot check what a text says against one.",
    ]

    private static func list(_ sentences: [String]) -> String {
        sentences.map { "- " + MarkdownText.escape($0) + "\n" }.joined()
    }

    private var leakageSentences: [String] {
        guard !leakageChecks.isEmpty else { return ["Training and held-out cases were not checked for overlap."] }
        return leakageChecks.map { "\($0.name): \(NumberText.whole($0.count)) (\($0.passes ? "passed" : "failed"))" }
    }

    private var frontMatter: String {
        func quoted(_ text: String) -> String { JSONValue.string(text).serialized() }
        var lines = ["---", "language: en", "library_name: peft", "tags:", "- dpo", "- lora", "- radiology"]
        lines.append("base_model_relation: adapter")
        guard let headline else { return (lines + ["---", ""]).joined(separator: "\n") }
        lines += [
            "model-index:", "- name: \(quoted(runID))", "  results:", "  - task:", "      type: text-generation",
            "    dataset:", "      name: \(quoted("held-out cases, judged by " + conventions))",
            "      type: \(quoted(isSynthetic ? "synthetic" : "private"))",
        ]
        if let digest = provenance.snapshotDigest { lines.append("      revision: \(quoted(digest))") }
        lines += [
            "    metrics:", "    - name: \(quoted("win rate over the base, tie = half"))", "      type: win_rate",
            "      value: \(headline.tieHalf)", "      args:", "        lower: \(headline.interval.lower)",
            "        upper: \(headline.interval.upper)", "        level: \(headline.interval.level)",
            "        n_wins: \(headline.wins)", "        n_draws: \(headline.ties)",
            "        n_wins_base: \(headline.losses)",
        ]
        if let share = system(.aligned)?.content?.statedShare {
            lines += [
                "    - name: \(quoted("share of findings stated"))", "      type: findings_stated",
                "      value: \(share)",
            ]
        }
        return (lines + ["---", ""]).joined(separator: "\n")
    }

    private var systemsTable: String {
        func rate(_ rate: WinRate?) -> String {
            rate.map {
                "\(NumberText.fixed($0.tieHalf)) (\(NumberText.interval($0.interval))); W \($0.wins) T \($0.ties) L \($0.losses)"
            } ?? "\u{2013}"
        }
        let rows = systems.map { system -> [String] in
            let content = system.content
            return [
                system.role.label, "\(NumberText.fixed(system.rulesMet, decimals: 2)) of \(system.ruleCount)",
                rate(system.winOverBase), rate(system.winOverFewShot),
                content.map { NumberText.share($0.stated, of: $0.findings) } ?? "\u{2013}",
                content.map { NumberText.whole($0.invented) } ?? "\u{2013}",
                content.map { NumberText.share($0.wholeRight, of: $0.impressions) } ?? "\u{2013}",
            ]
        }
        return MarkdownText.table(
            [
                "System", "Rules met",
                "Win rate over base (\(NumberText.level(headline?.interval.level ?? 0.95)) interval)",
                "Win rate over few-shot", "Findings stated", "Invented", "Impression right",
            ], rows)
    }

    private var rulesTable: String {
        let holm = holmP
        let rows = rulesByChange.map { rule -> [String] in
            guard let outcomes = rule.outcomes else { return [rule.id, "0"] + Array(repeating: "\u{2013}", count: 6) }
            let interval = outcomes.difference.interval.map { " (\(NumberText.interval($0)))" } ?? ""
            return [
                rule.id + (rule.isSafetyBroken ? " (safety, broken)" : rule.isSafety ? " (safety)" : ""),
                NumberText.whole(outcomes.total), NumberText.fixed(outcomes.passRateB, decimals: 2),
                NumberText.fixed(outcomes.passRateA, decimals: 2), NumberText.whole(outcomes.fixed),
                NumberText.whole(outcomes.broken), NumberText.signed(outcomes.difference.mean) + interval,
                holm[rule.id].map { NumberText.p($0) } ?? "\u{2013}",
            ]
        }
        return MarkdownText.table(
            ["Rule", "n", "Base", "Aligned", "Fixed", "Broken", "Difference", "Holm p"], rows)
    }
}
