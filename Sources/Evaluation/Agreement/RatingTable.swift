/// Items by raters: the level that each rater gave to each item, if any.
///
/// Items and raters are in byte order of their ids, so that the order of the ratings changes no figure.
struct RatingTable: Sendable {
    /// One item's levels.
    struct Row: Sendable {
        let cluster: [UInt8]
        /// The index of the level each rater gave; nil where a rater gave none.
        var levels: [Int?]

        /// The levels that were given.
        var given: [Int] { levels.compactMap(\.self) }
    }

    /// The scale's levels, ascending.
    let levels: [Double]
    /// The raters' ids.
    let raters: [String]
    /// The items that at least two of the raters rated.
    let rows: [Row]
    /// How many items only one rater rated; they say nothing about agreement and are left out.
    let singleCount: Int

    /// Tabulates the ratings of one criterion; of several by one rater on one item the first counts.
    ///
    /// - Parameter levels: the scale; must have every value that occurs. Nil takes the values that occur.
    init(_ ratings: [Rating], levels: [Double]? = nil) {
        self.init(
            columns: ratings.byRater().map { rater, ratings in
                Column(name: rater, ratings: ratings)
            }, levels: levels)
    }

    /// One column of a table: a rater, or one occasion on which a rater rated.
    struct Column {
        let name: String
        let ratings: [Rating]
    }

    /// Tabulates columns of ratings; of several in one column on one item the first counts.
    init(columns: [Column], levels given: [Double]? = nil) {
        let levels = Set(given ?? columns.flatMap { $0.ratings.map(\.value) }).sorted()
        var rows: [[UInt8]: Row] = [:]
        for (position, column) in columns.enumerated() {
            for rating in column.ratings {
                guard let level = levels.firstIndex(of: rating.value) else {
                    preconditionFailure("\(rating.value) is no level of the scale \(levels)")
                }
                let empty = Row(
                    cluster: Array(rating.cluster.utf8), levels: Array(repeating: nil, count: columns.count))
                let item = Array(rating.item.utf8)
                if rows[item, default: empty].levels[position] == nil {
                    rows[item, default: empty].levels[position] = level
                }
            }
        }
        let ordered = rows.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        self.levels = levels
        raters = columns.map(\.name)
        self.rows = ordered.filter { $0.given.count >= 2 }
        singleCount = ordered.count - self.rows.count
    }

    private init(levels: [Double], raters: [String], rows: [Row], singleCount: Int) {
        self.levels = levels
        self.raters = raters
        self.rows = rows
        self.singleCount = singleCount
    }

    /// The table of two of the raters, on the same scale.
    func pair(_ first: Int, _ second: Int) -> RatingTable {
        let narrowed = rows.map { Row(cluster: $0.cluster, levels: [$0.levels[first], $0.levels[second]]) }
        let joint = narrowed.filter { $0.given.count == 2 }
        return RatingTable(
            levels: levels, raters: [raters[first], raters[second]], rows: joint,
            singleCount: narrowed.count { $0.given.count == 1 })
    }
}
