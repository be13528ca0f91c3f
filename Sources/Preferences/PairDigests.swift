internal import StrictJSON

/// The four digests of a pair, worked out together so that each text is serialized once.
struct PairDigests: Sendable, Equatable {
    /// ``PreferencePair/contentDigest``.
    let content: String
    /// ``PreferencePair/unorderedDigest``.
    let unordered: String
    /// ``PreferencePair/recordDigest``.
    let record: String
    /// ``PreferencePair/promptDigest``.
    let prompt: String

    init(_ pair: PreferencePair) {
        let prompt = pair.prompt.json.serializedBytes()
        let chosen = pair.chosen.json.serializedBytes()
        let rejected = pair.rejected.json.serializedBytes()
        content = Self.hex("overread pair v1", [prompt, chosen, rejected])
        let isInOrder = !rejected.lexicographicallyPrecedes(chosen)
        unordered = Self.hex(
            "overread unordered pair v1", [prompt] + (isInOrder ? [chosen, rejected] : [rejected, chosen]))
        record = pair.recordDigest
        self.prompt = Self.hex("overread prompt v1", [prompt])
    }

    private static func hex(_ label: String, _ parts: [[UInt8]]) -> String {
        var digest = ContentDigest(label)
        for part in parts { digest.add(part) }
        return digest.finishedHex()
    }
}
