import Conventions
import Evaluation
import Reporting
import StrictJSON

/// Every judged comparison of a report, one JSON object a line: `verdicts.jsonl`.
///
/// The lines of one `system` and `against` are what the win rate of `report.json` is counted from: a win scores 1, a tie
/// one half, and the rate is the mean. No line holds text of a report.
enum VerdictLines {
    /// The lines of all comparisons that a report shows, ordered by system, opponent and case.
    static func text(_ systems: [SystemOutputs]) -> String {
        var lines = ""
        for system in systems {
            for opponent in system.opponents(in: systems) {
                for (index, comparison) in system.comparisons(with: opponent).enumerated() {
                    lines += line(comparison, index, system, opponent).serialized() + "\n"
                }
            }
        }
        return lines
    }

    private static func line(
        _ comparison: Comparison, _ index: Int, _ system: SystemOutputs, _ opponent: SystemOutputs
    ) -> JSONValue {
        [
            "id": .string(comparison.item), "cluster": .string(comparison.cluster),
            "system": .string(system.role.rawValue), "against": .string(opponent.role.rawValue),
            "verdict": .string(comparison.verdict.rawValue),
            "rules": .number(JSONNumber(system.outcomes[index].count)),
            "system_output": output(index, system), "against_output": output(index, opponent),
        ]
    }

    private static func output(_ index: Int, _ system: SystemOutputs) -> JSONValue {
        let outcomes = system.outcomes[index]
        return [
            "rules_met": .number(JSONNumber(system.rulesMet(index))),
            "rules_broken": .array(outcomes.filter(\.failed).map { .string($0.rule) }),
            "rules_not_applicable": .array(outcomes.filter { !$0.isApplicable }.map { .string($0.rule) }),
            "content": content(system.contents[index]),
            "content_errors": .number(JSONNumber(system.contentErrors(index))),
        ]
    }

    private static func content(_ content: ContentComparison) -> JSONValue {
        func whole(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
        return [
            "findings": whole(content.referenceFindings), "findings_stated": whole(content.stated),
            "findings_misstated": whole(content.misstated), "findings_dropped": whole(content.dropped),
            "findings_invented": whole(content.invented), "side_errors": whole(content.sideErrors),
            "number_errors": whole(content.numberErrors),
            "recommendation": .string(content.recommendation.rawValue),
            "whole_right": .bool(content.isExact), "repeats_statement": .bool(content.repeatsStatement),
        ]
    }
}
