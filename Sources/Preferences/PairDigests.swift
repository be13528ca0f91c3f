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
        record = Self.hex("overread record v1", [Self.canonicalBytes(pair, prompt, chosen, rejected)])
        self.prompt = Self.hex("overread prompt v1", [prompt])
    }

    /// ``PreferencePair/canonicalBytes``, with the JSON of plain texts as it is there already.
    ///
    /// Messages are written anew: there the keys of each come in byte order.
    private static func canonicalBytes(
        _ pair: PreferencePair, _ prompt: [UInt8], _ chosen: [UInt8], _ rejected: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prompt.count + chosen.count + rejected.count + 1024)
        for member in pair.jsonObject.members.sorted(by: { $0.key.precedesInBytes($1.key) }) {
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            bytes.append(contentsOf: JSONValue.string(member.key).serializedBytes())
            bytes.append(UInt8(ascii: ":"))
            switch (member.key, member.value) {
            case ("prompt", .string): bytes.append(contentsOf: prompt)
            case ("chosen", .string): bytes.append(contentsOf: chosen)
            case ("rejected", .string): bytes.append(contentsOf: rejected)
            default: bytes.append(contentsOf: member.value.serializedBytes(sortedKeys: true))
            }
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private static func hex(_ label: String, _ parts: [[UInt8]]) -> String {
        var digest = ContentDigest(label)
        for part in parts { digest.add(part) }
        return digest.finishedHex()
    }
}
