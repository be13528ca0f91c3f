import Evaluation
public import StrictJSON

extension AlignmentReport {
    /// The report for programs, with stable keys.
    ///
    /// Win rates carry AlpacaEval's names as fractions of 1 (`"unit": "fraction"`), a tie counting one half; training
    /// metrics carry TRL's. Parts that the report lacks are null; `reviewers` is there when reviewers judged.
    public func json() -> JSONValue {
        let verdict = verdict
        var object: JSONObject = [
            "schema_version": 1, "title": .string(title), "run_id": .string(runID), "date": .string(date),
            "synthetic": .bool(isSynthetic), "conventions": .string(conventions),
            "verdict": [
                "outcome": .string(verdict.outcome.rawValue), "headline": .string(verdict.headline),
                "sentences": Self.strings(verdict.sentences), "warnings": Self.strings(verdict.warnings),
                "reasons": Self.strings(verdict.reasons),
            ],
            "planned_items": Self.whole(plannedItems), "invalid_items": Self.whole(invalidItems),
            "smallest_detectable_win_rate": Self.number(smallestDetectableWinRate),
            "systems": .array(systems.map(Self.value)),
            "content_difference": contentDifference.map(Self.value) ?? .null,
            "rules": .array(rules.map { Self.value($0, holm: holmP[$0.id]) }),
            "training": training.map(Self.value) ?? .null, "held_out_rewards": rewards.map(Self.value) ?? .null,
            "examples": examples.map(Self.value) ?? .null,
            "leakage_checks": .array(
                leakageChecks.map {
                    [
                        "key": .string($0.key), "name": .string($0.name), "count": Self.whole($0.count),
                        "passes": .bool($0.passes), "method": .string($0.method),
                    ]
                }),
            "provenance": Self.value(provenance), "fixed_sentences": Self.strings(fixedSentences),
            "limits": Self.strings(Self.standingLimits + limits),
        ]
        if let reviewers { object["reviewers"] = Self.value(reviewers) }
        return .object(object)
    }

    private static func value(_ judge: ReviewerJudge) -> JSONValue {
        let estimates = (judge.agreement?.estimates ?? []).map(value)
        return [
            "over_base": value(judge.win), "n_reviewers": whole(judge.readerCount),
            "n_readings": whole(judge.readingCount), "n_both_bad": whole(judge.bothBadCount),
            "n_identical": whole(judge.identicalCount), "n_unjudged": whole(judge.unjudgedCount),
            "agreement": .array(estimates),
            "swapped_repeats": judge.repeats.map { repeats in
                [
                    "n": whole(repeats.itemCount), "same_verdict": whole(repeats.consistentCount),
                    "figures": .array(repeats.estimates.map(value)),
                ]
            } ?? .null,
            "left_share": number(judge.bias.leftShare?.value),
            "left_share_interval": judge.bias.interval().map(value) ?? .null,
        ]
    }

    private static func value(_ estimate: AgreementEstimate) -> JSONValue {
        [
            "statistic": .string(estimate.statistic.description), "value": number(estimate.value.number),
            "interval": estimate.interval.map(value) ?? .null, "n_items": whole(estimate.itemCount),
        ]
    }

    private static func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
    private static func whole(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    /// A finite number; null for nil and for what JSON cannot write.
    private static func number(_ value: Double?) -> JSONValue {
        guard let value, value.isFinite else { return .null }
        return .number(JSONNumber(value))
    }

    private static func value(_ interval: ConfidenceInterval) -> JSONValue {
        [
            "lower": number(interval.lower), "upper": number(interval.upper), "level": number(interval.level),
            "method": .string(interval.method.rawValue),
        ]
    }

    private static func value(_ estimate: ClusteredMean) -> JSONValue {
        [
            "mean": number(estimate.mean), "standard_error": number(estimate.standardError),
            "interval": estimate.interval.map(value) ?? .null, "n_items": whole(estimate.itemCount),
            "n_patients": whole(estimate.clusterCount),
        ]
    }

    private static func value(_ rate: WinRate) -> JSONValue {
        [
            "unit": "fraction", "win_rate": number(rate.tieHalf), "standard_error": number(rate.standardError),
            "n_total": whole(rate.total), "n_wins": whole(rate.wins), "n_wins_base": whole(rate.losses),
            "n_draws": whole(rate.ties), "n_patients": whole(rate.clusterCount), "interval": value(rate.interval),
            "strict_win_rate": number(rate.strict), "decisive_win_rate": number(rate.decisive),
            "net_win_rate": number(rate.net), "tie_rate": number(rate.tieRate), "sign_test_p": number(rate.signTestP),
        ]
    }

    private static func value(_ content: ContentFigures) -> JSONValue {
        [
            "impressions": whole(content.impressions), "findings": whole(content.findings),
            "findings_stated": whole(content.stated), "findings_dropped": whole(content.dropped),
            "findings_invented": whole(content.invented), "side_errors": whole(content.sideErrors),
            "number_errors": whole(content.numberErrors), "whole_right": whole(content.wholeRight),
            "recommendations_needed": whole(content.recommendationsNeeded),
            "recommendations_given": whole(content.recommendationsGiven),
        ]
    }

    private static func value(_ system: SystemResult) -> JSONValue {
        [
            "role": .string(system.role.rawValue), "name": .string(system.role.label), "outputs": whole(system.outputs),
            "rules": whole(system.ruleCount), "rules_met_mean": number(system.rulesMet),
            "over_base": system.winOverBase.map(value) ?? .null,
            "over_few_shot": system.winOverFewShot.map(value) ?? .null,
            "over_sft": system.winOverSFT.map(value) ?? .null, "content": system.content.map(value) ?? .null,
            "content_seen_kinds": system.seenContent.map(value) ?? .null,
            "content_unseen_kinds": system.unseenContent.map(value) ?? .null,
            "distinct_outputs": whole(system.distinctOutputs), "unended_outputs": whole(system.unendedOutputs),
            "repeating_outputs": whole(system.repeatingOutputs), "words_median": number(system.medianWords),
        ]
    }

    private static func value(_ rule: RuleResult, holm: Double?) -> JSONValue {
        [
            "id": .string(rule.id), "description": .string(rule.description), "safety": .bool(rule.isSafety),
            "n_applicable": whole(rule.outcomes?.total ?? 0), "base_pass_rate": number(rule.outcomes?.passRateB),
            "aligned_pass_rate": number(rule.outcomes?.passRateA),
            "fixed": rule.outcomes.map { whole($0.fixed) } ?? .null,
            "broken": rule.outcomes.map { whole($0.broken) } ?? .null,
            "difference": rule.outcomes.map { value($0.difference) } ?? .null,
            "mcnemar_exact_p": number(rule.outcomes?.exactP), "mcnemar_mid_p": number(rule.outcomes?.midP),
            "holm_p": number(holm),
        ]
    }

    private static func value(_ training: TrainingLog) -> JSONValue {
        .array(
            training.steps.map { step in
                let sorted = step.values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                return .object(
                    JSONObject(
                        [JSONObject.Member("step", whole(step.step))]
                            + sorted.map { JSONObject.Member($0.key, number($0.value)) }))
            })
    }

    private static func value(_ rewards: ImplicitRewards) -> JSONValue {
        [
            "kind": rewards.kind.map { .string($0) } ?? .null, "n_pairs": whole(rewards.total),
            "rewards/accuracies": number(rewards.strictAccuracy),
            "tie_half_accuracy": value(rewards.accuracy), "rewards/margins": value(rewards.margin),
            "rewards/chosen": number(rewards.chosen), "rewards/rejected": number(rewards.rejected),
            "loss": number(rewards.loss),
        ]
    }

    private static func value(_ rewards: HeldOutRewards) -> JSONValue {
        [
            "beta": number(rewards.beta), "overall": value(rewards.overall),
            "by_rejected_kind": .array(rewards.byKind.map(value)),
        ]
    }

    private static func value(_ examples: ExampleCases) -> JSONValue {
        let cases = examples.cases.map { shown -> JSONValue in
            let outputs = shown.outputs.map { output -> JSONValue in
                [
                    "role": .string(output.role.rawValue), "text": .string(output.text),
                    "rules_met": whole(output.rulesMet), "rule_findings": strings(output.ruleFindings),
                    "content_errors": strings(output.contentErrors),
                ]
            }
            return [
                "id": .string(shown.id), "reason": .string(shown.reason.rawValue), "findings": .string(shown.findings),
                "reference": .string(shown.reference), "outputs": .array(outputs),
            ]
        }
        return ["rule": .string(examples.rule), "cases": .array(cases)]
    }

    private static func value(_ provenance: Provenance) -> JSONValue {
        let facts = provenance.facts.map { JSONObject.Member($0.key, .string($0.value)) }
        let stages = provenance.stages.map { stage -> JSONValue in
            [
                "name": .string(stage.name), "seconds": number(stage.seconds),
                "peak_memory_bytes": stage.peakMemoryBytes.map(whole) ?? .null,
            ]
        }
        return .object(JSONObject(facts + [JSONObject.Member("stages", .array(stages))]))
    }
}
