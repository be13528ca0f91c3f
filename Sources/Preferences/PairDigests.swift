internal import StrictJSON

/// The four digests of a pair, worked out together so that each text is serialized once.
struct PairDigests: Sendable, Equatable {
    /// ``PreferencePair/contentDigest``.
    let content: DigestValue
    /// ``PreferencePair/unorderedDigest``.
    let unordered: DigestValue
    /// ``PreferencePair/recordDigest``.
    let record: DigestValue
    /// ``PreferencePair/promptDigest``.
    let prompt: DigestValue

    init(_ pair: PreferencePair) {
        let prompt = pair.prompt.json.serializedBytes()
        let chosen = pair.chosen.json.serializedBytes()
        let rejected = pair.rejected.json.serializedBytes()
        content = Self.digest("overread pair v1", [prompt, chosen, rejected])
        let isInOrder = !rejected.lexicographicallyPrecedes(chosen)
        unordered = Self.digest(
            "overread unordered pair v1", [prompt] + (isInOrder ? [chosen, rejected] : [rejected, chosen]))
        var record = ContentDigest("overread record v1")
        record.add(together: Self.canonicalPieces(pair, prompt, chosen, rejected))
        self.record = record.finishedValue()
        self.prompt = Self.digest("overread prompt v1", [prompt])
    }

    /// ``PreferencePair/canonicalBytes`` in pieces, with the JSON of plain texts as it is there already.
    private static func canonicalPieces(
        _ pair: PreferencePair, _ prompt: [UInt8], _ chosen: [UInt8], _ rejected: [UInt8]
    ) -> [[UInt8]] {
        guard pair.additional.members.isEmpty, case (.text, .text, .text) = (pair.prompt, pair.chosen, pair.rejected)
        else { return [pair.canonicalBytes] }
        var pieces: [[UInt8]] = []
        var run: [UInt8] = []
        func begin(_ field: String) {
            run.append(run.isEmpty && pieces.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            run.appendJSON(field)
            run.append(UInt8(ascii: ":"))
        }
        func add(_ field: String, _ text: String?) {
            guard let text else { return }
            begin(field)
            run.appendJSON(text)
        }
        func add(_ field: String, json: [UInt8]) {
            begin(field)
            pieces.append(run)
            pieces.append(json)
            run = []
        }
        // In the order of the names' bytes.
        add("body_part", pair.bodyPart)
        add("chosen", json: chosen)
        add("created", pair.created)
        add("exam", pair.exam)
        begin("finding_kinds")
        run.append(contentsOf: JSONValue.array(pair.findingKinds.map { .string($0) }).serializedBytes())
        add("findings", pair.findings)
        add("id", pair.id)
        add("modality", pair.modality)
        add("patient", pair.patient)
        add("prompt", json: prompt)
        add("rejected", json: rejected)
        add("rejected_kind", pair.rejectedKind?.rawValue)
        add("reviewer", pair.reviewer)
        add("source", pair.source)
        add("split", pair.split?.rawValue)
        begin("unseen_kind")
        run.append(contentsOf: (pair.unseenKind ? "true}" : "false}").utf8)
        pieces.append(run)
        return pieces
    }

    private static func digest(_ label: String, _ parts: [[UInt8]]) -> DigestValue {
        var digest = ContentDigest(label)
        for part in parts { digest.add(part) }
        return digest.finishedValue()
    }
}
