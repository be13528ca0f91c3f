import Diagnostics
import FoundationEssentials
import StrictJSON

/// A single file that a stage makes, with its manifest beside it as `NAME.manifest.json`.
struct OutputFile {
    let path: String
    let stage: String
    let inputs: JSONObject

    private var manifestPath: String { path + ".manifest.json" }

    /// Whether the file was made from the same inputs and is still as it was made.
    var isDone: Bool {
        ArtifactManifest(at: manifestPath)?.stands(for: stage, inputs, in: path.parentFolder) ?? false
    }

    /// Refuses a file that is there, has something in it, and was not made by this stage; and a place where no file can
    /// be made.
    func requireFree(replace: Bool) throws(Refusal) {
        try TextFile.requirePlace(for: path)
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !replace else { return }
        guard !isFolder else {
            throw Refusal(
                code: "output.folder", at: path, "a folder is there; a file is to be made", mend: "name a file")
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        guard size != 0, ArtifactManifest(at: manifestPath)?.stage != stage else { return }
        throw Refusal(
            code: "output.exists", at: path, "the file is there already and was not made by overread \(stage)",
            mend: "name another file, or give --force to replace it")
    }

    /// Writes the file whole, then its manifest.
    func write(_ text: String, seconds: Double, facts: JSONObject = [:]) throws(Refusal) {
        try TextFile.write(text, to: path)
        var manifest = ArtifactManifest(stage: stage, inputs: inputs)
        manifest.facts = facts
        manifest.addMachine(seconds: seconds)
        try manifest.addOutput(path.lastPathPart, in: path.parentFolder)
        try manifest.write(to: manifestPath)
    }
}
