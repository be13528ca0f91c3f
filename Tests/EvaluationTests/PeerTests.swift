import Foundation
import Testing

@testable import Evaluation

/// The answers of scipy and numpy to random cases; see `Tests/GoldenGenerators/evaluation_statistics.py`.
private struct Golden: Decodable {
    struct Student: Decodable { let df, p, quantile, t, upper_tail: Double }
    struct Normal: Decodable { let p, quantile: Double }
    struct Binomial: Decodable {
        let n, k: Int
        let p, cumulative, mass: Double
    }
    struct Proportions: Decodable {
        let k, n: Int
        let sign_p: Double
        let wilson, clopper_pearson: [Double]
    }
    struct Clustered: Decodable {
        let scores: [Double]
        let clusters: [Int]
        let mean, cr0, cr1, naive, lower, upper: Double
    }
    struct Holm: Decodable { let p, adjusted: [Double] }
    struct Beta: Decodable { let a, b, x, value: Double }

    let student: [Student]
    let normal: [Normal]
    let binomial: [Binomial]
    let proportions: [Proportions]
    let clustered: [Clustered]
    let holm: [Holm]
    let beta: [Beta]

    static func load() throws -> Golden {
        let url = try #require(
            Bundle.module.url(forResource: "statistics", withExtension: "json", subdirectory: "Golden"))
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
}

/// Whether two numbers agree to a relative tolerance, which covers what the peers' own methods leave.
func agree(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
    abs(a - b) <= tolerance * max(abs(a), abs(b)) || abs(a - b) < 1e-14
}

@Suite("Statistics agree with scipy on random cases")
struct PeerTests {
    @Test("Student's t: quantiles and tails")
    func student() throws {
        for c in try Golden.load().student {
            #expect(agree(StudentDistribution.quantile(c.p, degreesOfFreedom: c.df), c.quantile), "\(c)")
            #expect(agree(StudentDistribution.upperTail(c.t, degreesOfFreedom: c.df), c.upper_tail), "\(c)")
        }
    }

    @Test("the normal quantile, far tails included")
    func normal() throws {
        for c in try Golden.load().normal { #expect(agree(NormalDistribution.quantile(c.p), c.quantile), "\(c)") }
    }

    @Test("the incomplete beta function over five orders of magnitude")
    func beta() throws {
        for c in try Golden.load().beta {
            #expect(agree(BetaFunction.regularized(c.x, complement: 1 - c.x, c.a, c.b), c.value, 1e-9), "\(c)")
        }
    }

    @Test("the binomial distribution up to 20,000 trials")
    func binomial() throws {
        for c in try Golden.load().binomial {
            let cumulative = BinomialDistribution.cumulative(c.k, trials: c.n, probability: c.p)
            #expect(agree(cumulative, c.cumulative, 1e-9), "\(c)")
            let mass = BinomialDistribution.mass(c.k, trials: c.n, probability: c.p)
            #expect(agree(mass, c.mass, 1e-9), "\(c)")
        }
    }

    @Test("Wilson, Clopper-Pearson and the sign test")
    func proportions() throws {
        for c in try Golden.load().proportions {
            let proportion = Proportion(c.k, of: c.n)
            let (wilson, exact) = (proportion.wilson(), proportion.clopperPearson())
            #expect(agree(wilson.lower, c.wilson[0]) && agree(wilson.upper, c.wilson[1]), "\(c)")
            #expect(agree(exact.lower, c.clopper_pearson[0]) && agree(exact.upper, c.clopper_pearson[1]), "\(c)")
            #expect(agree(ExactTests.sign(c.k, c.n - c.k), c.sign_p), "\(c)")
        }
    }

    @Test("standard errors clustered by patient, and the t limits where the agreement bound does not reach further")
    func clustered() throws {
        for c in try Golden.load().clustered {
            let estimate = ClusteredMean(c.scores, clusters: c.clusters.map { "P\($0)" })
            let interval = try #require(estimate.interval)
            #expect(agree(estimate.mean, c.mean))
            #expect(agree(estimate.uncorrectedStandardError, c.cr0))
            #expect(agree(try #require(estimate.standardError), c.cr1))
            #expect(agree(try #require(estimate.naiveStandardError), c.naive))
            #expect(agree(interval.lower, c.lower) && agree(interval.upper, c.upper))
            let bounded = try #require(
                ClusteredMean(c.scores, clusters: c.clusters.map { "P\($0)" }, range: 0...1).interval)
            #expect(bounded.lower <= max(0, c.lower) + 1e-12 && bounded.upper >= min(1, c.upper) - 1e-12)
            #expect(bounded.lower >= 0 && bounded.upper <= 1)
        }
    }

    @Test("Holm's correction")
    func holm() throws {
        for c in try Golden.load().holm {
            for (ours, theirs) in zip(ExactTests.holm(c.p), c.adjusted) { #expect(agree(ours, theirs)) }
        }
    }
}
