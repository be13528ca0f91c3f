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
    /// A suspect text.
    public struct Suspect: Sendable, Equatable {
        /// File and line, such as `pairs.jsonl:12`.
        public let place: String
        /// Field, kinds and numbers, such as `chosen holds 1 date, 2 phone`.
        public let found: String
    }

    /// The first suspect texts.
    public internal(set) var listed: [Suspect] = []
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
                listed.append(
                    Suspect(place: "\(file):\(candidate.line)", found: "\(field) holds \(Self.words(result.found))"))
            }
            if isSuspect { suspectPairCount += 1 }
        }
    }

    /// Refuses what the screen found, each of the first texts by line, field and kind.
    func refuse(in file: String, _ onRefusedLine: (Refusal) -> Void) throws(Refusal) {
        guard suspectCount > 0 else { return }
        func refusal(at place: String, _ problem: String) -> Refusal {
            Refusal(
                code: "import.identifiers", at: place, problem,
                mend:
                    "de-identify the text, or import without --refuse-identifiers: its pair then stays out of snapshots until a "
                    + "person clears it")
        }
        if let only = listed.first, listed.count == 1 { throw refusal(at: only.place, only.found) }
        for suspect in listed { onRefusedLine(refusal(at: suspect.place, suspect.found)) }
        throw refusal(
            at: file,
            "\(suspectCount) text\(suspectCount == 1 ? "" : "s") of \(suspectPairCount) "
                + "pair\(suspectPairCount == 1 ? "" : "s") may identify somebody (\(foundWords)); nothing was taken"
        )
    }

    /// What was found, in words, such as `142 date, 2 phone`.
    public var foundWords: String { Self.words(found) }

    private static func words(_ found: [String: Int]) -> String {
        found.sorted { $0.key.precedesInBytes($1.key) }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
