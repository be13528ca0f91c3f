import Testing

@testable import Evaluation

@Suite("Win rates at the edges")
struct WinRateTests {
    @Test("scores become verdicts, with a margin for ties")
    func verdicts() {
        func verdict(_ a: Double, _ b: Double, _ margin: Double = 0) -> Verdict {
            Comparison(item: "i", cluster: "p", scoreA: a, scoreB: b, tieMargin: margin).verdict
        }
        #expect(verdict(7, 6) == .win && verdict(6, 7) == .loss && verdict(6, 6) == .tie)
        #expect(verdict(6.4, 6, 0.5) == .tie && verdict(6.6, 6, 0.5) == .win)
    }

    @Test("45 wins of 45 do not give an interval of width 0, but Clopper and Pearson's limit")
    func allWins() {
        let rate = WinRate(comparisons(45, 0, 0))
        #expect(rate.standardError == 0 && rate.interval.method == .agreementBound)
        #expect(abs(rate.interval.lower - Proportion(45, of: 45).clopperPearson().lower) < 1e-12)
        #expect(prints(rate.interval.lower, 0.921_3, decimals: 4) && rate.interval.upper == 1)
    }

    @Test("45 losses mirror 45 wins, and 45 ties leave both sides open")
    func allLossesAndTies() {
        let (wins, losses) = (WinRate(comparisons(45, 0, 0)), WinRate(comparisons(0, 0, 45)))
        #expect(abs(losses.interval.upper - (1 - wins.interval.lower)) < 1e-12 && losses.interval.lower == 0)
        let ties = WinRate(comparisons(0, 45, 0))
        #expect(ties.tieHalf == 0.5 && ties.decisive == nil && ties.signTestP == 1)
        #expect(prints(ties.interval.lower, 0.460_6, decimals: 4) && prints(ties.interval.upper, 0.539_4, decimals: 4))
    }

    @Test("one tie among 45 wins is not surer than none")
    func nearAgreement() {
        let (all, one) = (WinRate(comparisons(45, 0, 0)), WinRate(comparisons(44, 1, 0)))
        #expect(one.interval.lower < all.interval.lower && one.interval.upper == 1)
        #expect(one.interval.method == .clusteredTWidened)
    }

    @Test("patients who each win once and lose once agree, and still get an interval")
    func agreeingPatients() {
        let items = (0..<20).map {
            Comparison(item: "i\($0)", cluster: "p\($0 / 2)", verdict: $0 % 2 == 0 ? .win : .loss)
        }
        let rate = WinRate(items)
        #expect(rate.tieHalf == 0.5 && rate.clusterCount == 10)
        #expect(rate.interval.lower < 0.4 && rate.interval.upper > 0.6 && rate.interval.method == .agreementBound)
    }

    @Test("one patient shows next to nothing")
    func onePatient() {
        let rate = WinRate((0..<8).map { Comparison(item: "i\($0)", cluster: "p", verdict: .win) })
        #expect(rate.standardError == nil && rate.interval.contains(0.5))
    }

    @Test("every small set has an interval of positive width within 0 to 1 that holds the rate")
    func everySmallSet() {
        for wins in 0...6 {
            for ties in 0...6 {
                for losses in 0...6 where wins + ties + losses > 0 {
                    let rate = WinRate(comparisons(wins, ties, losses))
                    #expect(rate.interval.lower >= 0 && rate.interval.upper <= 1)
                    #expect(rate.interval.upper - rate.interval.lower > 0.05)
                    #expect(rate.interval.contains(rate.tieHalf))
                }
            }
        }
    }

    @Test("a rule that never changed gets an interval, not a point")
    func unchangedRule() throws {
        let rule = PairedProportions((0..<45).map { .init(cluster: "p\($0)", passesA: true, passesB: true) })
        let interval = try #require(rule.difference.interval)
        #expect(rule.exactP == 1 && rule.midP == 1 && rule.waldInterval() == nil)
        #expect(interval.lower < -0.07 && interval.upper > 0.07 && interval.method == .agreementBound)
    }

    @Test("a seed gives the same bootstrap on every machine")
    func bootstrapSeed() {
        var generator = SeededGenerator(seed: 1_234_567)
        // The published first outputs of SplitMix64 for this seed.
        #expect(generator.next() == 6_457_827_717_110_365_317 && generator.next() == 3_203_168_211_198_807_973)
        let scores = (0..<60).map { Double($0 % 7) / 7.3 }
        let clusters = (0..<60).map { "p\($0 / 2)" }
        let first = Bootstrap.percentileInterval(scores, clusters: clusters, seed: 3)
        #expect(first == Bootstrap.percentileInterval(scores, clusters: clusters, seed: 3))
        #expect(first != Bootstrap.percentileInterval(scores, clusters: clusters, seed: 4))
        #expect(Bootstrap.percentileInterval([1, 1], clusters: ["a", "b"], seed: 3) == nil)
    }

    @Test("comparing one item twice is a programmer's mistake")
    func twice() async {
        await #expect(processExitsWith: .failure) {
            _ = WinRate([
                Comparison(item: "i", cluster: "p", verdict: .win), Comparison(item: "i", cluster: "p", verdict: .tie),
            ])
        }
    }
}
