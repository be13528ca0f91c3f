import Testing

@testable import Evaluation

/// The three readers of the worked example, A = 1, T = one half, B = 0.
private let readers = ["AABTABBATABA", "ABBTABAAAABT", "AABAABBATBBA"]

/// The readers' ratings without those at the given places (reader, item), both from 0.
private func worked(without holes: [(Int, Int)] = []) -> [Rating] {
    let matrix = readers.enumerated().map { reader, letters in
        letters.utf8.enumerated().map { item, letter -> Double? in
            if holes.contains(where: { $0 == (reader, item) }) { return nil }
            return letter == UInt8(ascii: "A") ? 1 : letter == UInt8(ascii: "T") ? 0.5 : 0
        }
    }
    return ratings(matrix)
}

@Suite("Agreement of reviewers")
struct AgreementTests {
    private let options = AgreementOptions(resamples: 500, seed: 11)

    @Test("the worked example's figures of two readers")
    func workedPair() throws {
        let pair = try #require(CriterionAgreement.all(worked(), options: options).first?.pairs.first)
        #expect((pair.first, pair.second) == ("r0", "r1"))
        #expect(prints(pair[.raw]?.value.number, 0.666_666_7, decimals: 7))
        #expect(prints(pair[.cohen(.none)]?.value.number, 0.454_545_454_5, decimals: 10))
        #expect(prints(pair[.cohen(.linear)]?.value.number, 0.470_588_2, decimals: 7))
        #expect(prints(pair[.cohen(.quadratic)]?.value.number, 0.482_758_6, decimals: 7))
        #expect(prints(pair[.gwet]?.value.number, 0.52, decimals: 12))
    }

    @Test("the worked example's figures of three readers, with and without holes")
    func workedThree() throws {
        let all = try #require(CriterionAgreement.all(worked(), options: options).first)
        #expect(prints(all[.fleiss]?.value.number, 0.444_730_077_1, decimals: 10))
        #expect(prints(all[.krippendorff(.nominal)]?.value.number, 0.460_154_241_6, decimals: 10))
        #expect(prints(all[.krippendorff(.ordinal)]?.value.number, 0.497_753_363_5, decimals: 10))
        #expect(prints(all[.krippendorff(.interval)]?.value.number, 0.518_790_100_8, decimals: 10))
        #expect(all.estimates.first?.statistic == .krippendorff(.ordinal) && all.pairs.count == 3)

        let holed = try #require(
            CriterionAgreement.all(worked(without: [(1, 7), (2, 3)]), options: options).first)
        #expect(prints(holed[.krippendorff(.nominal)]?.value.number, 0.532_577_903_7, decimals: 10))
        #expect(prints(holed[.krippendorff(.ordinal)]?.value.number, 0.517_893_364_2, decimals: 10))
        #expect(prints(holed[.krippendorff(.interval)]?.value.number, 0.527_123_848_5, decimals: 10))
        #expect(holed[.fleiss]?.value == .undefined(.unequalRaters))
        #expect(holed[.raw]?.itemCount == 12 && holed[.raw]?.ratingCount == 34)
    }

    @Test("a unanimous set has no alpha and no kappa, and says why in words")
    func unanimous() throws {
        let same = ratings(Array(repeating: [1, 1, 1, 1], count: 2))
        let all = try #require(
            CriterionAgreement.all(same, options: AgreementOptions(levels: [0, 0.5, 1], resamples: 50, seed: 1)).first)
        for metric in AgreementStatistic.Metric.allCases {
            #expect(all[.krippendorff(metric)]?.value == .undefined(.unanimous))
            #expect(all[.krippendorff(metric)]?.noInterval == .undefined)
        }
        #expect(all[.fleiss]?.value == .undefined(.unanimous))
        #expect(all.pairs.first?[.cohen(.none)]?.value == .undefined(.unanimous))
        #expect(all[.raw]?.value == .value(1) && all[.raw]?.noInterval == .noWidth)
        #expect(all[.gwet]?.value == .value(1))
        #expect(
            all[.fleiss]?.value.description
                == "undefined: all ratings are the same: without variation there is no agreement beyond chance to measure"
        )
    }

    @Test("items with one rating are left out, counted, and cannot pass for agreement")
    func singles() {
        let table = RatingTable(ratings([[1, 0, 1, nil], [0, 0, nil, 1]]))
        let raw = AgreementEstimate(.raw, of: table, options: options)
        #expect(raw.value == .value(0.5) && raw.itemCount == 2 && raw.singleCount == 2 && raw.ratingCount == 4)
        let none = AgreementEstimate(.raw, of: RatingTable(ratings([[1, nil], [nil, 1]])), options: options)
        #expect(none.value == .undefined(.noJointItem) && none.interval == nil && none.singleCount == 2)
    }

    @Test("kappa of three raters, AC1 of one level and one exam's interval are refused with reasons")
    func obstacles() {
        let three = RatingTable(worked())
        #expect(AgreementEstimate(.cohen(.none), of: three, options: options).value == .undefined(.notTwoRaters))
        #expect(figure(.gwet, ratings([[1, 1], [1, 1]])) == .undefined(.oneLevel))
        let oneExam = RatingTable(ratings([[1, 0, 1], [1, 0, 0]], clusters: [4, 4, 4]))
        let estimate = AgreementEstimate(.cohen(.none), of: oneExam, options: options)
        #expect(estimate.value.number != nil && estimate.interval == nil && estimate.noInterval == .oneCluster)
        let rare = RatingTable(ratings([[1, 1, 1, 0], [1, 1, 1, 0]]))
        let fragile = AgreementEstimate(.cohen(.none), of: rare, options: options)
        #expect(fragile.value == .value(1) && fragile.noInterval == .rarelyDefined)
        #expect(fragile.undefinedResamples * 10 > options.resamples)
    }

    @Test("items of one exam widen the interval that as many exams would give")
    func clusters() throws {
        // All items of an exam are alike: agreed in even exams, not in odd ones.
        let first = (0..<40).map { $0 % 2 }
        let second = first.enumerated().map { item, value in (item / 8) % 2 == 0 ? value : 1 - value }
        let matrix: [[Double?]] = [first.map(Double.init), second.map(Double.init)]
        let free = AgreementEstimate(.raw, of: RatingTable(ratings(matrix)), options: options)
        let bound = AgreementEstimate(
            .raw, of: RatingTable(ratings(matrix, clusters: (0..<40).map { $0 / 8 })), options: options)
        let (narrow, wide) = (try #require(free.interval), try #require(bound.interval))
        #expect(free.value == bound.value && bound.clusterCount == 5 && free.clusterCount == 40)
        #expect(wide.upper - wide.lower > narrow.upper - narrow.lower)
    }

    @Test("the order of the ratings changes no figure and no interval; the seed changes intervals only")
    func reproducible() throws {
        let forwards = CriterionAgreement.all(worked(), options: options)
        #expect(CriterionAgreement.all(worked().reversed(), options: options) == forwards)
        var other = options
        other.seed = 12
        let reseeded = try #require(CriterionAgreement.all(worked(), options: other).first)
        let first = try #require(forwards.first)
        #expect(reseeded.estimates.map(\.value) == first.estimates.map(\.value))
        #expect(reseeded.estimates.map(\.interval) != first.estimates.map(\.interval))
    }

    @Test("criteria are kept apart, in byte order, and a repeated rating does not replace the first")
    func criteria() {
        let all = CriterionAgreement.all(
            ratings([[1, 0, 1], [0, 1, 0]], criterion: "style") + ratings([[1, 0], [1, 0]], criterion: "accuracy")
                + ratings([[0, 1], [1, 0]], criterion: "accuracy"), options: options)
        #expect(all.map(\.criterion) == ["accuracy", "style"])
        #expect(all.map { $0[.raw]?.value } == [.value(1), .value(0)])
    }
}

@Suite("Verdicts in both orders")
struct SwappedRepeatTests {
    /// Rows: verdict with the first draft on the left; columns: on the right.
    private static let table = [[46, 6, 18], [4, 10, 5], [2, 3, 6]]

    private static func judged() -> [Rating] {
        var ratings: [Rating] = []
        for (row, counts) in table.enumerated() {
            for (column, count) in counts.enumerated() {
                for _ in 0..<count {
                    let name = "i\(ratings.count / 2)"
                    // Whichever order came first.
                    let isLater = (ratings.count / 2).isMultiple(of: 3)
                    let left = Rating(
                        item: name, cluster: name, rater: "judge", verdict: Verdict.allCases[row], isSwapped: false)
                    let right = Rating(
                        item: name, cluster: name, rater: "judge", verdict: Verdict.allCases[column], isSwapped: true)
                    ratings += isLater ? [right, left] : [left, right]
                }
            }
        }
        return ratings
    }

    @Test("the worked table's debiased rate, advantage, flips and tests")
    func worked() throws {
        let repeats = try #require(SwappedRepeats(Self.judged(), options: AgreementOptions(resamples: 200, seed: 3)))
        #expect(prints(repeats.scoreOnLeft, 0.795, decimals: 12) && prints(repeats.scoreOnRight, 0.615, decimals: 12))
        #expect(prints(repeats.debiased.mean, 0.705, decimals: 12))
        #expect(prints(repeats.leftAdvantage, 0.18, decimals: 12))
        #expect(repeats.itemCount == 100 && repeats.consistentShare.value == 0.62)
        #expect(repeats.hardFlipShare.value == 0.2 && (repeats.flipsToLeft, repeats.flipsToRight) == (18, 2))
        #expect(prints(repeats.flipP, 0.000_402_450_561_5, decimals: 13))
        #expect((repeats.shiftsToLeft, repeats.shiftsToRight) == (29, 9))
        #expect(prints(repeats.shiftP, 0.001_658_052_526_2, decimals: 13))
        #expect(prints(repeats.debiased.standardError, 0.031_658_691_2, decimals: 10))
        #expect(repeats.estimates.first { $0.statistic == .raw }?.value == .value(0.62))
    }

    @Test("a repeat counts only with the sides the other way round, once, and by the same reviewer")
    func whichRepeats() throws {
        let options = AgreementOptions(resamples: 20, seed: 3)
        func rating(_ rater: String, _ value: Double, swapped: Bool) -> Rating {
            Rating(item: "i", cluster: "e", rater: rater, value: value, isSwapped: swapped)
        }
        #expect(
            SwappedRepeats([rating("a", 1, swapped: false), rating("b", 1, swapped: true)], options: options) == nil)
        #expect(
            SwappedRepeats([rating("a", 1, swapped: false), rating("a", 0, swapped: false)], options: options) == nil)
        let both = [
            rating("a", 1, swapped: true), rating("b", 0, swapped: false), rating("a", 1, swapped: true),
            rating("a", 1, swapped: false), rating("a", 0, swapped: false), rating("b", 1, swapped: true),
        ]
        let byRater = SwappedRepeats.byRater(both, options: options)
        #expect(byRater.map(\.rater) == ["a", "b"])
        #expect(byRater.map(\.repeats.consistentCount) == [1, 0] && byRater.map(\.repeats.itemCount) == [1, 1])
        // b preferred the draft on the right both times.
        #expect(byRater.map(\.repeats.flipsToRight) == [0, 1])
    }

    @Test("no decided comparison leaves no share, a p of 1 and all ties")
    func allTies() {
        let ties = (0..<5).map { Rating(item: "i\($0)", cluster: "e", rater: "r", verdict: .tie) }
        let bias = PositionBias(ties)
        #expect(bias.leftShare == nil && bias.interval() == nil && bias.exactP == 1 && bias.tieShare == 1)
        #expect(PositionBias([]).tieShare == nil)
        #expect(PositionBias.byRater(ties).map(\.rater) == ["r"])
    }
}
