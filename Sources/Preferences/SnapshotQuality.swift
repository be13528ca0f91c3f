internal import StrictJSON

/// The figures by which a person judges one side of a snapshot.
enum SnapshotQuality {
    /// Words of the answers; how many pairs there are of each modality, body part, kind of rejected text, source, standing
    /// (who is behind them) and strength; which share repeats an earlier pair's prompt; in which the chosen text is longer.
    static func figures(_ pairs: [PreferencePair]) -> JSONValue {
        [
            "chosen_words": words(pairs.map(\.chosen)), "rejected_words": words(pairs.map(\.rejected)),
            "prompt_words": words(pairs.map(\.prompt)), "modality": counts(pairs.map(\.modality)),
            "body_part": counts(pairs.map(\.bodyPart)),
            "rejected_kind": counts(pairs.map { $0.rejectedKind?.rawValue }), "source": counts(pairs.map(\.source)),
            "unseen_kind": .number(JSONNumber(pairs.count { $0.unseenKind })),
            "standing": counts(pairs.map(standing)),
            "strength": counts(pairs.map { $0.judgedStrength.map(String.init) }),
            "shared_prompts": share(pairs.count - Set(pairs.concurrentMap(\.promptDigest)).count, of: pairs.count),
            "chosen_longer": share(
                pairs.count { $0.chosen.plainText.utf8.count > $0.rejected.plainText.utf8.count }, of: pairs.count),
        ]
    }

    /// Who stands behind a pair.
    private static func standing(_ pair: PreferencePair) -> String {
        guard let provenance = pair.judgedProvenance else { return "imported" }
        guard let judgements = provenance["judgements"]?.array else { return "edited" }
        if provenance["adjudication"] != nil { return "adjudicated" }
        return judgements.count > 1 ? "readers_agree" : "one_reader"
    }

    private static func share(_ count: Int, of total: Int) -> JSONValue {
        total == 0 ? .null : .number(JSONNumber(Double(count) / Double(total)))
    }

    private static func words(_ texts: [PromptText]) -> JSONValue {
        let counts = texts.concurrentMap { wordCount($0.plainText) }.sorted()
        guard let least = counts.first, let most = counts.last else { return .null }
        let middle = Double(counts[counts.count / 2] + counts[(counts.count - 1) / 2]) / 2
        let mean = Double(counts.reduce(0, +)) / Double(counts.count)
        return [
            "minimum": .number(JSONNumber(least)), "median": .number(JSONNumber(middle)),
            "mean": .number(JSONNumber(mean)), "maximum": .number(JSONNumber(most)),
        ]
    }

    /// How many runs without white space a text has.
    private static func wordCount(_ text: String) -> Int {
        var count = 0
        var inWord = false
        let bytes = text.utf8.span
        for index in bytes.indices {
            let byte = bytes[index]
            // Of ASCII only these are white space; Unicode's table is asked where there is anything else.
            if byte >= 0x80 { return text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).count }
            let isSpace = byte == 0x20 || (0x09...0x0D).contains(byte)
            if !isSpace, !inWord { count += 1 }
            inWord = !isSpace
        }
        return count
    }

    private static func counts(_ values: [String?]) -> JSONValue {
        var counts: [TextKey: Int] = [:]
        for value in values { counts[TextKey(value ?? "unrecorded"), default: 0] += 1 }
        let sorted = counts.sorted { $0.key.text.precedesInBytes($1.key.text) }
        return .object(JSONObject(sorted.map { JSONObject.Member($0.key.text, .number(JSONNumber($0.value))) }))
    }
}
