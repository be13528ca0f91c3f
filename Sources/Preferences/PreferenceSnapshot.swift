internal import Diagnostics
public import StrictJSON

/// An immutable set of pairs, divided by patient, that a training run can be traced back to.
///
/// The digest covers every field of every pair and its side of the split, whatever the order of import.
public struct PreferenceSnapshot: Sendable, Equatable {
    /// What the manifest's `format` field says.
    public static let format = "overread-preference-snapshot"

    /// SHA-256 over the sorted canonical bytes of all members, 64 hexadecimal digits.
    public let digest: String
    /// The pairs to train on, by id.
    public let train: [PreferencePair]
    /// The pairs to measure with, by id.
    public let heldOut: [PreferencePair]
    /// What the snapshot was made of and how: `snapshot.json`.
    public let manifest: JSONObject

    /// When it was made, RFC 3339.
    public var created: String { manifest["created"]?.string ?? "" }
    /// How many pairs were left out, by reason.
    public var exclusions: [(reason: String, count: Int)] {
        (manifest["exclusions"]?.object?.members ?? []).map { ($0.key, $0.value.int ?? 0) }
    }

    /// Both snapshots have the same members.
    public static func == (a: PreferenceSnapshot, b: PreferenceSnapshot) -> Bool { a.digest == b.digest }

    /// The digest of members in any order, each with its side in its `split` field.
    static func digest(of members: [PreferencePair]) -> String {
        var digest = ContentDigest("overread snapshot v1")
        let bytes = members.concurrentMap { PairDigests.canonicalBytes(of: $0) }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        for member in bytes { digest.add(member) }
        return digest.finishedHex()
    }

    /// Pairs in the byte order of their ids.
    static func byID(_ pairs: [PreferencePair]) -> [PreferencePair] {
        pairs.sorted { $0.id.precedesInBytes($1.id) }
    }

    /// The bytes of a file of records.
    static func fileBytes(_ pairs: [PreferencePair]) -> [UInt8] {
        let lines = pairs.concurrentMap { JSONValue.object($0.jsonObject).serializedBytes() }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
        for line in lines {
            bytes.append(contentsOf: line)
            bytes.append(0x0A)
        }
        return bytes
    }

    /// SHA-256 of a manifest without its own digest.
    static func manifestDigest(_ manifest: JSONObject) -> String {
        var manifest = manifest
        manifest["manifest_sha256"] = nil
        var digest = ContentDigest("overread manifest v1")
        digest.add(JSONValue.object(manifest).serializedBytes(sortedKeys: true))
        return digest.finishedHex()
    }
}
