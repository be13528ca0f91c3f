import Evaluation
import Markup

/// What a report says at its top, in words, and why.
///
/// A preference is only stated when the interval of the win rate excludes one half, the leakage checks were made and
/// passed, as many cases as planned were judged, at most 5 % could not be, and no safety rule has a paired interval wholly
/// below zero.
/// When the aligned model wins and yet states fewer of the findings than the base, that is the verdict.
public struct ReportVerdict: Sendable, Equatable {
    /// What was found; the raw value is its name in files.
    public enum Outcome: String, Sendable, CaseIterable {
        /// The aligned model is preferred, and states no fewer findings.
        case preferred
        /// The aligned model is preferred for its style, and states fewer findings than the base.
        case contentFell = "preferred_but_content_fell"
        /// The interval holds one half.
        case noDifferenceShown = "no_difference_shown"
        /// The base is preferred.
        case worse
        /// A condition for stating a verdict does not hold.
        case withheld
        /// There is no comparison with the base.
        case notCompared = "not_compared"
    }

    /// What was found.
    public let outcome: Outcome
    /// The verdict in one sentence, its interval included.
    public let headline: String
    /// What belongs beside it: the counts, the content.
    public let sentences: [String]
    /// What must not be overlooked: content that fell, safety rules broken, a constant sentence.
    public let warnings: [String]
    /// Why the verdict is withheld.
    public let reasons: [String]

    /// The largest share of cases that may have been left unjudged.
    public static let largestInvalidShare = 0.05
}

extension AlignmentReport {
    /// The verdict by the rules of `ReportVerdict`.
    public var verdict: ReportVerdict {
        guard let headline, let aligned = system(.aligned) else {
            return ReportVerdict(
                outcome: .notCompared, headline: "No comparison with the base was made.", sentences: [], warnings: [],
                reasons: [])
        }
        let reasons = reasonsToWithhold(headline)
        let warnings = self.warnings(aligned)
        let counts =
            "\(counted(headline.wins, "win", "wins")), \(counted(headline.ties, "tie", "ties")), "
            + "\(counted(headline.losses, "loss", "losses")) over \(cases(headline.total)) of "
            + "\(patients(headline.clusterCount)); a tie counts one half."
        let sentences = [counts] + [contentSentence, sftSentence].compactMap { $0 }
        let outcome: ReportVerdict.Outcome
        let words: String
        if !reasons.isEmpty {
            outcome = .withheld
            words = "Verdict not shown: \(reasons.joined(separator: "; "))."
        } else if headline.interval.contains(0.5) {
            outcome = .noDifferenceShown
            words = noDifferenceWords(headline)
        } else if headline.tieHalf < 0.5 {
            outcome = .worse
            words = "The base model is preferred: the aligned model\u{2019}s win rate is \(rateWords(headline))."
        } else if contentFell {
            outcome = .contentFell
            words =
                "Better style, less content: the aligned model wins on conventions, win rate \(rateWords(headline)), "
                + "but states fewer of the findings than the base."
        } else {
            outcome = .preferred
            words =
                "The aligned model is preferred on reporting conventions: win rate over the base "
                + "\(rateWords(headline))."
        }
        return ReportVerdict(
            outcome: outcome, headline: words, sentences: sentences, warnings: warnings, reasons: reasons)
    }

    /// Whether the aligned model states fewer of the findings than the base.
    ///
    /// By the paired difference where it is given, else by the shares.
    public var contentFell: Bool {
        if let contentDifference { return contentDifference.mean < 0 }
        guard let aligned = system(.aligned)?.content?.statedShare, let base = system(.base)?.content?.statedShare
        else { return false }
        return aligned < base
    }

    /// The smallest win rate that the headline's comparison could have shown; nil without one.
    public var smallestDetectableWinRate: Double? {
        guard let headline else { return nil }
        var designEffect = 1.0
        if let clustered = headline.standardError, let naive = headline.estimate.naiveStandardError, naive > 0 {
            designEffect = max(1, clustered * clustered / (naive * naive))
        }
        return DetectableWinRate.smallest(
            items: headline.total, tieRate: headline.tieRate, designEffect: designEffect)
    }

    private func reasonsToWithhold(_ headline: WinRate) -> [String] {
        var reasons: [String] = []
        if leakageChecks.isEmpty { reasons.append("training and held-out cases were not checked for overlap") }
        for check in leakageChecks where !check.passes {
            reasons.append("training and held-out cases overlap (\(check.name): \(NumberText.whole(check.count)))")
        }
        if headline.total < plannedItems {
            reasons.append("only \(NumberText.whole(headline.total)) of \(cases(plannedItems)) planned were judged")
        }
        let all = headline.total + invalidItems
        if Double(invalidItems) > ReportVerdict.largestInvalidShare * Double(all) {
            reasons.append("\(NumberText.whole(invalidItems)) of \(cases(all)) could not be judged")
        }
        for rule in rules where rule.isSafety {
            guard let interval = rule.outcomes?.difference.interval, interval.upper < 0 else { continue }
            reasons.append(
                "the aligned model breaks the safety rule \(rule.id) more often (difference in pass rate "
                    + "\(NumberText.interval(interval)))")
        }
        return reasons
    }

    private func noDifferenceWords(_ headline: WinRate) -> String {
        var words = "No difference shown: "
        if headline.ties == headline.total {
            words += "all \(cases(headline.total)) tied (win rate \(rateWords(headline)))"
        } else {
            words += "win rate over the base \(rateWords(headline))"
        }
        if let smallest = smallestDetectableWinRate {
            return words + "; this comparison could have shown \(NumberText.fixed(smallest, decimals: 2)) or more."
        }
        return words + "; this comparison was too small or too often tied to show any."
    }

    private func rateWords(_ rate: WinRate) -> String {
        "\(NumberText.fixed(rate.tieHalf)) (\(NumberText.level(rate.interval.level)) interval "
            + "\(NumberText.interval(rate.interval)))"
    }

    private var contentSentence: String? {
        guard let content = system(.aligned)?.content, content.findings > 0 else { return nil }
        var sentence =
            "The aligned model states \(NumberText.share(content.stated, of: content.findings)) of the findings"
        if let base = system(.base)?.content {
            sentence += ", the base \(NumberText.share(base.stated, of: base.findings))"
        }
        return sentence
            + "; \(NumberText.share(content.wholeRight, of: content.impressions)) of its impressions are right "
            + "as a whole."
    }

    private var sftSentence: String? {
        guard let rate = system(.aligned)?.winOverSFT else { return nil }
        let verdict =
            rate.interval.contains(0.5)
            ? "No difference shown from" : rate.tieHalf > 0.5 ? "The aligned model is preferred to" : "Worse than"
        return "\(verdict) training on the chosen texts alone for as many steps: win rate \(rateWords(rate))."
    }

    private func warnings(_ aligned: SystemResult) -> [String] {
        var warnings: [String] = []
        if contentFell, let content = aligned.content, let base = system(.base)?.content {
            var words =
                "Content fell: findings stated \(NumberText.share(content.stated, of: content.findings)), by the base "
                + NumberText.share(base.stated, of: base.findings)
            if let difference = contentDifference {
                words += "; paired difference a case \(NumberText.signed(difference.mean))"
                if let interval = difference.interval { words += " (\(NumberText.interval(interval)))" }
            }
            let shown = examples?.cases.contains { $0.reason == .worstContent } ?? false
            warnings.append(words + (shown ? ". The worst cases are shown below." : "."))
        }
        guard let content = aligned.content else {
            return warnings + ["Content was not compared: the win rate is about style only."] + formWarnings(aligned)
        }
        if let base = system(.base)?.content, content.wrongStatements > base.wrongStatements {
            warnings.append(
                "More wrong statements than the base: \(NumberText.whole(content.wrongStatements)) findings invented or "
                    + "with a wrong side or number, by the base \(NumberText.whole(base.wrongStatements)).")
        }
        if let share = content.statedShare, share < 0.5 {
            warnings.append(
                "More than half of the findings are missing: the aligned model does not state "
                    + "\(NumberText.whole(content.findings - content.stated)) of \(NumberText.whole(content.findings)) "
                    + "as they are. Its win rate is about style only.")
        }
        return warnings + formWarnings(aligned)
    }

    private func formWarnings(_ aligned: SystemResult) -> [String] {
        var warnings: [String] = []
        for rule in rules where rule.isSafetyBroken {
            let broken = rule.outcomes?.broken ?? 0
            warnings.append("Safety rule broken: \(rule.id), in \(cases(broken)) where the base kept it.")
        }
        if aligned.outputs >= 10, Double(aligned.distinctOutputs) < 0.5 * Double(aligned.outputs) {
            warnings.append(
                "Few different texts: \(NumberText.share(aligned.distinctOutputs, of: aligned.outputs)) of the outputs are "
                    + "distinct. A constant sentence can win on style.")
        }
        return warnings
    }

    private func cases(_ count: Int) -> String { counted(count, "case", "cases") }
    private func patients(_ count: Int) -> String { counted(count, "patient", "patients") }
    private func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(NumberText.whole(count)) \(count == 1 ? one : many)"
    }
}
