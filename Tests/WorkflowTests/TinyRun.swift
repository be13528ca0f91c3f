import Diagnostics
import Foundation
import StrictJSON

@testable import Workflow

/// A folder of its own with invented cases and a tiny model, in which whole stages can run in a second.
final class TinyRun {
    /// The package's root, found from this file's own path.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// A random model of two layers that the peers' fixtures were made with too.
    static let model = root.appending(path: "Tests/Fixtures/models/tiny-f32.gguf").path
    static let conventions = root.appending(path: "Preferences/conventions/house-style.yaml").path

    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/overread-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Writes a file and gives its path.
    func file(_ name: String, _ text: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: path(name).parentFolder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path(name)))
        return path(name)
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }

    /// The values of a JSONL file.
    func lines(_ name: String) throws -> [JSONValue] {
        try text(name).split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8), named: name) }
    }

    /// The file's JSON value.
    func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: [UInt8](try bytes(name)), named: name) }

    /// The names in a folder and those below it, sorted; a folder that is not there has none.
    func listing(_ name: String = "") -> [String] {
        (FileManager.default.enumerator(atPath: path(name))?.compactMap { $0 as? String } ?? []).sorted()
    }

    /// Ten invented cases; the last three are held out.
    func pairs(_ name: String = "pairs.jsonl", count: Int = 10) throws -> String {
        try file(name, InventedCases.conversational.prefix(count).joined())
    }

    /// A recipe of eight steps: seven pairs, two to a batch, two batches to a step, so that an epoch's last step is short.
    func recipe(_ output: String = "adapter", dataset: String, _ overrides: String...) throws -> Recipe {
        let text = """
            model_name_or_path: \(Self.model)
            dataset: \(dataset)
            output_dir: \(path(output))
            learning_rate: 1e-2
            per_device_train_batch_size: 2
            gradient_accumulation_steps: 2
            num_train_epochs: 4
            lora_r: 2
            lora_alpha: 4
            logging_steps: 3
            save_steps: 2
            save_total_limit: 100
            """
        return try Recipe(text: text, named: "recipe.yaml", overrides: overrides)
    }
}

/// What a stage said while it ran, and the wish to stop it after a training step.
final class Listener {
    private(set) var notes: [String] = []
    private var stopAfter: Int?
    private var wantsStop = false

    init(stopAfterStep step: Int? = nil) { stopAfter = step }

    var events: StageEvents {
        StageEvents(
            say: { self.notes.append($0) },
            progress: { progress in
                guard let step = self.stopAfter, progress.label == "Training" else { return }
                if progress.detail.hasPrefix("step \(step) ") { self.wantsStop = true }
            },
            shouldStop: { self.wantsStop })
    }

    var wasSkipped: Bool { notes.contains { $0.hasPrefix("Skipped: ") } }
}

/// Synthetic cases, invented for these tests: no patient, no report.
enum InventedCases {
    private static let cases: [(findings: String, chosen: String, rejected: String)] = [
        (
            "Transverse fracture of the distal right radius with 4 mm of dorsal displacement.",
            "Transverse fracture of the distal right radius, displaced 4 mm.", "Broken wrist, see above."
        ),
        (
            "Opacity in the left lower lobe with air bronchograms.", "Pneumonia of the left lower lobe.",
            "There is something on the left."
        ),
        (
            "Stones fill the gallbladder and its wall is thick.", "Acute cholecystitis with gallstones.",
            "Gallbladder abnormal, correlate clinically."
        ),
        (
            "Heart and lungs have a normal appearance.", "No acute disease of the chest.", "Normal heart. Normal lungs."
        ),
        (
            "Crescent of blood over the right hemisphere, 9 mm wide.", "Right subdural hematoma of 9 mm.",
            "SDH R, 9mm."
        ),
        (
            "A 12 mm cyst is in the upper pole of the left kidney.", "Simple cyst of the left kidney, 12 mm.",
            "Cyst."
        ),
        (
            "Loops of small bowel are wide with levels of fluid.", "Obstruction of the small bowel.",
            "Bowel is dilated, r/o obstruction."
        ),
        (
            "The anterior cruciate ligament is torn through.", "Complete tear of the anterior cruciate ligament.",
            "ACL tear noted on this study."
        ),
        (
            "Nodule of 7 mm in the right upper lobe.", "Nodule of the right upper lobe, 7 mm.",
            "Nodule on the left of 17 mm."
        ),
        (
            "The appendix measures 11 mm and the fat around it is hazy.", "Acute appendicitis.",
            "Appendix is as described."
        ),
    ]

    /// The cases in TRL's conversational format with our fields, one line each.
    static let conversational: [String] = cases.enumerated().map { index, one in
        let object: JSONObject = [
            "id": .string("case-\(index + 1)"), "patient": .string("patient-\(index + 1)"),
            "source": "synthetic", "split": .string(index < 7 ? "train" : "held_out"),
            "findings": .string(one.findings),
            "prompt": [message("user", "Write the impression.\n\n\(one.findings)")],
            "chosen": [message("assistant", "IMPRESSION:\n1. \(one.chosen)")],
            "rejected": [message("assistant", one.rejected)],
        ]
        return JSONValue.object(object).serialized() + "\n"
    }

    /// The cases in TRL's plain format, with no field but the three texts.
    static let plain: [String] = cases.map { one in
        let object: JSONObject = [
            "prompt": .string("\(one.findings)\nImpression:"), "chosen": .string(" \(one.chosen)"),
            "rejected": .string(" \(one.rejected)"),
        ]
        return JSONValue.object(object).serialized() + "\n"
    }

    private static func message(_ role: String, _ content: String) -> JSONValue {
        ["role": .string(role), "content": .string(content)]
    }
}
