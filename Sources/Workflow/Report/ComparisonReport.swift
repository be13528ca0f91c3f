import Alignment
import Conventions
import Evaluation
import FoundationEssentials
import Kernels
import Preferences
import Reporting
import StrictJSON

/// All that a comparison found, put into the value that the report's renderers lay out.
struct ComparisonReport {
    let runID: String
    let conventions: ConventionSet
    let systems: [SystemOutputs]
    let snapshot: PreferenceSnapshot
    let rewards: [ScoredPair]
    let beta: Double
    let seed: UInt64
    let training: [TrainingMetrics]
    var provenance: Provenance
    var reviewers: ReviewerJudge?

    /// The report; needs the base's and the aligned model's outputs.
    func report(base: SystemOutputs, aligned: SystemOutputs) -> AlignmentReport {
        let day = Date.now.ISO8601Format().prefix(10)
        return AlignmentReport(
            title: "Alignment report", runID: runID, date: String(day),
            isSynthetic: (snapshot.train + snapshot.heldOut).allSatisfy { $0.source == "synthetic" },
            smallModel: provenance.baseModel.flatMap { $0.contains("135M") ? "135M" : nil },
            conventions: "\(conventions.name), version \(conventions.version)", plannedItems: snapshot.heldOut.count,
            systems: systems.map { $0.result(ruleCount: conventions.rules.count, among: systems) },
            contentDifference: contentDifference(aligned, base),
            rules: conventions.rules.map { rule($0, aligned, base) },
            training: training.isEmpty
                ? nil
                : TrainingLog(
                    steps: training.map { line in
                        TrainingLog.Step(
                            step: line.step,
                            values: Dictionary(line.values.map { ($0.name, $0.value) }) { first, _ in first })
                    }),
            rewards: HeldOutRewards(rewards, beta: beta), examples: examples(aligned, base),
            leakageChecks: leakageChecks,
            provenance: provenance, limits: [], reviewers: reviewers)
    }

    private func contentDifference(_ aligned: SystemOutputs, _ base: SystemOutputs) -> ClusteredMean? {
        let rows = aligned.cases.indices.compactMap { index -> (Double, String)? in
            guard let a = aligned.shareStated(index), let b = base.shareStated(index) else { return nil }
            return (a - b, aligned.cases[index].cluster)
        }
        return rows.isEmpty ? nil : ClusteredMean(rows.map(\.0), clusters: rows.map(\.1), range: -1...1)
    }

    private func rule(_ rule: ConventionRule, _ aligned: SystemOutputs, _ base: SystemOutputs) -> RuleResult {
        let items = aligned.cases.indices.compactMap { index -> PairedProportions.Item? in
            guard let a = aligned.outcomes[index].first(where: { $0.rule == rule.id }), a.isApplicable,
                let b = base.outcomes[index].first(where: { $0.rule == rule.id }), b.isApplicable
            else { return nil }
            return PairedProportions.Item(cluster: aligned.cases[index].cluster, passesA: a.passed, passesB: b.passed)
        }
        return RuleResult(
            id: rule.id, description: rule.description, isSafety: rule.severity == .safety,
            outcomes: items.isEmpty ? nil : PairedProportions(items))
    }

    private func examples(_ aligned: SystemOutputs, _ base: SystemOutputs) -> ExampleCases {
        let selection = ExampleSelection(seed: seed)
        let candidates = zip(aligned.comparisons(with: base), aligned.cases.indices).map {
            ExampleSelection.Candidate(comparison: $0, contentErrors: aligned.contentErrors($1))
        }
        let cases = selection.choose(from: candidates).compactMap { item, reason -> ExampleCases.Case? in
            guard let index = aligned.cases.firstIndex(where: { $0.id == item }) else { return nil }
            let one = aligned.cases[index]
            return ExampleCases.Case(
                id: one.id, reason: reason, findings: one.findings, reference: one.reference,
                outputs: systems.map { $0.example(index) })
        }
        return ExampleCases(rule: selection.sentence, cases: cases)
    }

    private var leakageChecks: [LeakageCheck] {
        let trained = Set(snapshot.train.compactMap { $0.patient.map { Array($0.utf8) } })
        let shared = Set(snapshot.heldOut.compactMap { $0.patient.map { Array($0.utf8) } }.filter(trained.contains))
        let trainedPrompts = Set(snapshot.train.map { Array($0.prompt.plainText.utf8) })
        let same = snapshot.heldOut.count { trainedPrompts.contains(Array($0.prompt.plainText.utf8)) }
        return [
            LeakageCheck(
                key: "patients_shared", name: "patients in both parts", count: shared.count,
                method: "patient keys of the training and held-out parts compared byte by byte"),
            LeakageCheck(
                key: "prompts_shared", name: "held-out prompts that training also has", count: same,
                method:
                    "prompts compared byte by byte; near copies (8-word overlap of one half or more) had been taken out of the "
                    + "training part when the snapshot was made"),
        ]
    }
}
