/// A statistic as sums over items: what an item adds, and what the sums give.
///
/// Every figure here is a function of sums over items, so a resample of exams needs only their sums.
struct AgreementSums {
    private let statistic: AgreementStatistic
    private let levels: [Double]
    private let raterCount: Int
    private var levelCount: Int { levels.count }

    init(_ statistic: AgreementStatistic, levels: [Double], raterCount: Int) {
        self.statistic = statistic
        self.levels = levels
        self.raterCount = raterCount
    }

    /// How many numbers are summed.
    var width: Int {
        switch statistic {
        case .raw: 2
        case .cohen, .krippendorff: levelCount * levelCount
        // The items, their agreement, and the share of each level.
        case .fleiss, .gwet: 2 + levelCount
        }
    }

    /// What an item with at least two ratings adds.
    func contribution(_ row: RatingTable.Row) -> [Double] {
        let given = row.given
        var counts = Array(repeating: 0.0, count: levelCount)
        for level in given { counts[level] += 1 }
        let total = Double(given.count)
        let agreement = counts.reduce(0) { $0 + $1 * ($1 - 1) } / (total * (total - 1))
        switch statistic {
        case .raw: return [1, agreement]
        case .fleiss, .gwet: return [1, agreement] + counts.map { $0 / total }
        case .cohen:
            var table = Array(repeating: 0.0, count: width)
            table[given[0] * levelCount + given[1]] = 1
            return table
        case .krippendorff:
            var coincidences = Array(repeating: 0.0, count: width)
            for first in 0..<levelCount {
                for second in 0..<levelCount {
                    let pairs = counts[first] * (counts[second] - (first == second ? 1 : 0))
                    coincidences[first * levelCount + second] = pairs / (total - 1)
                }
            }
            return coincidences
        }
    }

    /// Why the statistic has no value whatever the ratings are; nil when it may have one.
    func obstacle(in rows: [RatingTable.Row]) -> AgreementValue.Reason? {
        if rows.isEmpty { return .noJointItem }
        switch statistic {
        case .cohen: return raterCount == 2 ? nil : .notTwoRaters
        case .fleiss: return Set(rows.map(\.given.count)).count == 1 ? nil : .unequalRaters
        case .gwet: return levelCount > 1 ? nil : .oneLevel
        case .raw, .krippendorff: return nil
        }
    }

    /// The figure that the sums give.
    func value(of sums: [Double]) -> AgreementValue {
        switch statistic {
        case .raw: return .value(sums[1] / sums[0])
        case .fleiss:
            let shares = sums.dropFirst(2).map { $0 / sums[0] }
            guard shares.count(where: { $0 > 0 }) > 1 else { return .undefined(.unanimous) }
            return chanceCorrected(sums[1] / sums[0], chance: shares.reduce(0) { $0 + $1 * $1 })
        case .gwet:
            let shares = sums.dropFirst(2).map { $0 / sums[0] }
            let chance = shares.reduce(0) { $0 + $1 * (1 - $1) } / Double(levelCount - 1)
            return chanceCorrected(sums[1] / sums[0], chance: chance)
        case .cohen(let weights): return kappa(sums, weights)
        case .krippendorff(let metric): return alpha(sums, metric)
        }
    }

    private func chanceCorrected(_ observed: Double, chance: Double) -> AgreementValue {
        chance < 1 ? .value((observed - chance) / (1 - chance)) : .undefined(.unanimous)
    }

    /// `1 − Σ w·observed / Σ w·expected` over the table of both raters' levels.
    private func kappa(_ table: [Double], _ weights: AgreementStatistic.Weights) -> AgreementValue {
        let (rows, columns) = margins(table)
        let total = rows.reduce(0, +)
        return ratio(table, expected: { rows[$0] * columns[$1] / total }) { first, second in
            let steps = Double(abs(first - second))
            return switch weights {
            case .none: first == second ? 0 : 1
            case .linear: steps
            case .quadratic: steps * steps
            }
        }
    }

    /// `1 − D_o/D_e` over the coincidences.
    private func alpha(_ coincidences: [Double], _ metric: AgreementStatistic.Metric) -> AgreementValue {
        let (counts, _) = margins(coincidences)
        let total = counts.reduce(0, +)
        return ratio(coincidences, expected: { counts[$0] * counts[$1] / (total - 1) }) { first, second in
            switch metric {
            case .nominal: return first == second ? 0 : 1
            case .interval:
                let difference = levels[first] - levels[second]
                return difference * difference
            case .ordinal:
                let between = counts[min(first, second)...max(first, second)].reduce(0, +)
                let distance = between - (counts[first] + counts[second]) / 2
                return distance * distance
            }
        }
    }

    /// One less the weighted sum of the observed over that of the expected.
    private func ratio(
        _ observed: [Double], expected: (Int, Int) -> Double, weight: (Int, Int) -> Double
    ) -> AgreementValue {
        var (above, below) = (0.0, 0.0)
        for first in 0..<levelCount {
            for second in 0..<levelCount where first != second {
                let weight = weight(first, second)
                above += weight * observed[first * levelCount + second]
                below += weight * expected(first, second)
            }
        }
        return below > 0 ? .value(1 - above / below) : .undefined(.unanimous)
    }

    private func margins(_ table: [Double]) -> (rows: [Double], columns: [Double]) {
        var rows = Array(repeating: 0.0, count: levelCount)
        var columns = rows
        for first in 0..<levelCount {
            for second in 0..<levelCount {
                rows[first] += table[first * levelCount + second]
                columns[second] += table[first * levelCount + second]
            }
        }
        return (rows, columns)
    }
}
