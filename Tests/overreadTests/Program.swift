import Foundation
import StrictJSON
import Testing

/// The built program, run as a child process as a user would run it.
struct Program {
    /// How a run ended and what it wrote.
    struct Outcome {
        let status: Int32
        let output: String
        let error: String

        /// The lines of standard error.
        var errorLines: [Substring] { error.split(separator: "\n") }
        /// Standard output as one JSON object; the test fails when it is anything else.
        func json() throws -> JSONValue {
            let value = try JSONValue(parsing: Array(output.utf8), named: "standard output")
            _ = try #require(value.object)
            return value
        }
    }

    /// The program beside the test bundle, where `swift build` puts both.
    static var path: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            var folder = URL(filePath: bundle).deletingLastPathComponent()
            while folder.path.count > 1 {
                let candidate = folder.appending(path: "overread").path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                    return candidate
                }
                folder = folder.deletingLastPathComponent()
            }
            return try #require(nil as String?, "no program overread beside \(bundle)")
        }
    }

    /// The package's root, found from this file's own path.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Starts the program in a folder; both outputs go to files beside that folder, so that no pipe can fill up.
    static func start(_ arguments: [String], in work: Workplace) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: try path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: work.folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try work.log("output")
        process.standardError = try work.log("error")
        try process.run()
        return process
    }

    /// Runs the program to its end.
    static func run(_ arguments: [String], in work: Workplace) throws -> Outcome {
        let process = try start(arguments, in: work)
        process.waitUntilExit()
        return try outcome(of: process, in: work)
    }

    /// What a program that is still running has written on standard error.
    static func outcomeSoFar(in work: Workplace) throws -> String { try work.logged("error") }

    /// What a program that has ended wrote; a signal counts as 128 and its number, as a shell has it.
    static func outcome(of process: Process, in work: Workplace) throws -> Outcome {
        let status = process.terminationStatus
        return Outcome(
            status: process.terminationReason == .exit ? status : 128 + status, output: try work.logged("output"),
            error: try work.logged("error"))
    }
}

/// A folder of its own for one test, with a place for logs outside it; both are removed afterwards.
final class Workplace {
    let folder: String
    private let logs: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.path + "/overread-" + UUID().uuidString
        folder = base + "/work"
        logs = base + "/logs"
        for path in [folder, logs] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder + "/..") }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path(name))) }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path(name)))) }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The values of a JSONL file.
    func lines(_ name: String) throws -> [JSONValue] {
        try text(name).split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8), named: name) }
    }

    /// Everything in the folder, each name with its bytes, so that nothing can change unseen.
    func listing() throws -> [String: Data] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return Dictionary(
            uniqueKeysWithValues: names.map { ($0, (try? Data(contentsOf: URL(filePath: path($0)))) ?? Data()) })
    }

    /// The checkpoints in a folder, ascending.
    func checkpoints(_ name: String) -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path(name))) ?? []
        return names.compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst("checkpoint-".count)) : nil }.sorted()
    }

    /// The tiny model of the peers' fixtures, copied here.
    func addModel() throws {
        let source = Program.root.appending(path: "Tests/Fixtures/models/tiny-f32.gguf")
        try FileManager.default.copyItem(at: source, to: URL(filePath: path("tiny.gguf")))
    }

    /// Invented pairs in TRL's plain format, and a recipe that trains on them.
    func addPairs() throws {
        let texts = [
            ("Fracture of the distal radius.", " Radius fracture.", " It is broken."),
            ("Opacity in the lower lobe.", " Pneumonia.", " Something is there."),
            ("Stones in the gallbladder.", " Gallstones.", " Stones seen, see above."),
            ("Heart and lungs appear normal.", " No acute disease.", " Normal. Normal."),
            ("Cyst of the kidney, 12 mm.", " Renal cyst, 12 mm.", " A cyst of 21 mm."),
        ]
        let lines = texts.enumerated().map { index, one -> String in
            let object: JSONObject = [
                "id": .string("case-\(index + 1)"), "prompt": .string(one.0), "chosen": .string(one.1),
                "rejected": .string(one.2),
            ]
            return JSONValue.object(object).serialized() + "\n"
        }
        try write("pairs.jsonl", lines.joined())
    }

    func addRecipe(_ more: String = "max_steps: 2") throws {
        try write(
            "recipe.yaml",
            """
            model_name_or_path: tiny.gguf
            dataset: pairs.jsonl
            output_dir: runs/adapter
            learning_rate: 1e-2
            per_device_train_batch_size: 2
            lora_r: 2
            lora_alpha: 4
            logging_steps: 1
            \(more)
            """)
    }

    fileprivate func log(_ name: String) throws -> FileHandle {
        let path = logs + "/" + name
        FileManager.default.createFile(atPath: path, contents: nil)
        return try #require(FileHandle(forWritingAtPath: path))
    }

    func logged(_ name: String) throws -> String {
        try String(contentsOfFile: logs + "/" + name, encoding: .utf8)
    }
}
