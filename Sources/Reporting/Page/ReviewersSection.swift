import Evaluation
import Markup

extension AlignmentReport {
    /// What reviewers preferred, blinded, and how far their judgement can be trusted; nil when none judged.
    var reviewersSection: HTMLText? {
        guard let reviewers else { return nil }
        let bars = WinBars(rows: [WinBars.Row(opponent: "the base, by reviewers", rate: reviewers.win)])
        let items = Self.reviewerSentences(reviewers).map { tag("li", [:], HTMLText($0)) }
        return tag(
            "section", [:], tag("h2", [:], "Judged by reviewers"), bars.figure, .element("ul", [:], items))
    }

    /// The reviewers' figures in sentences, for page and model card.
    static func reviewerSentences(_ judge: ReviewerJudge) -> [String] {
        let rate = judge.win
        var sentences = [
            "Win rate of the aligned model over the base, blinded: \(NumberText.fixed(rate.tieHalf)) "
                + "(\(NumberText.interval(rate.interval)), \(NumberText.level(rate.interval.level)) interval clustered by "
                + "patient); \(NumberText.whole(rate.wins)) wins, \(NumberText.whole(rate.ties)) ties, "
                + "\(NumberText.whole(rate.losses)) losses over \(NumberText.whole(rate.total)) cases.",
            "Reviewers: \(NumberText.whole(judge.readerCount)), with \(NumberText.whole(judge.readingCount)) readings; "
                + "an adjudicator\u{2019}s decision, else the mean of a case\u{2019}s readings, is its verdict.",
            "Both outputs called bad: \(NumberText.share(judge.bothBadCount, of: judge.readingCount)) of the readings.",
        ]
        if judge.identicalCount > 0 {
            sentences.append(
                "Cases in which both systems wrote the same, ties that nobody was asked about: "
                    + "\(NumberText.whole(judge.identicalCount)).")
        }
        if judge.unjudgedCount > 0 {
            sentences.append("Cases that nobody has answered, in no figure: \(NumberText.whole(judge.unjudgedCount)).")
        }
        for statistic in [AgreementStatistic.krippendorff(.ordinal), .raw] {
            guard let estimate = judge.agreement?[statistic], let value = estimate.value.number else { continue }
            let interval = estimate.interval.map { " (\(NumberText.interval($0)))" } ?? ""
            sentences.append("Between reviewers, \(statistic): \(NumberText.fixed(value))\(interval).")
        }
        sentences.append(
            judge.repeats.map {
                "Swapped repeats with the same verdict: \(NumberText.share($0.consistentCount, of: $0.itemCount))."
            } ?? "No case was repeated with the sides swapped, so self-agreement is not known.")
        if let share = judge.bias.leftShare, let interval = judge.bias.interval() {
            sentences.append(
                "The output on the left was chosen in \(NumberText.fixed(share.value)) "
                    + "(\(NumberText.interval(interval))) of the readings that chose one.")
        }
        return sentences
    }
}
