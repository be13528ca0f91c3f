import Foundation
import Preferences
import StrictJSON

/// A folder of its own for one test, removed afterwards.
final class Scratch {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/overread-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Writes a file and gives its path.
    func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    func mode(_ name: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? NSNumber)?.intValue
    }

    /// A store whose clock stands at 2026-03-01T00:00:00Z.
    func store(_ name: String = "store.sqlite") throws -> PreferenceStore {
        try PreferenceStore(
            at: path(name), actor: "tester", lockPatienceSeconds: 0, now: { UTCTime(milliseconds: 1_772_323_200_000) })
    }
}

/// One line of a plain preference file.
func line(_ prompt: String, _ chosen: String, _ rejected: String, _ fields: JSONObject = [:]) -> String {
    var object = fields
    object["prompt"] = .string(prompt)
    object["chosen"] = .string(chosen)
    object["rejected"] = .string(rejected)
    return JSONValue.object(object).serialized() + "\n"
}

/// A case with an id, a patient and words of its own.
func record(_ number: Int, patient: String? = nil, split: String? = nil) -> String {
    var fields: JSONObject = ["id": .string("r\(number)"), "modality": "CT", "body_part": "head"]
    if let patient { fields["patient"] = .string(patient) }
    if let split { fields["split"] = .string(split) }
    let words = (0..<20).map { "w\(number)x\($0)" }.joined(separator: " ")
    return line(words, "good \(number)", "bad \(number)", fields)
}
