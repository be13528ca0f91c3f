public import Diagnostics
internal import Foundation
internal import StrictJSON

extension PreferenceSnapshot {
    static let manifestName = "snapshot.json"
    static let trainName = "train.jsonl"
    static let heldOutName = "held_out.jsonl"
    static let fileNames = [manifestName, trainName, heldOutName]

    /// Writes the snapshot as a folder: `snapshot.json`, `train.jsonl`, `held_out.jsonl`, mode 0600 in a folder of 0700.
    ///
    /// The same snapshot gives the same bytes. The folder appears whole or not at all.
    ///
    /// - Throws: `snapshot.folder-not-empty` when something is there already, or a refusal of the file system.
    public func write(to folder: String) throws(Refusal) {
        let files = FileManager.default
        if let contents = try? files.contentsOfDirectory(atPath: folder), contents.isEmpty {
            try? files.removeItem(atPath: folder)
        }
        guard !files.fileExists(atPath: folder) else {
            throw Refusal(
                code: "snapshot.folder-not-empty", at: folder, "something is there already; nothing is written over",
                mend: "give another folder")
        }
        var target = folder
        while target.utf8.count > 1, target.hasSuffix("/") { target.removeLast() }
        let partial = target + ".partial"
        if let left = try? files.contentsOfDirectory(atPath: partial) {
            guard left.allSatisfy({ name in Self.fileNames.contains { name == $0 || name == $0 + ".partial" } }) else {
                throw Refusal(
                    code: "snapshot.folder-not-empty", at: partial, "something else is there; nothing is written over",
                    mend: "move it away")
            }
            try? files.removeItem(atPath: partial)
        }
        do {
            try files.createDirectory(
                atPath: partial, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Refusal(
                .environment, code: "file.not-created", at: folder, "the folder cannot be created",
                mend: "check the permissions of the folder above")
        }
        let contents: [(String, [UInt8])] = [
            (Self.trainName, Self.fileBytes(train)), (Self.heldOutName, Self.fileBytes(heldOut)),
            (Self.manifestName, manifestBytes),
        ]
        for (name, bytes) in contents {
            try FileSafety.writeDurably(partial + "/" + name) { try $0.write(contentsOf: Data(bytes)) }
        }
        do {
            try files.moveItem(atPath: partial, toPath: target)
        } catch {
            throw Refusal(
                .environment, code: "file.not-written", at: folder, "the folder could not be put in its place",
                mend: "check the permissions of the folder above")
        }
        FileSafety.synchronizeFolder(of: target)
    }

    private var manifestBytes: [UInt8] { JSONValue.object(manifest).serializedBytes(pretty: true) + [0x0A] }

    /// Reads a snapshot's folder and verifies every byte of it: the manifest, each file and the digest of the members.
    ///
    /// - Throws: `snapshot.altered` when anything differs from what was written, or what is wrong with a file.
    public static func load(from folder: String) throws(Refusal) -> PreferenceSnapshot {
        let manifestPath = folder + "/" + manifestName
        let bytes = try FileSafety.contents(manifestPath, limit: 64 << 20)
        guard let manifest = try JSONValue(parsing: bytes, named: manifestPath).object,
            manifest["format"]?.string == format
        else {
            throw Refusal(
                code: "snapshot.not-a-snapshot", at: manifestPath, "not the manifest of a snapshot",
                mend: "give a folder that Overread wrote")
        }
        guard manifest["version"]?.int == 1 else {
            throw Refusal(
                code: "snapshot.newer", at: manifestPath, "the manifest's version is not 1, which this program knows",
                mend: "use the program that wrote it")
        }
        let train = try records(trainName, in: folder, manifest, split: .train)
        let heldOut = try records(heldOutName, in: folder, manifest, split: .heldOut)
        let snapshot = PreferenceSnapshot(
            digest: manifest["digest"]?.string ?? "", train: train, heldOut: heldOut, manifest: manifest)
        guard digest(of: train + heldOut) == snapshot.digest else {
            throw altered(folder, "the digest of the records is not the manifest's")
        }
        guard manifest["manifest_sha256"]?.string == manifestDigest(manifest), snapshot.manifestBytes == bytes else {
            throw altered(manifestPath, "the manifest is not as it was written")
        }
        try SnapshotSplit.assertDisjoint(train, heldOut, at: folder)
        return snapshot
    }

    private static func records(
        _ name: String, in folder: String, _ manifest: JSONObject, split: PreferencePair.Split
    ) throws(Refusal) -> [PreferencePair] {
        let path = folder + "/" + name
        let bytes = try FileSafety.contents(path, limit: Int.max)
        guard ContentDigest.sha256(bytes) == manifest["files"]?[name]?["sha256"]?.string else {
            throw altered(path, "the file's SHA-256 is not the manifest's")
        }
        var pairs: [PreferencePair] = []
        for (index, line) in bytes.split(separator: 0x0A).enumerated() {
            let pair = try PreferencePair(jsonLine: Array(line), named: path, line: index + 1)
            guard pair.split == split else { throw altered("\(path):\(index + 1)", "the record names another split") }
            pairs.append(pair)
        }
        return pairs
    }

    private static func altered(_ place: String, _ problem: String) -> Refusal {
        Refusal(code: "snapshot.altered", at: place, problem, mend: "write the snapshot anew from the store")
    }
}
