public import Diagnostics
internal import Foundation
internal import Kernels
public import ModelFiles
internal import StrictJSON

extension LoRAAdapter {
    /// Reads a PEFT folder for a model; refused unless every tensor is there, fits and is finite.
    public convenience init(directory path: String, for model: ModelConfiguration) throws(Refusal) {
        let adapter = try AdapterDirectory.read(path, for: model)
        try self.init(
            configuration: model, rank: adapter.configuration.r, alpha: adapter.configuration.loraAlpha,
            usesRankStabilization: adapter.configuration.usesRSLoRA, targets: adapter.configuration.targetModules
        ) { (name, _, shape) throws(Refusal) in
            guard let key = TensorNaming.adapterTensor(ofPEFT: name),
                let matrix = adapter.matrices[AdapterKey(layer: key.layer, projection: key.projection, half: key.half)]
            else {
                throw Refusal(
                    code: "adapter.missing_tensor", at: "\(path), tensor \(name)", "it is not there",
                    mend: "export the adapter again")
            }
            return Matrix(rows: shape.rows, columns: shape.columns, values: matrix.values)
        }
    }

    /// The adapter as files have it.
    ///
    /// - Parameter baseModel: what `base_model_name_or_path` shall say.
    public func exported(baseModel: String) -> Adapter {
        var matrices: [AdapterKey: AdapterMatrix] = [:]
        for parameter in parameters {
            guard let key = TensorNaming.adapterTensor(ofPEFT: parameter.name) else {
                preconditionFailure("\(parameter.name) is not a PEFT name")
            }
            matrices[AdapterKey(layer: key.layer, projection: key.projection, half: key.half)] = AdapterMatrix(
                rows: parameter.values.rows, columns: parameter.values.columns, values: parameter.values.values)
        }
        return Adapter(
            configuration: AdapterConfiguration(
                r: rank, loraAlpha: alpha, targetModules: targets, baseModelNameOrPath: baseModel,
                usesRSLoRA: usesRankStabilization),
            matrices: matrices)
    }

    /// Writes the adapter's two files into a folder that may hold other files, such as a run's output folder.
    ///
    /// Each file is written beside its place, synchronised and renamed, the weights first: a folder with a
    /// configuration always has weights.
    ///
    /// - Parameters:
    ///   - folder: made when missing.
    ///   - baseModel: what `base_model_name_or_path` shall say.
    /// - Throws: `adapter.unchanged` (kind `trainingStopped`) when every B is zero, so that nothing was learned;
    ///   `adapter.not_finite`; what writing a file throws.
    public func install(into folder: String, baseModel: String) throws(Refusal) {
        let adapter = exported(baseModel: baseModel)
        guard parameters.allSatisfy({ $0.values.nonFiniteCount == 0 }) else {
            throw Refusal(
                .trainingStopped, code: "adapter.not_finite", at: folder,
                "the adapter holds values that are not finite numbers",
                mend: "lower learning_rate and train again; nothing was written")
        }
        guard !adapter.changesNothing else {
            throw Refusal(
                .trainingStopped, code: "adapter.unchanged", at: folder,
                "every B matrix is zero, so the adapter changes nothing (allowed: at least one value that is not)",
                mend: "train for at least one step with a learning_rate above 0; nothing was written")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Refusal(
                .environment, code: "file.not_written", at: folder, "the folder cannot be made",
                mend: "check the permissions of the folder above")
        }
        var writer = SafetensorsWriter(metadata: ["format": "pt"])
        for parameter in parameters {
            writer.add(
                parameter.name, shape: [parameter.values.rows, parameter.values.columns],
                floats: parameter.values.values)
        }
        try writer.write(to: "\(folder)/\(AdapterDirectory.weightsName)")
        let json = adapter.configuration.json().serializedBytes(pretty: true, sortedKeys: true)
        try DurableFile.write(json, to: "\(folder)/\(AdapterDirectory.configurationName)")
    }

    /// Whether every B is zero: a fresh adapter, exactly its base.
    public var changesNothing: Bool {
        parameters.allSatisfy { !$0.name.hasSuffix(".lora_B.weight") || $0.values.sumOfSquares == 0 }
    }

    /// The tensors' names and bytes in order, for a digest.
    public func forEachTensor(_ body: (_ name: String, _ values: [Float]) -> Void) {
        for parameter in parameters { body(parameter.name, parameter.values.values) }
    }
}
