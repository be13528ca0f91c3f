public import Diagnostics

/// The shapes in which preference pairs come from other programs.
///
/// `docs/pair-formats.md` has a table of the fields of each.
public enum PairFormat: String, Sendable, CaseIterable {
    /// TRL's preference records: prompt explicit or implicit, plain or conversational.
    case trl
    /// Anthropic's HH-RLHF transcripts: `chosen` and `rejected` with `\n\nHuman:` and `\n\nAssistant:`.
    case anthropicHH = "anthropic-hh"
    /// LLaMA-Factory's alpaca shape with `ranking: true`: `instruction`, `input`, `chosen`, `rejected`.
    case llamaFactoryAlpaca = "llamafactory-alpaca"
    /// LLaMA-Factory's sharegpt shape with `ranking: true`: `conversations`, and one message in `chosen` and `rejected`.
    case llamaFactoryShareGPT = "llamafactory-sharegpt"
    /// LLaMA-Factory's newer shape: `chosen_messages` and `rejected_messages` whose content is a list of parts.
    case llamaFactoryMessages = "llamafactory-messages"
    /// Records of an Argilla dataset with a ranking question, or with ratings that a column mapping names.
    case argilla
    /// Tasks of Label Studio's JSON export with a `Pairwise` control.
    case labelStudio = "label-studio"
    /// Comma-separated values by RFC 4180, with Overread's own field names or a column mapping.
    case csv
    /// Any JSON array or JSONL of flat objects, with a column mapping.
    case json

    /// The format with a name, for a command's `--format`.
    ///
    /// - Throws: `format.unknown` with the nearest name.
    public static func named(_ name: String) throws(Refusal) -> PairFormat {
        if let format = PairFormat(rawValue: name) { return format }
        let names = allCases.map(\.rawValue)
        throw Refusal(
            code: "format.unknown", at: "--format",
            "there is no such format; there are \(names.joined(separator: ", "))",
            mend: NearestName.suggestion(for: name, among: names).map { "write \($0)" } ?? "take one of them")
    }

    /// What the `source` of a pair says when its record does not; nil for shapes that are nobody's own.
    var source: String? {
        switch self {
        case .trl, .csv, .json: nil
        default: rawValue
        }
    }
}

/// How a file of pairs is read.
public struct PairReadingOptions: Sendable {
    /// The format; nil to find it by the file's content.
    public var format: PairFormat?
    /// Which columns mean what, for formats that leave it open.
    public var mapping: ColumnMapping?
    /// From which length on a pair is left out; nil for no limit but the record's 4 MiB.
    public var lengthLimit: PairLengthLimit?

    /// Makes options: the format found by content, no mapping, no limit.
    public init(format: PairFormat? = nil, mapping: ColumnMapping? = nil, lengthLimit: PairLengthLimit? = nil) {
        self.format = format
        self.mapping = mapping
        self.lengthLimit = lengthLimit
    }
}

/// The greatest length of a prompt with an answer, in a unit that the caller counts.
public struct PairLengthLimit: Sendable {
    /// What is counted, for messages: `tokens`, `bytes`.
    public let unit: String
    /// How many of them a prompt and one answer may have together, at most.
    public let most: Int
    /// Counts a prompt with one answer.
    public let measure: @Sendable (_ prompt: PromptText, _ answer: PromptText) -> Int

    /// Makes a limit.
    public init(unit: String, most: Int, measure: @escaping @Sendable (PromptText, PromptText) -> Int) {
        self.unit = unit
        self.most = most
        self.measure = measure
    }

    /// Refuses a pair of which a side is too long: such a pair is left out, never cut.
    func check(_ pair: PreferencePair, at place: String) throws(Refusal) {
        let chosen = measure(pair.prompt, pair.chosen)
        let rejected = measure(pair.prompt, pair.rejected)
        guard max(chosen, rejected) > most else { return }
        throw Refusal(
            code: "pair.too-long", at: place,
            "the prompt has \(chosen) \(unit) with chosen and \(rejected) with rejected; at most \(most) are taken",
            mend: "shorten it, or raise the limit")
    }
}
