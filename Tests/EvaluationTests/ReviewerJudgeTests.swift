import Testing

@testable import Evaluation

@Suite("Reviewers as a judge")
struct ReviewerJudgeTests {
    typealias Reading = ReviewedItem.Reading

    func reading(
        _ reader: String, _ verdict: Verdict, swapped: Bool = false, isRepeat: Bool = false, bad: Bool = false
    ) -> Reading {
        Reading(reader: reader, verdict: verdict, isBothBad: bad, isSwapped: swapped, isRepeat: isRepeat)
    }

    @Test("an item's verdict is an adjudicator's, else the readings' mean without repeats; texts that are alike tie")
    func verdicts() {
        func item(_ readings: [Reading], decided: Verdict? = nil, same: Bool = false) -> Verdict? {
            ReviewedItem(item: "i", cluster: "p", isIdentical: same, decided: decided, readings: readings).verdict
        }
        #expect(item([]) == nil && item([], same: true) == .tie)
        #expect(item([reading("a", .win), reading("b", .tie)]) == .win)
        #expect(item([reading("a", .win), reading("b", .loss)]) == .tie)
        #expect(item([reading("a", .win), reading("b", .loss), reading("c", .loss)]) == .loss)
        #expect(item([reading("a", .win), reading("b", .loss)], decided: .loss) == .loss)
        #expect(item([reading("a", .win), reading("a", .loss, swapped: true, isRepeat: true)]) == .win)
    }

    @Test("the figures of a small arena are those counted by hand")
    func figures() throws {
        let items = [
            ReviewedItem(
                item: "1", cluster: "p1", isIdentical: false,
                readings: [
                    reading("a", .win), reading("b", .win, swapped: true),
                    reading("a", .win, swapped: true, isRepeat: true),
                ]),
            ReviewedItem(
                item: "2", cluster: "p2", isIdentical: false,
                readings: [reading("a", .tie, bad: true), reading("b", .loss)]),
            ReviewedItem(
                item: "3", cluster: "p2", isIdentical: false,
                readings: [reading("b", .loss, swapped: true), reading("b", .win, isRepeat: true)]),
            ReviewedItem(item: "4", cluster: "p3", isIdentical: true, readings: []),
            ReviewedItem(item: "5", cluster: "p4", isIdentical: false, readings: []),
        ]
        let judge = try #require(ReviewerJudge(items, options: AgreementOptions(resamples: 200, seed: 1)))
        #expect(judge.win.wins == 1 && judge.win.ties == 1 && judge.win.losses == 2)
        #expect(judge.identicalCount == 1 && judge.unjudgedCount == 1)
        #expect(judge.readerCount == 2 && judge.readingCount == 5 && judge.bothBadCount == 1)
        #expect(judge.agreement?[.raw]?.value.number == 0.5)
        #expect(judge.repeats?.itemCount == 2 && judge.repeats?.consistentCount == 1)
        // Left: a's first win, b's swapped loss, b's repeat; right: b's swapped win, b's loss, a's swapped repeat.
        #expect(judge.bias.left == 3 && judge.bias.right == 3 && judge.bias.ties == 1)
        #expect(ReviewerJudge([items[4]], options: AgreementOptions(seed: 1)) == nil)
    }
}
