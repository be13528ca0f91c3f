import Foundation
import Testing

@testable import Evaluation

/// The peers' answers to random ratings; see `Tests/GoldenGenerators/agreement_statistics.py`.
private struct Golden: Decodable {
    struct Alpha: Decodable {
        let ratings: [[Double?]]
        let nominal, ordinal, interval: Double
    }
    struct Kappa: Decodable {
        let ratings: [[Double?]]
        let levels: [Double]
        let none, linear, quadratic: Double
    }
    struct Fleiss: Decodable {
        let ratings: [[Double?]]
        let fleiss: Double
    }
    struct Gwet: Decodable {
        let ratings: [[Double?]]
        let levels: [Double]
        let gwet, raw: Double
    }
    struct Drawn: Decodable {
        let ratings: [[Double?]]
        let clusters: [Int]
        let seed: UInt64
        let resamples, undefined: Int
        let lower, upper: Double
    }
    struct Position: Decodable {
        let left, right, ties: Int
        let p, lower, upper: Double
    }

    let alphas: [Alpha]
    let kappas: [Kappa]
    let fleiss: [Fleiss]
    let gwet: [Gwet]
    let bootstraps: [Drawn]
    let positions: [Position]

    static func load() throws -> Golden {
        let url = try #require(
            Bundle.module.url(forResource: "agreement", withExtension: "json", subdirectory: "Golden"))
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
}

/// Ratings from a matrix of raters by items; one exam an item unless exams are given.
func ratings(_ matrix: [[Double?]], clusters: [Int]? = nil, criterion: String = "") -> [Rating] {
    matrix.enumerated().flatMap { rater, row in
        row.enumerated().compactMap { item, value in
            value.map {
                Rating(
                    item: "i\(item)", cluster: "e\(clusters?[item] ?? item)", rater: "r\(rater)",
                    criterion: criterion, value: $0)
            }
        }
    }
}

/// One figure of the ratings, without an interval worth the time.
func figure(_ statistic: AgreementStatistic, _ ratings: [Rating], levels: [Double]? = nil) -> AgreementValue {
    AgreementEstimate(
        statistic, of: RatingTable(ratings, levels: levels),
        options: AgreementOptions(levels: levels, resamples: 1, seed: 1)
    ).value
}

@Suite("Agreement agrees with its peers on random ratings")
struct AgreementPeerTests {
    @Test("Krippendorff's alpha, with missing ratings and uneven scales")
    func alpha() throws {
        let cases = try Golden.load().alphas
        #expect(cases.count >= 25 && cases.contains { $0.ratings.joined().contains(nil) })
        for c in cases {
            let table = ratings(c.ratings)
            #expect(agree(try #require(figure(.krippendorff(.nominal), table).number), c.nominal), "\(c)")
            #expect(agree(try #require(figure(.krippendorff(.ordinal), table).number), c.ordinal), "\(c)")
            #expect(agree(try #require(figure(.krippendorff(.interval), table).number), c.interval), "\(c)")
        }
    }

    @Test("Cohen's kappa with three weights, levels that nobody gave included")
    func kappa() throws {
        let cases = try Golden.load().kappas
        #expect(
            cases.count >= 25 && cases.contains { Set($0.ratings.joined().compactMap(\.self)).count < $0.levels.count })
        for c in cases {
            for (weights, expected) in [
                (AgreementStatistic.Weights.none, c.none), (.linear, c.linear), (.quadratic, c.quadratic),
            ] {
                let ours = figure(.cohen(weights), ratings(c.ratings), levels: c.levels).number
                #expect(agree(try #require(ours), expected), "\(weights) \(c)")
            }
        }
    }

    @Test("Fleiss' kappa of two to six raters")
    func fleiss() throws {
        for c in try Golden.load().fleiss {
            #expect(agree(try #require(figure(.fleiss, ratings(c.ratings)).number), c.fleiss), "\(c)")
        }
    }

    @Test("Gwet's AC1 and raw agreement, with missing ratings")
    func gwet() throws {
        for c in try Golden.load().gwet {
            let table = ratings(c.ratings)
            #expect(agree(try #require(figure(.gwet, table, levels: c.levels).number), c.gwet), "\(c)")
            #expect(agree(try #require(figure(.raw, table).number), c.raw), "\(c)")
        }
    }

    @Test("the bootstrap draws the same exams as a copy of their items does, and gives the same percentiles")
    func bootstrap() throws {
        for c in try Golden.load().bootstraps {
            let estimate = AgreementEstimate(
                .krippendorff(.ordinal), of: RatingTable(ratings(c.ratings, clusters: c.clusters)),
                options: AgreementOptions(resamples: c.resamples, seed: c.seed))
            let interval = try #require(estimate.interval)
            #expect(agree(interval.lower, c.lower) && agree(interval.upper, c.upper), "\(c)")
            #expect(estimate.undefinedResamples == c.undefined && estimate.clusterCount == Set(c.clusters).count)
            #expect(interval.method == .bootstrapPercentile && estimate.noInterval == nil)
        }
    }

    @Test("position bias: Wilson's interval and the exact test, ties left out")
    func position() throws {
        for c in try Golden.load().positions {
            let shown = [(c.left, 1.0), (c.right, 0), (c.ties, 0.5)].flatMap { count, value in
                (0..<count).map { index in
                    // The same choice of side, with the drafts one way round and the other.
                    let isSwapped = index.isMultiple(of: 2)
                    return Rating(
                        item: "\(value) \(index)", cluster: "e", rater: "r", value: isSwapped ? 1 - value : value,
                        isSwapped: isSwapped)
                }
            }
            let bias = PositionBias(shown)
            let interval = try #require(bias.interval())
            #expect((bias.left, bias.ties, bias.right) == (c.left, c.ties, c.right))
            #expect(agree(bias.exactP, c.p) && agree(interval.lower, c.lower) && agree(interval.upper, c.upper))
            #expect(interval.method == .wilson)
        }
    }
}
