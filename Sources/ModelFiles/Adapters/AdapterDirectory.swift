public import Diagnostics
import FoundationEssentials
import Kernels
import StrictJSON

/// A PEFT adapter's folder: `adapter_config.json` and `adapter_model.safetensors` (PEFT, `utils/constants.py`).
public enum AdapterDirectory {
    /// The configuration's file name.
    public static let configurationName = "adapter_config.json"
    /// The matrices' file name.
    public static let weightsName = "adapter_model.safetensors"

    // MARK: - Reading

    /// Reads the adapter in the folder `path` for a model with `model`.
    ///
    /// Names, types and shapes are all checked before the first value is read, and every value before one is returned.
    ///
    /// - Throws: the refusals of the code areas `adapter`, `json`, `safetensors` and `file`.
    public static func read(_ path: String, for model: ModelConfiguration) throws(Refusal) -> Adapter {
        let configuration = try readConfiguration(path)
        let weights = "\(path)/\(weightsName)"
        if !exists(weights) && exists("\(path)/adapter_model.bin") {
            throw Refusal(
                code: "adapter.foreign_format", at: "\(path)/adapter_model.bin",
                "the weights are a pickle, which can run code and is not read",
                mend: "save the adapter again with PEFT, as safetensors")
        }
        let file = try SafetensorsFile(path: weights)
        try check(file, configuration, model)
        var matrices: [AdapterKey: AdapterMatrix] = [:]
        for (key, rows, columns) in Adapter.expectedShapes(configuration, for: model) {
            let values = try file.floats(named: key.peftName)
            let bad = values.lazy.filter { !$0.isFinite }.count
            guard bad == 0 else {
                throw refusal(
                    "not_finite", file.location(key.peftName), "\(bad) of \(values.count) values are NaN or infinite",
                    mend: "train again from a good checkpoint")
            }
            matrices[key] = AdapterMatrix(rows: rows, columns: columns, values: values)
        }
        return Adapter(configuration: configuration, matrices: matrices)
    }

    /// Reads and checks only `adapter_config.json` in the folder `path`.
    public static func readConfiguration(_ path: String) throws(Refusal) -> AdapterConfiguration {
        let name = "\(path)/\(configurationName)"
        let file = try MappedFile(path: name)
        guard file.byteCount <= 1 << 20 else {
            throw refusal(
                "bad_config", name, "it has \(file.byteCount) bytes; at most \(1 << 20) are allowed",
                mend: "give the folder of a PEFT adapter")
        }
        return try AdapterConfiguration(
            try JSONValue(parsing: try file.bytes(in: 0..<file.byteCount), named: name), named: name)
    }

    /// Checks the names, types and shapes in `file` against what `configuration` promises for `model`.
    private static func check(
        _ file: SafetensorsFile, _ configuration: AdapterConfiguration, _ model: ModelConfiguration
    ) throws(Refusal) {
        let place = file.file.path
        let base = configuration.baseModelNameOrPath.map { "it was trained on base \(ShownText.quoted($0)): " } ?? ""
        let expected = Adapter.expectedShapes(configuration, for: model)
        let expectedNames = Set(expected.map { $0.key.peftName })
        let missing = expected.map(\.key.peftName).filter { file.tensorIfPresent(named: $0) == nil }
        if missing.count == expected.count {
            throw refusal(
                "no_match", place,
                "none of its \(file.tensors.count) tensors fits the target modules; "
                    + "\(ShownText.quoted(missing[0])) is the first one needed",
                mend: "give an adapter for this model in PEFT's format")
        }
        guard missing.isEmpty else {
            throw refusal(
                "missing_tensors", place,
                "\(base)\(missing.count) of the \(expected.count) tensors that \(configurationName) "
                    + "promises for \(model.numHiddenLayers) layers are missing: "
                    + ShownText.firstFive(missing.map { ShownText.quoted($0) }),
                mend: "give the adapter that belongs to this model")
        }
        let extra = file.names.filter { !expectedNames.contains($0) }
        guard extra.isEmpty else {
            throw refusal(
                "extra_tensors", place,
                "\(base)\(extra.count) tensors are none of the target modules' or the model's "
                    + "\(model.numHiddenLayers) layers: \(ShownText.firstFive(extra.map { ShownText.quoted($0) }))",
                mend: "give the adapter that belongs to this model")
        }
        let types = Set(file.tensors.map(\.type))
        guard types.count == 1, let type = types.first, [.f32, .f16, .bf16].contains(type) else {
            let found = types.sorted { $0.rank < $1.rank }.map(\.rawValue).joined(separator: ", ")
            throw refusal(
                "wrong_type", place, "its tensors are of type \(found); all F32, all F16 or all BF16 is allowed",
                mend: "save the adapter again in one type")
        }
        for (key, rows, columns) in expected {
            let shape = try file.shape(named: key.peftName)
            let rankIndex = key.half == .A ? 0 : 1
            if shape.count == 2, shape[rankIndex] != configuration.r {
                throw refusal(
                    "wrong_rank", file.location(key.peftName),
                    "its rank is \(shape[rankIndex]) and \(configurationName) says r = \(configuration.r)",
                    mend: "give the two files of one adapter")
            }
            guard shape == [rows, columns] else {
                throw refusal(
                    "wrong_base", file.location(key.peftName),
                    "\(base)the shape is \(ShownText.shape(shape)), and this "
                        + "model needs \(ShownText.shape([rows, columns]))",
                    mend: "give the model that the adapter was trained on")
            }
        }
    }

    private static func refusal(
        kind: Refusal.Kind = .badInput, _ problem: String, _ place: String, _ words: String, mend: String
    ) -> Refusal {
        Refusal(kind, code: "adapter.\(problem)", at: place, words, mend: mend)
    }

    // MARK: - Writing

    /// A further file in an adapter's folder, such as its `README.md`.
    public struct ExtraFile: Sendable, Equatable {
        /// A plain name: letters, digits, `.`, `_`, `-`, at most 64, the first one a letter or digit.
        public let name: String
        /// The content.
        public let bytes: [UInt8]

        /// Names a file and its content.
        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// Writes `adapter` as the folder `path`: to a hidden folder beside it, synchronised, then renamed.
    ///
    /// - Parameters:
    ///   - extraFiles: further files, such as a model card.
    ///   - replacing: whether a folder at `path` that holds an adapter is replaced; other filled folders never are.
    ///   - refusingUnchanged: whether an adapter with only zeros in its B matrices is refused.
    /// - Throws: `adapter.unchanged`, `adapter.not_finite` (both of kind `trainingStopped`), `adapter.target_not_empty`,
    ///   `adapter.bad_name`, `disk.full`, `file.not_written`; nothing is left behind.
    public static func write(
        _ adapter: Adapter, to path: String, extraFiles: [ExtraFile] = [], replacing: Bool = false,
        refusingUnchanged: Bool = false
    ) throws(Refusal) {
        try checkValues(adapter, path, refusingUnchanged: refusingUnchanged)
        try checkNames(extraFiles, path)
        try checkTarget(path, replacing: replacing)
        let parent = DurableFile.folder(of: path)
        let temporary = DurableFile.temporaryName(beside: path)
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
        } catch {
            throw Refusal(
                .environment, code: "file.not_written", at: path, "its folder cannot be made",
                mend: "check the permissions of \(parent)")
        }
        do throws(Refusal) {
            let json = adapter.configuration.json().serializedBytes(pretty: true, sortedKeys: true)
            try DurableFile.write(json, to: "\(temporary)/\(configurationName)")
            try writer(of: adapter).write(to: "\(temporary)/\(weightsName)")
            for file in extraFiles { try DurableFile.write(file.bytes, to: "\(temporary)/\(file.name)") }
            if let old = try DurableFile.installFolder(temporary, at: path) {
                try? FileManager.default.removeItem(atPath: old)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }

    /// The adapter's safetensors file, as PEFT would save it.
    static func writer(of adapter: Adapter) -> SafetensorsWriter {
        var writer = SafetensorsWriter(metadata: ["format": "pt"])
        for key in adapter.keys {
            guard let matrix = adapter.matrices[key] else { continue }
            writer.add(key.peftName, shape: [matrix.rows, matrix.columns], floats: matrix.values)
        }
        return writer
    }

    private static func checkValues(
        _ adapter: Adapter, _ path: String, refusingUnchanged: Bool
    ) throws(Refusal) {
        for key in adapter.keys {
            let bad = adapter.matrices[key]?.values.lazy.filter { !$0.isFinite }.count ?? 0
            guard bad == 0 else {
                throw refusal(
                    kind: .trainingStopped, "not_finite", "\(path), tensor \(ShownText.quoted(key.peftName))",
                    "\(bad) values are NaN or infinite", mend: "go back to the newest good checkpoint")
            }
        }
        guard !refusingUnchanged || !adapter.changesNothing else {
            throw refusal(
                kind: .trainingStopped, "unchanged", path, "every B matrix is zero, so the adapter changes nothing",
                mend: "check the learning rate and that training took a step")
        }
    }

    private static func checkNames(_ files: [ExtraFile], _ path: String) throws(Refusal) {
        var taken: Set<String> = [configurationName, weightsName]
        for file in files {
            let bytes = Array(file.name.utf8)
            let isPlain = bytes.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || [0x2E, 0x5F, 0x2D].contains($0)
            }
            guard isPlain, (1...64).contains(bytes.count), ![0x2E, 0x5F, 0x2D].contains(bytes[0]),
                taken.insert(file.name).inserted
            else {
                throw refusal(
                    "bad_name", path,
                    "\(ShownText.quoted(file.name)) is not a free, plain file name of at most 64 letters",
                    mend: "use letters, digits, \".\", \"_\" and \"-\"")
            }
        }
    }

    private static func checkTarget(_ path: String, replacing: Bool) throws(Refusal) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return }
        guard attributes[.type] as? FileAttributeType == .typeDirectory else {
            throw refusal(
                "target_not_empty", path, "something that is not a folder is there",
                mend: "give the path of a new folder")
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path), names.isEmpty else {
            guard replacing && exists("\(path)/\(configurationName)") else {
                throw refusal(
                    "target_not_empty", path,
                    replacing ? "the folder is not empty and holds no adapter" : "the folder is not empty",
                    mend: "give a new folder" + (replacing ? "" : ", or say that the adapter in it is to be replaced"))
            }
            return
        }
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
