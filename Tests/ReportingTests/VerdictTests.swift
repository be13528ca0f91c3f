import Evaluation
import Testing

@testable import Reporting

@Suite("The verdict's words")
struct VerdictTests {
    private func report(
        _ wins: Int, _ ties: Int, _ losses: Int, change: (inout AlignmentReport) -> Void = { _ in }
    ) -> AlignmentReport {
        var report = SampleReport().report
        report.rules = []
        report.systems = report.systems.map { system in
            var system = system
            if system.role == .aligned { system.winOverBase = WinRate(SampleReport.comparisons(wins, ties, losses)) }
            return system
        }
        report.plannedItems = min(45, wins + ties + losses)
        change(&report)
        return report
    }

    @Test("a win: preferred, with the interval in the sentence and the counts beside it")
    func win() {
        let verdict = report(40, 3, 2).verdict
        #expect(verdict.outcome == .preferred && verdict.warnings.isEmpty && verdict.reasons.isEmpty)
        #expect(
            verdict.headline
                == "The aligned model is preferred on reporting conventions: win rate over the base 0.922 (95\u{A0}% interval "
                + "0.839 to 1.000).")
        #expect(
            verdict.sentences[0] == "40 wins, 3 ties, 2 losses over 45 cases of 39 patients; a tie counts one half.")
        #expect(verdict.sentences[1].contains("states 74 of 84 (0.88) of the findings, the base 26 of 84 (0.31)"))
        #expect(verdict.sentences[2].hasPrefix("No difference shown from training on the chosen texts alone"))
    }

    @Test("no difference: says so as not shown, with what could have been")
    func noDifference() {
        let verdict = report(18, 12, 15).verdict
        #expect(verdict.outcome == .noDifferenceShown)
        #expect(verdict.headline.hasPrefix("No difference shown: win rate over the base 0.533 (95\u{A0}% interval "))
        #expect(verdict.headline.hasSuffix("this comparison could have shown 0.69 or more."), "\(verdict.headline)")
    }

    @Test("worse: the base is preferred")
    func worse() {
        let verdict = report(5, 5, 35).verdict
        #expect(verdict.outcome == .worse && verdict.headline.hasPrefix("The base model is preferred:"))
    }

    @Test("content fell: said first, though the win rate rose")
    func contentFell() {
        let verdict = report(44, 1, 0) {
            $0.contentDifference = ClusteredMean(
                (0..<40).map { $0 % 4 == 0 ? -1 : 0 }, clusters: (0..<40).map { "p\($0)" }, range: -1...1)
            $0.systems[3].content?.stated = 16
        }.verdict
        #expect(verdict.outcome == .contentFell && verdict.headline.hasPrefix("Better style, less content:"))
        #expect(
            verdict.warnings[0].hasPrefix("Content fell: findings stated 16 of 84 (0.19), by the base 26 of 84 (0.31)"))
        #expect(
            verdict.warnings[0].contains("\u{2212}0.250 (\u{2212}0.390 to \u{2212}0.110)"), "\(verdict.warnings[0])")
        #expect(verdict.warnings[1].hasPrefix("More than half of the findings are missing"))
    }

    @Test("without a paired difference the shares decide whether content fell")
    func sharesDecide() {
        let fallen = report(44, 1, 0) {
            $0.contentDifference = nil
            $0.systems[3].content?.stated = 25
        }
        #expect(fallen.contentFell && fallen.verdict.outcome == .contentFell)
        #expect(!report(44, 1, 0) { $0.contentDifference = nil }.contentFell)
    }

    @Test("leakage: withheld, with the reason; also when nobody looked")
    func leakage() {
        let leaking = report(40, 3, 2) {
            $0.leakageChecks[0].count = 2
        }.verdict
        #expect(leaking.outcome == .withheld)
        #expect(
            leaking.headline
                == "Verdict not shown: training and held-out cases overlap (patients in both parts: 2).")
        #expect(report(40, 3, 2) { $0.leakageChecks = [] }.verdict.outcome == .withheld)
    }

    @Test("fewer cases than planned, or too many not judged: withheld")
    func tooFew() {
        let few = report(40, 3, 2) { $0.plannedItems = 60 }.verdict
        #expect(few.outcome == .withheld && few.reasons == ["only 45 of 60 cases planned were judged"])
        #expect(report(40, 3, 2) { $0.invalidItems = 3 }.verdict.reasons == ["3 of 48 cases could not be judged"])
        #expect(report(40, 3, 2) { $0.invalidItems = 2 }.verdict.outcome == .preferred)
    }

    @Test("n too small: no difference shown, and none could have been")
    func tooSmall() {
        let verdict = report(3, 0, 0).verdict
        #expect(verdict.outcome == .noDifferenceShown)
        #expect(verdict.headline.hasSuffix("too small or too often tied to show any."), "\(verdict.headline)")
    }

    @Test("all ties: no difference shown, with an interval that has a width")
    func allTies() {
        let verdict = report(0, 45, 0).verdict
        #expect(verdict.outcome == .noDifferenceShown)
        #expect(
            verdict.headline.hasPrefix(
                "No difference shown: all 45 cases tied (win rate 0.500 (95\u{A0}% interval 0.455 to 0.545))"),
            "\(verdict.headline)")
    }

    @Test("a safety rule broken more often withholds the verdict; one broken case is a warning")
    func safety() {
        let sample = SampleReport()
        let often = report(40, 3, 2) {
            $0.rules = [sample.rule("laterality", "Sides agree.", 20, 0, 12, 0, safety: true)]
        }.verdict
        #expect(often.outcome == .withheld && often.reasons[0].contains("breaks the safety rule laterality more often"))
        let once = report(40, 3, 2) {
            $0.rules = [sample.rule("laterality", "Sides agree.", 20, 3, 1, 0, safety: true)]
        }.verdict
        #expect(once.outcome == .preferred)
        #expect(once.warnings == ["Safety rule broken: laterality, in 1 case where the base kept it."])
    }

    @Test("a constant sentence shows at once")
    func constant() {
        let verdict = report(44, 1, 0) { $0.systems[3].distinctOutputs = 2 }.verdict
        #expect(verdict.warnings[0].hasPrefix("Few different texts: 2 of 45 (0.04)"))
    }

    @Test("more wrong statements than the base, or no content at all, is said at the top")
    func wrongStatements() {
        let wrong = report(40, 3, 2) { $0.systems[3].content?.invented = 20 }.verdict
        #expect(
            wrong.warnings == [
                "More wrong statements than the base: 23 findings invented or with a wrong side or number, by the base 19."
            ])
        let without = report(40, 3, 2) { $0.systems[3].content = nil }.verdict
        #expect(without.warnings == ["Content was not compared: the win rate is about style only."])
        #expect(report(44, 1, 0).verdict.sentences[0].hasPrefix("44 wins, 1 tie, 0 losses over"))
    }

    @Test("without a comparison there is no verdict")
    func notCompared() {
        let verdict = report(40, 3, 2) { $0.systems.removeAll { $0.role == .aligned } }.verdict
        #expect(verdict.outcome == .notCompared)
    }

    @Test("the fixed sentences follow from the value")
    func fixed() {
        let sample = SampleReport()
        #expect(sample.report.fixedSentences.count == 3 && sample.minimal.fixedSentences.count == 1)
        #expect(sample.minimal.fixedSentences[0].hasPrefix("This is not a medical device"))
        #expect(sample.report.fixedSentences[2].contains("135M"))
    }
}
