import Evaluation

@testable import Reporting

/// An invented report with every part filled: its numbers are made up and of no run.
struct SampleReport {
    /// What is done to every text of the report.
    var text: (String) -> String = { $0 }

    static let cases = 45

    /// Comparisons of so many wins, ties and losses; every seventh case is a second one of its patient.
    static func comparisons(_ wins: Int, _ ties: Int, _ losses: Int) -> [Comparison] {
        let verdicts =
            Array(repeating: Verdict.win, count: wins) + Array(repeating: .tie, count: ties)
            + Array(repeating: .loss, count: losses)
        return verdicts.enumerated().map { index, verdict in
            let patient = index % 7 == 6 ? index - 1 : index
            return Comparison(item: "case-\(index)", cluster: "patient-\(patient)", verdict: verdict)
        }
    }

    static func content(
        _ impressions: Int, _ findings: Int, stated: Int, wrongSide: Int, wrongNumber: Int, invented: Int, right: Int,
        recommended: Int
    ) -> ContentFigures {
        ContentFigures(
            impressions: impressions, findings: findings, stated: stated,
            dropped: findings - stated - wrongSide - wrongNumber, invented: invented, sideErrors: wrongSide,
            numberErrors: wrongNumber, wholeRight: right, recommendationsNeeded: impressions * 2 / 5,
            recommendationsGiven: recommended)
    }

    var systems: [SystemResult] {
        [
            SystemResult(
                role: .aligned, outputs: 45, ruleCount: 14, rulesMet: 13.42,
                winOverBase: WinRate(Self.comparisons(40, 3, 2)), winOverFewShot: WinRate(Self.comparisons(27, 11, 7)),
                winOverSFT: WinRate(Self.comparisons(9, 31, 5)),
                content: Self.content(
                    45, 84, stated: 74, wrongSide: 1, wrongNumber: 2, invented: 1, right: 21, recommended: 11),
                seenContent: Self.content(
                    30, 56, stated: 51, wrongSide: 0, wrongNumber: 1, invented: 0, right: 16, recommended: 8),
                unseenContent: Self.content(
                    15, 28, stated: 23, wrongSide: 1, wrongNumber: 1, invented: 1, right: 5, recommended: 3),
                distinctOutputs: 43, unendedOutputs: 0, repeatingOutputs: 1, medianWords: 19),
            SystemResult(
                role: .base, outputs: 45, ruleCount: 14, rulesMet: 8.31,
                content: Self.content(
                    45, 84, stated: 26, wrongSide: 3, wrongNumber: 4, invented: 12, right: 0, recommended: 0),
                seenContent: Self.content(
                    30, 56, stated: 19, wrongSide: 2, wrongNumber: 2, invented: 8, right: 0, recommended: 0),
                unseenContent: Self.content(
                    15, 28, stated: 7, wrongSide: 1, wrongNumber: 2, invented: 4, right: 0, recommended: 0),
                distinctOutputs: 45, unendedOutputs: 9, repeatingOutputs: 14, medianWords: 68.5),
            SystemResult(
                role: .fewShot, outputs: 45, ruleCount: 14, rulesMet: 11.87,
                winOverBase: WinRate(Self.comparisons(36, 4, 5)),
                content: Self.content(
                    45, 84, stated: 27, wrongSide: 2, wrongNumber: 5, invented: 21, right: 1, recommended: 2),
                seenContent: Self.content(
                    30, 56, stated: 17, wrongSide: 1, wrongNumber: 3, invented: 13, right: 1, recommended: 2),
                unseenContent: Self.content(
                    15, 28, stated: 10, wrongSide: 1, wrongNumber: 2, invented: 8, right: 0, recommended: 0),
                distinctOutputs: 41, unendedOutputs: 2, repeatingOutputs: 6, medianWords: 27),
            SystemResult(
                role: .sft, outputs: 45, ruleCount: 14, rulesMet: 13.29,
                winOverBase: WinRate(Self.comparisons(39, 4, 2)), winOverFewShot: WinRate(Self.comparisons(25, 13, 7)),
                content: Self.content(
                    45, 84, stated: 68, wrongSide: 2, wrongNumber: 3, invented: 2, right: 16, recommended: 10),
                seenContent: Self.content(
                    30, 56, stated: 47, wrongSide: 1, wrongNumber: 2, invented: 1, right: 12, recommended: 7),
                unseenContent: Self.content(
                    15, 28, stated: 21, wrongSide: 1, wrongNumber: 1, invented: 1, right: 4, recommended: 3),
                distinctOutputs: 42, unendedOutputs: 1, repeatingOutputs: 2, medianWords: 18),
        ]
    }

    /// A rule kept on so many cases by both, fixed, broken and broken by both.
    func rule(
        _ id: String, _ description: String, _ both: Int, _ fixed: Int, _ broken: Int, _ neither: Int,
        safety: Bool = false
    ) -> RuleResult {
        let shape = [(both, true, true), (fixed, true, false), (broken, false, true), (neither, false, false)]
        let outcomes = shape.flatMap { count, a, b in Array(repeating: (a, b), count: count) }
        let items = outcomes.enumerated().map { index, outcome in
            PairedProportions.Item(
                cluster: "patient-\(index % 7 == 6 ? index - 1 : index)", passesA: outcome.0, passesB: outcome.1)
        }
        return RuleResult(
            id: text(id), description: text(description), isSafety: safety,
            outcomes: items.isEmpty ? nil : PairedProportions(items))
    }

    var rules: [RuleResult] {
        [
            rule("heading", "The first line is IMPRESSION:, alone and once.", 4, 40, 0, 1),
            rule("numbered-items", "Every other line is an item, numbered from 1 without gaps.", 2, 41, 0, 2),
            rule("one-statement", "Each item is one statement with a full stop.", 12, 29, 1, 3),
            rule("no-restating", "Findings are not restated in their own frames.", 15, 22, 2, 6),
            rule("laterality", "The side of an item is the side in the findings.", 25, 3, 1, 1, safety: true),
            rule("measurement-agreement", "Every measurement occurs in the findings.", 19, 4, 0, 2, safety: true),
            rule("measurement-style", "Measurements are written 7 mm or 1.2 cm.", 14, 6, 1, 2),
            rule("abbreviations", "Words are written out.", 39, 4, 2, 0),
            rule("length", "At most five items and sixty words.", 20, 25, 0, 0),
            rule(
                "recommendation-form", "A recommendation is last, in its form, with subject and interval.", 3, 9, 0, 4),
            rule("leftovers", "Nothing of a template, the prompt or the chat is left.", 38, 7, 0, 0, safety: true),
            rule("repetition", "No statement twice, no run of words over and over.", 31, 13, 1, 0),
            rule("hedging", "No hedges.", 37, 6, 2, 0),
            rule("priors", "No comparison without a prior examination.", 0, 0, 0, 0),
        ]
    }

    var training: TrainingLog {
        var generator = SeededGenerator(seed: 11)
        func noise() -> Double { Double(generator.index(below: 2001)) / 1000 - 1 }
        let steps = (1...60).map { step -> TrainingLog.Step in
            let x = Double(step) / 60
            let rise = 1 - 1 / (1 + 8 * x * x)
            let warm = Double(step) / 6
            let values: [String: Double] = [
                "loss": step == 1 ? 2.21 : 2.21 - 1.9 * rise + 0.05 * noise(),
                "rewards/margins": step == 1 ? 0 : 4.1 * rise + 0.3 * noise(),
                "rewards/accuracies": step == 1 ? 0 : min(1, max(0.25, 0.55 + 0.5 * rise + 0.1 * noise())),
                "delta_logps/chosen": step == 1 ? 0 : 31 * rise + 1.4 * noise(),
                "delta_logps/rejected": step == 1 ? 0 : -10 * rise + 1.8 * noise(),
                "learning_rate": step <= 6 ? 5e-4 * warm : 5e-4 * (1 - (x - 0.1) / 0.9 * (x - 0.1) / 0.9),
                "grad_norm": 9 / (1 + 3 * x) + 0.8 * noise(),
            ]
            return TrainingLog.Step(step: step, values: values)
        }
        return TrainingLog(steps: steps)
    }

    var rewards: HeldOutRewards {
        var generator = SeededGenerator(seed: 5)
        let pairs = (0..<Self.cases).map { index -> ScoredPair in
            let isHard = index % 2 == 0
            let gain = Double(generator.index(below: 50)) - 8
            let loss = isHard ? Double(generator.index(below: 30)) - 15 : Double(generator.index(below: 70)) - 5
            return ScoredPair(
                item: "case-\(index)", cluster: "patient-\(index % 7 == 6 ? index - 1 : index)",
                kind: text(isHard ? "content_error" : "off_style"), chosen: -60 + gain, rejected: -90 - loss,
                referenceChosen: -60, referenceRejected: -90)
        }
        return HeldOutRewards(pairs, beta: 0.1)
    }

    var report: AlignmentReport {
        AlignmentReport(
            title: text("Impressions in the house style"), runID: text("2026-11-24-impression-dpo-7c1f"),
            date: text("2026-11-24"), isSynthetic: true, smallModel: text("135M"),
            conventions: text("house-style, version 1"), plannedItems: 45, systems: systems,
            contentDifference: ClusteredMean(
                (0..<40).map { [0.5, 1, 0, 1, 0.5][$0 % 5] }, clusters: (0..<40).map { "patient-\($0)" }, range: -1...1),
            rules: rules, training: training, rewards: rewards, examples: examples,
            leakageChecks: [
                LeakageCheck(
                    key: "patients_shared", name: text("patients in both parts"), count: 0,
                    method: text("Patient keys of the snapshot compared as bytes.")),
                LeakageCheck(
                    key: "near_duplicates", name: text("near copies of held-out prompts"), count: 0,
                    method: text("Jaccard index of 8-word sequences of 0.5 or more.")),
            ],
            provenance: provenance, limits: [text("The few-shot prompt has three examples, chosen once by hand.")])
    }

    var provenance: Provenance {
        Provenance(
            baseModel: text("SmolLM2-135M-Instruct.Q4_1.gguf"),
            baseModelSHA256: text("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
            quantization: text("Q4_1, frozen"), adapterSHA256: text(String(repeating: "3f9a", count: 16)),
            snapshotDigest: text("sha256:" + String(repeating: "c01d", count: 16)),
            recipe: text("Recipes/impression-dpo.yaml"),
            recipeDigest: text("sha256:" + String(repeating: "77ab", count: 16)),
            seed: 42, decoding: text("greedy, at most 96 new tokens"), programVersion: text("0.1.0"),
            blas: text("OpenBLAS 0.3.21, Haswell"), cpu: text("2 cores, AVX-512"), threads: 2,
            more: [.init(key: "few_shot_prompt", label: "Few-shot prompt", value: text("3 examples, digest 51c2"))],
            stages: [
                .init(name: text("import"), seconds: 0.42, peakMemoryBytes: 61_000_000),
                .init(name: text("snapshot"), seconds: 0.31, peakMemoryBytes: 64_000_000),
                .init(name: text("reference log-probabilities"), seconds: 41, peakMemoryBytes: 610_000_000),
                .init(name: text("train"), seconds: 262, peakMemoryBytes: 1_310_000_000),
                .init(name: text("compare"), seconds: 148, peakMemoryBytes: 702_000_000),
            ])
    }
}
