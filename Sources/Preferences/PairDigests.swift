internal import StrictJSON

/// The four digests of a pair, worked out together so that each text is serialized once.
struct PairDigests: Sendable, Equatable {
    /// ``PreferencePair/contentDigest``.
    let content: DigestValue
    /// ``PreferencePair/unorderedDigest``.
    let unordered: DigestValue
    /// SHA-256 of the whole record: of ``PreferencePair/canonicalBytes``.
    let record: DigestValue
    /// ``PreferencePair/promptDigest``.
    let prompt: DigestValue

    private static let beginnings = (
        content: ContentDigest("overread pair v1"), unordered: ContentDigest("overread unordered pair v1"),
        record: ContentDigest("overread record v1"), prompt: ContentDigest("overread prompt v1")
    )

    init(_ pair: PreferencePair) {
        let prompt = Self.field(pair.prompt)
        let chosen = Self.field(pair.chosen)
        let rejected = Self.field(pair.rejected)
        content = Self.digest(Self.beginnings.content, prompt, chosen, rejected)
        let isInOrder = !Self.json(rejected).lexicographicallyPrecedes(Self.json(chosen))
        unordered =
            isInOrder
            ? Self.digest(Self.beginnings.unordered, prompt, chosen, rejected)
            : Self.digest(Self.beginnings.unordered, prompt, rejected, chosen)
        record = Self.record(pair, Self.json(prompt), Self.json(chosen), Self.json(rejected))
        self.prompt = Self.digest(Self.beginnings.prompt, prompt)
    }

    /// The digest of the whole record alone.
    static func record(of pair: PreferencePair) -> DigestValue {
        record(pair, json(field(pair.prompt)), json(field(pair.chosen)), json(field(pair.rejected)))
    }

    private static func record(
        _ pair: PreferencePair, _ prompt: ArraySlice<UInt8>, _ chosen: ArraySlice<UInt8>, _ rejected: ArraySlice<UInt8>
    ) -> DigestValue {
        var record = beginnings.record
        record.add(together: canonicalPieces(pair, prompt, chosen, rejected))
        return record.finishedValue()
    }

    /// ``PreferencePair/canonicalBytes``, worked out faster where texts are plain and there are no further fields.
    static func canonicalBytes(of pair: PreferencePair) -> [UInt8] {
        let pieces = canonicalPieces(
            pair, json(field(pair.prompt)), json(field(pair.chosen)), json(field(pair.rejected)))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { bytes += piece }
        return bytes
    }

    /// A text's JSON with its length before it, as the digests take a field.
    private static func field(_ text: PromptText) -> [UInt8] {
        var bytes: [UInt8] = []
        if case .text(let plain) = text {
            // Most texts have few characters that are escaped.
            bytes.reserveCapacity(lengthBytes + plain.utf8.count + plain.utf8.count / 16 + 2)
            bytes.append(contentsOf: repeatElement(0, count: lengthBytes))
            bytes.appendJSON(plain)
        } else {
            bytes = [UInt8](repeating: 0, count: lengthBytes) + text.json.serializedBytes()
        }
        let length = UInt64(bytes.count - lengthBytes)
        for index in 0..<lengthBytes { bytes[index] = UInt8(truncatingIfNeeded: length >> UInt64(56 - 8 * index)) }
        return bytes
    }

    private static let lengthBytes = 8

    private static func json(_ field: [UInt8]) -> ArraySlice<UInt8> { field[lengthBytes...] }

    /// ``PreferencePair/canonicalBytes`` in pieces, with the JSON of plain texts as it is there already.
    private static func canonicalPieces(
        _ pair: PreferencePair, _ prompt: ArraySlice<UInt8>, _ chosen: ArraySlice<UInt8>, _ rejected: ArraySlice<UInt8>
    ) -> [ArraySlice<UInt8>] {
        guard pair.additional.members.isEmpty, case (.text, .text, .text) = (pair.prompt, pair.chosen, pair.rejected)
        else { return [pair.canonicalBytes[...]] }
        var pieces: [ArraySlice<UInt8>] = []
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
        func add(_ field: String, json: ArraySlice<UInt8>) {
            begin(field)
            pieces.append(run[...])
            pieces.append(json)
            run = []
        }
        // In the order of the names' bytes.
        add("body_part", pair.bodyPart)
        add("chosen", json: chosen)
        add("created", pair.created)
        add("exam", pair.exam)
        begin("finding_kinds")
        let kinds = JSONValue.array(pair.findingKinds.map { .string($0) })
        run.append(contentsOf: pair.findingKinds.isEmpty ? Array("[]".utf8) : kinds.serializedBytes())
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
        pieces.append(run[...])
        return pieces
    }

    private static func digest(_ begun: ContentDigest, _ fields: [UInt8]...) -> DigestValue {
        var digest = begun
        for field in fields { digest.add(fields: field) }
        return digest.finishedValue()
    }
}
