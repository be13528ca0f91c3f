/// What an impression says, statement by statement, without its style.
///
/// Numbered items, bullets, lines and sentences of prose all count as statements, so that a text in another form is
/// judged by what it says. A statement is
/// - a recommendation when it has a word that begins with `recommend`, or the word `correlation`;
/// - normal when its first word is `no` or `normal`, or it says `no evidence of`, `there is no`, `unremarkable`, or
///   that something is normal, intact, clear, patent or preserved;
/// - a finding otherwise.
public struct ImpressionContent: Sendable, Equatable {
    /// One statement of an impression.
    public struct Item: Sendable, Equatable {
        /// What a statement is.
        public enum Kind: Sendable, Equatable { case finding, normal, recommendation }
        /// What it is.
        public let kind: Kind
        /// Its words as written, without number or bullet.
        public let text: String
        let content: StatementContent
        /// Its words in lower case, in order.
        let words: [String]
    }

    /// The statements in order; none for a text without words.
    public let items: [Item]

    /// Takes an impression apart; every text can be.
    public init(parsing impression: String) {
        let outline = ReportOutline(impression)
        items = outline.statements.map { statement in
            let content = StatementContent(outline.bytes, statement.range)
            let words = TextScan.words(outline.bytes, in: statement.range).map(\.text)
            return Item(
                kind: Self.kind(words), text: TextScan.string(outline.bytes, statement.range), content: content,
                words: words)
        }
    }

    /// The statements of one kind.
    public func items(_ kind: Item.Kind) -> [Item] { items.filter { $0.kind == kind } }

    /// Whether the impression says something, and no finding.
    public var isNormal: Bool { !items.isEmpty && items(.finding).isEmpty }

    private static let normalWords: Set<String> = ["unremarkable", "intact", "patent", "preserved", "clear"]
    private static let verbs: Set<String> = ["is", "are", "appears", "appear", "remains", "remain", "be"]

    private static func kind(_ words: [String]) -> Item.Kind {
        if words.contains(where: { $0.hasPrefix("recommend") || $0 == "correlation" }) { return .recommendation }
        if words.first == "no" || words.first == "normal" { return .normal }
        for (index, word) in words.enumerated() {
            let next = index + 1 < words.count ? words[index + 1] : ""
            if word == "unremarkable" || (word == "no" && next == "evidence") { return .normal }
            if verbs.contains(word), next == "no" || next == "normal" || normalWords.contains(next) { return .normal }
            if word == "within", next == "normal" { return .normal }
        }
        return .finding
    }
}

/// How the content of an impression compares with a reference.
///
/// Of the reference's findings, each is stated, misstated or dropped: `stated + misstated + dropped` is their number.
public struct ContentComparison: Sendable, Equatable {
    /// What became of the recommendation.
    public enum Recommendation: String, Sendable, CaseIterable {
        /// Neither has one.
        case notNeeded
        /// The output has the reference's and no other.
        case given
        /// The reference has one, the output none.
        case missing
        /// Both have one, and they differ.
        case wrong
        /// The output has one, the reference none.
        case unneeded
    }

    /// The findings of the reference that the output states with the same words, sides, numbers and negations.
    public var stated = 0
    /// The findings that the output states with another side or number.
    public var misstated = 0
    /// The findings that the output does not state.
    public var dropped = 0
    /// The findings of the output that neither the reference nor a sentence of the findings supports; misstated ones
    /// are not counted again, and normal statements never.
    public var invented = 0
    /// The misstated findings with another side.
    public var sideErrors = 0
    /// The misstated findings with another length, level, grade or count.
    public var numberErrors = 0
    /// What became of the recommendation.
    public var recommendation = Recommendation.notNeeded
    /// Whether both say the same statements in the same order, style aside.
    public var isExact = false
    /// Whether the output says a statement twice.
    public var repeatsStatement = false
    /// Whether the reference is normal: it has statements and no finding.
    public var referenceIsNormal = false
    /// Whether the output is normal.
    public var outputIsNormal = false

    /// The findings of the reference.
    public var referenceFindings: Int { stated + misstated + dropped }
    /// Whether both are normal or both are not.
    public var agreesOnNormal: Bool { referenceIsNormal == outputIsNormal }
}
