import Diagnostics
import StrictJSON

/// What a stage made, from what: the file beside an artifact that names its parents by digest.
///
/// A stage whose inputs equal those of an artifact that is still whole has nothing to do.
struct ArtifactManifest {
    static let format = "overread-artifact"
    static let version = 1

    /// The stage, such as `train`.
    let stage: String
    /// All that decides what the artifact holds: digests of parents, and settings.
    let inputs: JSONObject
    /// The files made, each with its SHA-256.
    var outputs: JSONObject = [:]
    /// What is worth knowing and decides nothing: times, memory, machine, figures.
    var facts: JSONObject = [:]

    init(stage: String, inputs: JSONObject) {
        self.stage = stage
        self.inputs = inputs
    }

    /// Reads a manifest; nil where there is none or it is not one that this program wrote.
    init?(at path: String) {
        guard let text = try? TextFile.read(path, code: "manifest", limit: 16 << 20),
            let value = try? JSONValue(parsing: Array(text.utf8), named: path),
            value["format"]?.string == Self.format, value["version"]?.int == Self.version,
            let stage = value["stage"]?.string, let inputs = value["inputs"]?.object,
            let outputs = value["outputs"]?.object, let facts = value["facts"]?.object
        else { return nil }
        self.stage = stage
        self.inputs = inputs
        self.outputs = outputs
        self.facts = facts
    }

    /// Whether it is of this stage and these inputs, and every output in the folder still has its digest.
    func stands(for stage: String, _ inputs: JSONObject, in folder: String) -> Bool {
        guard self.stage == stage, self.inputs == inputs, !outputs.members.isEmpty else { return false }
        return outputs.members.allSatisfy { member in
            guard let digest = try? Digests.file(folder.appendingPath(member.key)) else { return false }
            return member.value.string == digest
        }
    }

    /// The first input whose value differs, for a message.
    func firstDifference(from wanted: JSONObject) -> String? {
        let names = inputs.keys + wanted.keys.filter { !inputs.keys.contains($0) }
        return names.first { inputs[$0] != wanted[$0] }
    }

    /// Records a file of the folder among the outputs.
    mutating func addOutput(_ name: String, in folder: String) throws(Refusal) {
        outputs[name] = .string(try Digests.file(folder.appendingPath(name)))
    }

    /// Writes the manifest whole.
    func write(to path: String) throws(Refusal) {
        let object: JSONObject = [
            "format": .string(Self.format), "version": .number(JSONNumber(Self.version)), "stage": .string(stage),
            "program": .string(ProgramVersion.text), "inputs": .object(inputs), "outputs": .object(outputs),
            "facts": .object(facts),
        ]
        try TextFile.write(JSONValue.object(object).serialized(pretty: true) + "\n", to: path)
    }
}

/// The program's version, as manifests and reports name it.
public enum ProgramVersion {
    /// Such as `overread 0.1.0`.
    public static let text = "overread 0.1.0"
}
