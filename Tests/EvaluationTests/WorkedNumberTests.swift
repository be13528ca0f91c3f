import Testing

@testable import Evaluation

/// Whether a number rounds to what is printed with so many decimals.
func prints(_ value: Double?, _ printed: Double, decimals: Int) -> Bool {
    guard let value else { return false }
    var unit = 1.0
    for _ in 0..<decimals { unit /= 10 }
    return abs(value - printed) <= 0.5000001 * unit
}

/// Comparisons of so many wins, ties and losses, one patient an item.
func comparisons(_ wins: Int, _ ties: Int, _ losses: Int) -> [Comparison] {
    let verdicts =
        Array(repeating: Verdict.win, count: wins) + Array(repeating: .tie, count: ties)
        + Array(repeating: .loss, count: losses)
    return verdicts.enumerated().map { Comparison(item: "i\($0)", cluster: "p\($0)", verdict: $1) }
}

@Suite("Worked numbers")
struct WorkedNumberTests {
    @Test("104 wins, 36 ties and 60 losses give the five rates")
    func rates() {
        let rate = WinRate(comparisons(104, 36, 60))
        #expect((rate.wins, rate.ties, rate.losses, rate.total) == (104, 36, 60, 200))
        #expect(prints(rate.tieHalf, 0.610, decimals: 12))
        #expect(prints(rate.strict, 0.520, decimals: 12))
        #expect(prints(rate.decisive, 0.634146, decimals: 6))
        #expect(prints(rate.net, 0.220, decimals: 12))
        #expect(prints(rate.tieRate, 0.180, decimals: 12))
    }

    @Test("one item a patient gives the plain standard error and t interval")
    func plainInterval() {
        let rate = WinRate(comparisons(104, 36, 60))
        #expect(prints(rate.standardError, 0.031_134_333_7, decimals: 10))
        #expect(prints(rate.interval.lower, 0.548_604_4, decimals: 7))
        #expect(prints(rate.interval.upper, 0.671_395_6, decimals: 7))
        #expect(rate.interval.method == .clusteredT && rate.interval.level == 0.95)
        let z = NormalDistribution.quantile(0.975)
        #expect(prints(rate.tieHalf - z * (rate.standardError ?? 0), 0.548_977_8, decimals: 7))
        #expect(prints(rate.tieHalf + z * (rate.standardError ?? 0), 0.671_022_2, decimals: 7))
    }

    @Test("Wilson and Clopper-Pearson intervals")
    func proportions() {
        let decisive = Proportion(104, of: 164)
        #expect(prints(decisive.wilson().lower, 0.558_141_7, decimals: 7))
        #expect(prints(decisive.wilson().upper, 0.704_010_4, decimals: 7))
        #expect(prints(decisive.clopperPearson().lower, 0.555_479_9, decimals: 7))
        #expect(prints(decisive.clopperPearson().upper, 0.707_868_8, decimals: 7))
        #expect(prints(Proportion(10, of: 10).wilson().lower, 0.722_467_2, decimals: 7))
        #expect(Proportion(10, of: 10).wilson().upper == 1)
        #expect(Proportion(0, of: 25).wilson().lower == 0)
        #expect(prints(Proportion(0, of: 25).wilson().upper, 0.133_192_3, decimals: 7))
        #expect(prints(Proportion.differingShare(trials: 60, tail: 0.05), 0.048_702_9, decimals: 7))
        let misused = Proportion(122, of: 200).wilson()
        #expect(prints(misused.lower, 0.5409, decimals: 4) && prints(misused.upper, 0.6749, decimals: 4))
    }

    @Test("the bootstrap over all 46,656 resamples of six scores")
    func fullBootstrap() {
        let scores = [1, 1, 1, 0.5, 0, 1]
        #expect(prints(Bootstrap.idealStandardError(scores), 0.155_902_391_1, decimals: 10))
        var means: [Double] = []
        for code in 0..<46_656 {
            var (rest, sum) = (code, 0.0)
            for _ in 0..<6 {
                sum += scores[rest % 6]
                rest /= 6
            }
            means.append(sum / 6)
        }
        means.sort()
        #expect(prints(Bootstrap.quantile(0.025, ofSorted: means), 0.416_666_7, decimals: 7))
        #expect(Bootstrap.quantile(0.975, ofSorted: means) == 1)
        #expect(Bootstrap.quantile(0.05, ofSorted: means) == 0.5)
        #expect(Bootstrap.quantile(0.5, ofSorted: means) == 0.75)
        let drawn = Bootstrap.percentileInterval(scores, clusters: ["1", "2", "3", "4", "5", "6"], seed: 7)
        #expect(prints(drawn?.lower, 0.416_666_7, decimals: 7) && drawn?.upper == 1)
    }

    @Test("twelve scores of five patients: the clustered standard error is 0.178, not 0.125")
    func clusters() {
        let scores = [1, 1, 0.5, 0, 0, 1, 1, 1, 0.5, 1, 0, 0.5]
        let patients = ["p1", "p1", "p1", "p2", "p2", "p3", "p3", "p3", "p3", "p4", "p5", "p5"]
        let estimate = ClusteredMean(scores, clusters: patients)
        #expect(estimate.mean == 0.625 && estimate.clusterCount == 5)
        #expect(prints(estimate.naiveStandardError, 0.125, decimals: 12))
        #expect(prints(estimate.uncorrectedStandardError, 0.159_344_359_8, decimals: 10))
        #expect(prints(estimate.standardError, 0.178_152_410_2, decimals: 10))
        #expect(prints(StudentDistribution.quantile(0.975, degreesOfFreedom: 4), 2.776_445_1, decimals: 7))
    }

    @Test("25 fixed and 8 broken of 200: the paired difference and McNemar's tests")
    func paired() {
        let shape: [(Int, Bool, Bool)] = [(120, true, true), (25, true, false), (8, false, true), (47, false, false)]
        let outcomes = shape.flatMap { count, a, b in Array(repeating: (a, b), count: count) }
        let rule = PairedProportions(
            outcomes.enumerated().map { .init(cluster: "p\($0)", passesA: $1.0, passesB: $1.1) })
        #expect((rule.bothPass, rule.fixed, rule.broken, rule.bothFail) == (120, 25, 8, 47))
        #expect(prints(rule.difference.mean, 0.085, decimals: 12))
        #expect(prints(rule.waldStandardError, 0.028_086_918_7, decimals: 10))
        #expect(prints(rule.difference.standardError, 0.028_157_400_4, decimals: 10))
        #expect(prints(rule.waldInterval()?.lower, 0.029_950_7, decimals: 7))
        #expect(prints(rule.waldInterval()?.upper, 0.140_049_3, decimals: 7))
        #expect(prints(rule.exactP, 0.004_551_384, decimals: 9))
        #expect(prints(rule.midP, 0.002_935_056, decimals: 9))
        #expect(prints(rule.passRateA, 0.725, decimals: 12) && prints(rule.passRateB, 0.64, decimals: 12))
    }

    @Test("the exact sign test of 104 to 60")
    func sign() {
        #expect(prints(WinRate(comparisons(104, 36, 60)).signTestP, 0.000_736_247_378, decimals: 12))
    }

    @Test("Holm's five p values")
    func holm() {
        let adjusted = ExactTests.holm([0.001, 0.012, 0.021, 0.04, 0.2])
        for (ours, theirs) in zip(adjusted, [0.005, 0.048, 0.063, 0.08, 0.2]) {
            #expect(prints(ours, theirs, decimals: 12))
        }
    }

    @Test("implicit rewards of five pairs")
    func implicitRewards() {
        let rows: [(Double, Double, Double, Double)] = [
            (-112.4, -120.9, -115.0, -118.0), (-98.0, -101.5, -97.0, -103.0), (-150.2, -149.0, -151.0, -152.5),
            (-87.5, -87.5, -90.0, -90.0), (-60.0, -75.0, -62.0, -70.0),
        ]
        let pairs = rows.enumerated().map { index, row in
            ScoredPair(
                item: "i\(index)", cluster: "p\(index)", kind: index < 2 ? "off_style" : "content_error", chosen: row.0,
                rejected: row.1, referenceChosen: row.2, referenceRejected: row.3)
        }
        let expected: [(Double, Double, Double)] = [
            (0.55, 0.455_492_48, 0.365_864_41), (-0.25, 0.825_939_42, 0.562_176_5), (-0.27, 0.837_232_14, 0.567_092_9),
            (0, 0.693_147_18, 0.5), (0.70, 0.403_186_05, 0.331_812_23),
        ]
        for (pair, row) in zip(pairs, expected) {
            #expect(prints(pair.margin(beta: 0.1), row.0, decimals: 12))
            #expect(prints(pair.loss(beta: 0.1), row.1, decimals: 8))
            #expect(prints(pair.gradientWeight(beta: 0.1), row.2, decimals: 7))
        }
        let all = ImplicitRewards(pairs, beta: 0.1)
        #expect(prints(all.chosen, 0.138, decimals: 12) && prints(all.rejected, -0.008, decimals: 12))
        #expect(prints(all.margin.mean, 0.146, decimals: 12) && prints(all.loss, 0.642_999_453_2, decimals: 10))
        #expect(all.strictAccuracy == 0.4 && all.tieHalfAccuracy == 0.5)
        let kinds = ImplicitRewards.byKind(pairs, beta: 0.1)
        #expect(kinds.map(\.kind) == ["content_error", "off_style"] && kinds.map(\.total) == [3, 2])
    }

    @Test("a fresh adapter has loss ln 2 and a strict accuracy of 0, not one half")
    func freshAdapter() {
        let pair = ScoredPair(
            item: "i", cluster: "p", kind: "", chosen: -50, rejected: -60, referenceChosen: -50, referenceRejected: -60)
        let fresh = ImplicitRewards([pair], beta: 0.1)
        #expect(prints(fresh.loss, 0.693_147_180_6, decimals: 10))
        #expect(fresh.strictAccuracy == 0 && fresh.tieHalfAccuracy == 0.5 && fresh.margin.interval == nil)
    }

    @Test("sample sizes of the planning table")
    func sampleSizes() {
        let table: [(Double, Double)] = [(0.55, 783), (0.60, 194), (0.65, 85), (0.70, 47)]
        for (rate, items) in table {
            #expect(DetectableWinRate.itemsNeeded(rate: rate).rounded(.up) == items)
        }
        let tied: [(Double, Double)] = [(0, 193.85), (0.2, 154.60), (0.4, 115.35)]
        for (ties, items) in tied {
            #expect(prints(DetectableWinRate.itemsNeeded(rate: 0.6, tieRate: ties), items, decimals: 2))
        }
        #expect(prints(DetectableWinRate.smallest(items: 200), 0.598, decimals: 3))
        #expect(DetectableWinRate.smallest(items: 4, tieRate: 1) == nil)
        #expect(DetectableWinRate.smallest(items: 200, designEffect: 1.6) ?? 0 > 0.62)
    }
}
