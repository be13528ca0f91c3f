internal import StrictJSON

/// Pairs as Argilla records in the shape of `DatasetRecords.to_json`, which its `from_json` reads.
///
/// The two answers are the fields `response-1` and `response-2`, in an order that the pair's digest decides, so that the
/// better one is not always the first; the response to the ranking question `preference` lists the better one first.
enum ArgillaExport {
    static let question = "preference"
    /// What the metadata's `exported_by` says, so that a record without a source stays one.
    static let exporter = "overread"

    static func bytes(_ pairs: [PreferencePair], provenance: Bool) -> [UInt8] {
        let records = pairs.map { record($0, provenance: provenance) }
        return JSONValue.array(records).serializedBytes(pretty: true) + [0x0A]
    }

    private static func record(_ pair: PreferencePair, provenance: Bool) -> JSONValue {
        let content = pair.contentDigest
        let chosenIsFirst = (content.utf8.first ?? 0) < UInt8(ascii: "8")
        let names = chosenIsFirst ? ["response-1", "response-2"] : ["response-2", "response-1"]
        let texts = chosenIsFirst ? [pair.chosen, pair.rejected] : [pair.rejected, pair.chosen]
        let user = provenance ? pair.reviewer.map(userID) ?? ArgillaRecord.nobody : ArgillaRecord.nobody
        return [
            "id": .string(provenance ? pair.id : "pair-" + content.prefix(16)),
            "fields": ["prompt": pair.prompt.json, "response-1": texts[0].json, "response-2": texts[1].json],
            "metadata": .object(provenance ? metadata(pair) : JSONObject()), "suggestions": [:],
            "responses": .object([
                question: [
                    [
                        "value": .array(names.map { .string($0) }), "user_id": .string(user), "status": "submitted",
                    ]
                ]
            ]), "vectors": [:], "_server_id": nil,
        ]
    }

    /// Every field but the texts; what Overread does not know goes along as JSON text, for Argilla's metadata holds texts,
    /// numbers and lists of texts only.
    private static func metadata(_ pair: PreferencePair) -> JSONObject {
        var object = pair.jsonObject
        for name in ["prompt", "chosen", "rejected"] + pair.additional.keys { object[name] = nil }
        object["finding_kinds"] = pair.findingKinds.isEmpty ? nil : object["finding_kinds"]
        object["unseen_kind"] = pair.unseenKind ? "true" : nil
        if !pair.additional.members.isEmpty {
            object["additional"] = .string(JSONValue.object(pair.additional).serialized())
        }
        object["exported_by"] = .string(exporter)
        return object
    }

    /// A UUID for a reviewer's key, since Argilla takes no other ids: version 8 of RFC 9562, from the key's SHA-256.
    private static func userID(_ reviewer: String) -> String {
        var digest = ContentDigest("overread argilla user v1")
        digest.add(reviewer)
        var bytes = Array(digest.finished().prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Array(ContentDigest.hex(bytes).utf8)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: hex[$0], as: UTF8.self) }
            .joined(separator: "-")
    }
}
