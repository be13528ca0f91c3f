/// One reviewer's rating of one item under one criterion, such as which of two drafts is the better one.
///
/// A list of ratings is in the order of time: where one reviewer rated an item twice under a criterion, the first rating
/// counts between reviewers, and the first later one with swapped sides is the repeat.
public struct Rating: Sendable, Equatable {
    /// The item's id: one pair of drafts, or one draft.
    public let item: String
    /// The exam that the item is about, the same for all ratings of it; items of one exam are not independent.
    public let cluster: String
    /// The reviewer's id.
    public let rater: String
    /// What was asked about; empty for the overall preference.
    public let criterion: String
    /// The level given, finite.
    ///
    /// For a preference: 1 for the item's first draft, one half for a tie, 0 for its second, on whichever side they were.
    public let value: Double
    /// Whether the item's second draft was shown on the left.
    public let isSwapped: Bool

    /// Makes a rating; `value` must be finite.
    public init(
        item: String, cluster: String, rater: String, criterion: String = "", value: Double, isSwapped: Bool = false
    ) {
        precondition(value.isFinite, "a rating must be finite, found \(value)")
        self.item = item
        self.cluster = cluster
        self.rater = rater
        self.criterion = criterion
        self.value = value
        self.isSwapped = isSwapped
    }

    /// Makes a rating of a verdict on the item's first draft: 1, one half or 0.
    public init(
        item: String, cluster: String, rater: String, criterion: String = "", verdict: Verdict, isSwapped: Bool = false
    ) {
        self.init(
            item: item, cluster: cluster, rater: rater, criterion: criterion, value: verdict.score,
            isSwapped: isSwapped)
    }
}

extension [Rating] {
    /// The ratings under each criterion, in byte order of the criteria, each in the order given.
    func byCriterion() -> [(criterion: String, ratings: [Rating])] { grouped(by: \.criterion) }

    /// The ratings of each reviewer, in byte order of their ids, each in the order given.
    func byRater() -> [(rater: String, ratings: [Rating])] { grouped(by: \.rater) }

    private func grouped(by key: KeyPath<Rating, String>) -> [(String, [Rating])] {
        var groups: [[UInt8]: [Rating]] = [:]
        for rating in self { groups[Array<UInt8>(rating[keyPath: key].utf8), default: []].append(rating) }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }
}
