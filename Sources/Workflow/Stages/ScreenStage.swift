public import Diagnostics
import Preferences
import PrivacyScreen
import StrictJSON

/// Looks for identifiers in texts and counts them by class; no text is shown.
public enum ScreenStage {
    /// Screens a file: pairs in any known format, or else one plain text.
    public static func run(file path: String, sites: String?, events: StageEvents) throws(Refusal) -> StageResult {
        var tally = ScreenTally(try screener(sites))
        let bytes = try TextFile.readBytes(path, code: "screen", limit: 256 << 20)
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        let isPairs = [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(first) || path.hasSuffix(".csv")
        if isPairs {
            let reading = try PairFileReading.read(path)
            for pair in reading.pairs { tally.add(pair) }
            if !reading.refusals.isEmpty {
                events.say("\(path): \(counted(reading.refusals.count, "record")) gave no pair and were not screened.")
            }
        } else {
            tally.add(.text(try TextFile.read(path, code: "screen", limit: 256 << 20)))
        }
        return tally.result(of: path, kept: false)
    }

    /// Screens the imported pairs of a store.
    ///
    /// - Parameter keep: whether the results are kept in the store, so that suspect texts are in no snapshot.
    public static func run(
        store path: String, sites: String?, keep: Bool, events: StageEvents
    ) throws(Refusal) -> StageResult {
        var tally = ScreenTally(try screener(sites))
        let store = try StoreFile.open(path)
        let total = try store.pairCount()
        var done = 0
        try store.forEachPair { pair in
            tally.add(pair)
            done += 1
            if total > 5000 { events.progress(StageProgress("Screening", done: done, total: total, unit: "pairs")) }
        }
        if keep { try store.record(tally.screenings) }
        return tally.result(of: path, kept: keep)
    }

    /// A screener that knows the facilities of a site list.
    static func screener(_ sites: String?) throws(Refusal) -> PrivacyScreener {
        PrivacyScreener(
            sites: try sites.map { path throws(Refusal) in try SiteList.load(path: path) } ?? SiteList())
    }
}

/// Texts by what the screen says of them, each counted once.
private struct ScreenTally {
    private(set) var screenings: [Screening] = []
    private var seen: Set<String> = []
    private var pairs = 0
    private var suspectPairs = 0
    private var suspects: Set<String> = []
    private let screener: PrivacyScreener

    init(_ screener: PrivacyScreener) { self.screener = screener }

    mutating func add(_ pair: PreferencePair) {
        let texts = [pair.prompt, pair.chosen, pair.rejected]
        for text in texts { add(text) }
        pairs += 1
        if texts.contains(where: { suspects.contains($0.digest) }) { suspectPairs += 1 }
    }

    mutating func add(_ text: PromptText) {
        guard seen.insert(text.digest).inserted else { return }
        let screening = TextScreening.screening(of: text, by: screener)
        if screening.state == .suspect { suspects.insert(screening.textDigest) }
        screenings.append(screening)
    }

    func result(of path: String, kept: Bool) -> StageResult {
        var found: [String: Int] = [:]
        for screening in screenings { found.merge(screening.found, uniquingKeysWith: +) }
        let classes = IdentifierClass.allCases.compactMap { kind in
            found[kind.rawValue].map { (name: kind.rawValue, count: $0) }
        }
        let words = classes.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        return StageResult(
            [
                "screened": .string(path), "texts": .number(JSONNumber(screenings.count)),
                "suspect_texts": .number(JSONNumber(suspects.count)), "pairs": .number(JSONNumber(pairs)),
                "suspect_pairs": .number(JSONNumber(suspectPairs)),
                "found": .object(
                    JSONObject(classes.map { JSONObject.Member($0.name, .number(JSONNumber($0.count))) })),
                "screener": .string(TextScreening.name), "kept": .bool(kept),
            ],
            text: "\(path): \(counted(screenings.count, "text")) screened, \(suspects.count) suspect"
                + (classes.isEmpty ? "." : ": \(words).")
                + (pairs > 0 ? "\n\(counted(suspectPairs, "pair")) of \(pairs) hold a suspect text." : "")
                + "\nWhere nothing was found, a text may still identify somebody.")
    }
}
