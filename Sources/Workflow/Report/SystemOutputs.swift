import Conventions
import Evaluation
import Preferences
import Reporting
import Transformer

/// A held-out case: its name, its patient, its text and what the department would have written.
struct HeldOutCase {
    let id: String
    let cluster: String
    let findings: String
    let reference: String
    let isUnseenKind: Bool

    init(_ pair: PreferencePair) {
        id = pair.id
        cluster = pair.patient ?? pair.id
        findings = pair.findings ?? pair.prompt.plainText
        reference = pair.chosen.plainText
        isUnseenKind = pair.unseenKind
    }
}

/// What one system wrote for the held-out cases, judged by the conventions and against the references.
struct SystemOutputs {
    let role: SystemResult.Role
    let cases: [HeldOutCase]
    let generations: [Generation]
    let outcomes: [[RuleOutcome]]
    let contents: [ContentComparison]

    init(role: SystemResult.Role, cases: [HeldOutCase], generations: [Generation], checker: ConventionChecker) {
        self.role = role
        self.cases = cases
        self.generations = generations
        outcomes = zip(cases, generations).map { checker.check($1.text, findings: $0.findings) }
        contents = zip(cases, generations).map {
            ImpressionContent.compare(output: $1.text, reference: $0.reference, findings: $0.findings)
        }
    }

    /// The rules that an output does not break; those that do not apply are not broken.
    func rulesMet(_ index: Int) -> Int { outcomes[index].count { !$0.failed } }

    /// The comparison of each case with another system's output: more rules met wins, as many is a tie.
    func comparisons(with other: SystemOutputs) -> [Comparison] {
        cases.indices.map { index in
            Comparison(
                item: cases[index].id, cluster: cases[index].cluster, scoreA: Double(rulesMet(index)),
                scoreB: Double(other.rulesMet(index)))
        }
    }

    /// The systems that a report compares this one with: the base, the base with examples, and imitation alone.
    func opponents(in systems: [SystemOutputs]) -> [SystemOutputs] {
        systems.filter { [.base, .fewShot, .sft].contains($0.role) && $0.role != role }
    }

    /// How wrong an output's content is: findings missing, wrong or invented, and a recommendation that is not the reference's.
    func contentErrors(_ index: Int) -> Int {
        let content = contents[index]
        let recommendation = content.recommendation == .given || content.recommendation == .notNeeded ? 0 : 1
        return content.dropped + content.misstated + content.invented + recommendation
            + (content.repeatsStatement ? 1 : 0)
    }

    /// The share of the reference's findings that an output states; nil for a normal study.
    func shareStated(_ index: Int) -> Double? {
        let content = contents[index]
        return content.referenceFindings > 0 ? Double(content.stated) / Double(content.referenceFindings) : nil
    }

    /// The figures of a report's column.
    func result(ruleCount: Int, among systems: [SystemOutputs]) -> SystemResult {
        let opponents = opponents(in: systems)
        func win(_ role: SystemResult.Role) -> WinRate? {
            opponents.first { $0.role == role }.map { WinRate(comparisons(with: $0)) }
        }
        let words = generations.map { Double($0.text.split(whereSeparator: \.isWhitespace).count) }.sorted()
        let middle = words.count / 2
        return SystemResult(
            role: role, outputs: cases.count, ruleCount: ruleCount,
            rulesMet: Double(cases.indices.reduce(0) { $0 + rulesMet($1) }) / Double(cases.count),
            winOverBase: win(.base), winOverFewShot: win(.fewShot), winOverSFT: win(.sft),
            content: figures(cases.indices.map { $0 }),
            seenContent: figures(cases.indices.filter { !cases[$0].isUnseenKind }),
            unseenContent: figures(cases.indices.filter { cases[$0].isUnseenKind }),
            distinctOutputs: Set(generations.map { Array($0.text.utf8) }).count,
            unendedOutputs: generations.count { $0.finishReason == .length },
            repeatingOutputs: contents.count(where: \.repeatsStatement),
            medianWords: words.count % 2 == 1 ? words[middle] : (words[middle - 1] + words[middle]) / 2)
    }

    private func figures(_ indices: [Int]) -> ContentFigures? {
        guard !indices.isEmpty else { return nil }
        let chosen = indices.map { contents[$0] }
        func sum(_ value: (ContentComparison) -> Int) -> Int { chosen.reduce(0) { $0 + value($1) } }
        return ContentFigures(
            impressions: chosen.count, findings: sum(\.referenceFindings), stated: sum(\.stated),
            dropped: sum(\.dropped),
            invented: sum(\.invented), sideErrors: sum(\.sideErrors), numberErrors: sum(\.numberErrors),
            wholeRight: sum { $0.isExact ? 1 : 0 },
            recommendationsNeeded: sum { [.given, .missing, .wrong].contains($0.recommendation) ? 1 : 0 },
            recommendationsGiven: sum { $0.recommendation == .given ? 1 : 0 })
    }

    /// One output as a report shows it side by side.
    func example(_ index: Int) -> ExampleCases.Output {
        let content = contents[index]
        var errors: [String] = []
        func note(_ count: Int, _ what: String) {
            if count > 0 { errors.append("\(counted(count, "finding")) \(what)") }
        }
        note(content.dropped, "not stated")
        note(content.sideErrors, "with another side")
        note(content.numberErrors, "with another number")
        note(content.misstated - content.sideErrors - content.numberErrors, "misstated")
        note(content.invented, "invented")
        switch content.recommendation {
        case .missing: errors.append("recommendation missing")
        case .wrong: errors.append("recommendation differs")
        case .unneeded: errors.append("recommendation not called for")
        case .given, .notNeeded: break
        }
        if content.repeatsStatement { errors.append("a statement said twice") }
        if generations[index].finishReason == .length { errors.append("did not end") }
        return ExampleCases.Output(
            role: role, text: generations[index].text, rulesMet: rulesMet(index),
            ruleFindings: outcomes[index].flatMap { $0.findings.map(\.message) }, contentErrors: errors)
    }
}
