internal import Diagnostics
internal import StrictJSON

/// What a search for identifiers found in the pairs of an import, in numbers and places, without any text.
public struct ImportScreening: Sendable, Equatable {
    /// How many suspect texts are listed; the rest are counted.
    public static let listedTexts = 20

    /// Different texts in which nothing was found.
    public internal(set) var cleanCount = 0
    /// Different texts in which something was found.
    public internal(set) var suspectCount = 0
    /// Pairs that hold a suspect text.
    public internal(set) var suspectPairCount = 0
    /// What was found, by kind.
    public internal(set) var found: [String: Int] = [:]
    /// The first suspect texts, such as `pairs.jsonl:12: chosen holds 1 date, 2 phone`.
    public internal(set) var listed: [String] = []
    /// Every result, for the store.
    var results: [Screening] = []

    /// Screens the three texts of every pair, each different text once.
    init(_ candidates: [ImportPlan.Candidate], file: String, by screen: @Sendable (PromptText) -> Screening) {
        var texts: [PromptText] = []
        var seen: Set<String> = []
        let digests = candidates.concurrentMap { one in
            [one.pair.prompt, one.pair.chosen, one.pair.rejected].map(\.digest)
        }
        for (candidate, digests) in zip(candidates, digests) {
            let sides = [candidate.pair.prompt, candidate.pair.chosen, candidate.pair.rejected]
            for (text, digest) in zip(sides, digests) where seen.insert(digest).inserted { texts.append(text) }
        }
        results = texts.concurrentMap(screen)
        var suspects: [String: Screening] = [:]
        for result in results {
            if result.state == .suspect { suspects[result.textDigest] = result }
            found.merge(result.found, uniquingKeysWith: +)
        }
        suspectCount = suspects.count
        cleanCount = results.count - suspectCount
        for (candidate, digests) in zip(candidates, digests) {
            var isSuspect = false
            for (field, digest) in zip(["prompt", "chosen", "rejected"], digests) {
                guard let result = suspects[digest] else { continue }
                isSuspect = true
                guard listed.count < Self.listedTexts else { continue }
                let kinds = result.found.sorted { $0.key.precedesInBytes($1.key) }
                listed.append(
                    "\(file):\(candidate.line): \(field) holds "
                        + kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
            }
            if isSuspect { suspectPairCount += 1 }
        }
    }
}
