import Alignment
import Diagnostics
import FoundationEssentials
import Preferences

/// Where pairs come from: a snapshot's side, or a JSONL file in TRL's preference format.
struct PairSource {
    /// The pairs in the order in which they stand.
    let pairs: [PreferencePair]
    /// The digest of what was read: the snapshot's own, or the file's.
    let digest: String
    /// The snapshot, where it is one.
    let snapshot: PreferenceSnapshot?
    private let name: String

    /// Reads a snapshot's folder, of which it takes the training side, or a JSONL file.
    init(path: String) throws(Refusal) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Refusal(
                code: "pairs.no-file", at: path, "there is no such snapshot or file",
                mend: "check the path; overread snapshot makes a snapshot")
        }
        name = path
        if isFolder {
            let snapshot = try Self.snapshot(at: path)
            self.snapshot = snapshot
            pairs = snapshot.train
            digest = snapshot.digest
        } else {
            pairs = try PreferencePair.readJSONL(path)
            snapshot = nil
            digest = try Digests.file(path)
        }
    }

    /// The snapshot in a folder; another folder is told apart from a damaged snapshot.
    static func snapshot(at path: String) throws(Refusal) -> PreferenceSnapshot {
        guard TextFile.exists(path) else {
            throw Refusal(
                code: "pairs.no-file", at: path, "there is no such snapshot",
                mend: "check the path; overread snapshot makes a snapshot")
        }
        guard TextFile.exists(path.appendingPath("snapshot.json")) else {
            throw Refusal(
                code: "pairs.not-a-snapshot", at: path, "there is no snapshot.json in it, so it is no snapshot",
                mend: "name a folder that overread snapshot made")
        }
        return try PreferenceSnapshot.load(from: path)
    }

    /// The pairs as token ids, each named by its number from 1.
    ///
    /// Messages name a pair by its place in the order, never by its id, which is the department's own.
    static func encode(_ pairs: [PreferencePair], with encoder: PairEncoder, named name: String) throws(Refusal)
        -> [EncodedPair]
    {
        var encoded: [EncodedPair] = []
        for (index, pair) in pairs.enumerated() {
            let place = "\(name), pair \(index + 1)"
            let example = PreferenceExample(
                id: String(index + 1), prompt: try ExampleText(pair.prompt, at: place),
                chosen: try ExampleText(pair.chosen, at: place), rejected: try ExampleText(pair.rejected, at: place))
            do throws(Refusal) {
                encoded.append(try encoder.encode(example))
            } catch {
                throw error.placed(at: error.location == "pair \(index + 1)" ? "" : error.location, within: place)
            }
        }
        return encoded
    }
}

extension Refusal {
    /// The same refusal, at a place within a place.
    func placed(at inner: String, within outer: String) -> Refusal {
        let place = inner.isEmpty || inner == outer ? outer : "\(outer), \(inner)"
        return Refusal(kind, code: code, at: place, problem, mend: remedy)
    }
}
