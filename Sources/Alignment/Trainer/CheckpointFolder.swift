internal import Diagnostics
internal import Foundation
internal import Kernels
internal import ModelFiles
internal import StrictJSON
internal import Transformer

/// The checkpoints of a run: `checkpoint-<step>` folders, each whole or not there.
///
/// A checkpoint is a PEFT adapter folder with `optimizer.safetensors` and `trainer_state.json` beside it. It is written
/// under a hidden name, synchronised and renamed. The state names what the run depends on, so that a run goes on only
/// with the settings, data, base and arithmetic that it began with, and names the sums of the other files, so that a
/// damaged checkpoint is passed over.
public struct CheckpointFolder {
    /// The folder that holds the checkpoints.
    public let folder: String
    /// What `base_model_name_or_path` shall say.
    public let baseModel: String
    /// What the run depends on, name and value; all must agree for a resume.
    public let fingerprint: [(name: String, value: String)]
    /// Checkpoints kept; 0 keeps all.
    public let limit: Int
    /// Told in a sentence what is worth knowing, such as a checkpoint passed over.
    public let notice: (String) -> Void

    private static let stateName = "trainer_state.json"
    private static let optimizerName = "optimizer.safetensors"

    /// A run's checkpoints.
    public init(
        folder: String, baseModel: String, fingerprint: [(name: String, value: String)], limit: Int,
        notice: @escaping (String) -> Void = { _ in }
    ) {
        self.folder = folder
        self.baseModel = baseModel
        self.fingerprint = fingerprint
        self.limit = limit
        self.notice = notice
    }

    /// The steps for which there is a checkpoint, ascending.
    public var steps: [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst("checkpoint-".count)) : nil }.sorted()
    }

    private func path(_ step: Int) -> String { "\(folder)/checkpoint-\(step)" }

    // MARK: - Saving

    func save(
        _ adapter: LoRAAdapter, optimizer: AdamWOptimizer, state: TrainerState, totalSteps: Int, epoch: Double
    ) throws(Refusal) {
        let target = path(state.step)
        let temporary = DurableFile.temporaryName(beside: target)
        do {
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        } catch {
            throw Refusal(
                .environment, code: "checkpoint.not_written", at: target, "its folder cannot be made",
                mend: "check permissions and free space; the checkpoint before it is whole")
        }
        do throws(Refusal) {
            try AdapterDirectory.write(adapter.exported(baseModel: baseModel), to: "\(temporary)/adapter")
            for name in [AdapterDirectory.weightsName, AdapterDirectory.configurationName] {
                try Self.move("\(temporary)/adapter/\(name)", to: "\(temporary)/\(name)")
            }
            try? FileManager.default.removeItem(atPath: "\(temporary)/adapter")
            var writer = SafetensorsWriter(metadata: ["format": "pt"])
            for (index, parameter) in adapter.parameters.enumerated() {
                let shape = [parameter.values.rows, parameter.values.columns]
                writer.add("\(parameter.name).exp_avg", shape: shape, floats: optimizer.firstMoments[index].values)
                writer.add("\(parameter.name).exp_avg_sq", shape: shape, floats: optimizer.secondMoments[index].values)
            }
            try writer.write(to: "\(temporary)/\(Self.optimizerName)")
            var json = state.json(totalSteps: totalSteps, epoch: epoch)
            json["run"] = .object(JSONObject(fingerprint.map { JSONObject.Member($0.name, .string($0.value)) }))
            var sums = JSONObject()
            for name in [AdapterDirectory.weightsName, AdapterDirectory.configurationName, Self.optimizerName] {
                sums[name] = .string(try Self.sum("\(temporary)/\(name)"))
            }
            json["sha256"] = .object(sums)
            let bytes = JSONValue.object(json).serializedBytes(pretty: true)
            try DurableFile.write(bytes, to: "\(temporary)/\(Self.stateName)")
            try DurableFile.synchronizeFolder(temporary)
            if let old = try DurableFile.installFolder(temporary, at: target) {
                try? FileManager.default.removeItem(atPath: old)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
        prune(keeping: state.step)
    }

    private func prune(keeping newest: Int) {
        guard limit > 0 else { return }
        for step in steps.filter({ $0 <= newest }).dropLast(limit) {
            try? FileManager.default.removeItem(atPath: path(step))
        }
    }

    // MARK: - Going on

    /// Loads the newest whole checkpoint into adapter and optimiser; nil when there is none.
    ///
    /// - Throws: a refusal naming the first setting that differs from the run that made the checkpoint.
    func restoreNewest(into adapter: LoRAAdapter, optimizer: AdamWOptimizer) throws(Refusal) -> TrainerState? {
        for step in steps.reversed() {
            let state: JSONValue
            do throws(Refusal) {
                state = try readState(step)
            } catch {
                notice("passed over \(path(step)): \(error.problem)")
                continue
            }
            try checkFingerprint(state, step: step)
            return try load(step, state, into: adapter, optimizer: optimizer)
        }
        return nil
    }

    private func readState(_ step: Int) throws(Refusal) -> JSONValue {
        let place = "\(path(step))/\(Self.stateName)"
        guard let data = FileManager.default.contents(atPath: place) else {
            throw damaged(step, "it has no \(Self.stateName)")
        }
        let state = try JSONValue(parsing: Array(data), named: place)
        guard let sums = state["sha256"]?.object, sums.members.count == 3 else {
            throw damaged(step, "it lists no sums")
        }
        for sum in sums.members {
            guard try Self.sum("\(path(step))/\(sum.key)") == sum.value.string else {
                throw damaged(step, "\(sum.key) is not the file that was saved")
            }
        }
        return state
    }

    private func checkFingerprint(_ state: JSONValue, step: Int) throws(Refusal) {
        for (name, value) in fingerprint {
            let saved = state["run"]?[name]?.string
            guard saved != value else { continue }
            throw Refusal(
                code: "checkpoint.other-run", at: path(step),
                "\(name) was \(saved ?? "not set") and is now \(value) (allowed: the same)",
                mend: "put \(name) back to resume, or choose another output_dir to begin anew")
        }
    }

    private func load(
        _ step: Int, _ value: JSONValue, into adapter: LoRAAdapter, optimizer: AdamWOptimizer
    ) throws(Refusal) -> TrainerState {
        let state = try TrainerState(value, at: "\(path(step))/\(Self.stateName)")
        let weights = try SafetensorsFile(path: "\(path(step))/\(AdapterDirectory.weightsName)")
        let moments = try SafetensorsFile(path: "\(path(step))/\(Self.optimizerName)")
        for (index, parameter) in adapter.parameters.enumerated() {
            for (name, file, target) in [
                (parameter.name, weights, parameter.values),
                ("\(parameter.name).exp_avg", moments, optimizer.firstMoments[index]),
                ("\(parameter.name).exp_avg_sq", moments, optimizer.secondMoments[index]),
            ] {
                let values = try file.floats(named: name)
                guard values.count == target.count else { throw damaged(step, "\(name) has \(values.count) values") }
                target.assign(values)
            }
        }
        optimizer.restore(step: state.step)
        return state
    }

    private func damaged(_ step: Int, _ problem: String) -> Refusal {
        Refusal(
            code: "checkpoint.damaged", at: path(step), problem,
            mend: "delete this folder; the run goes on from the checkpoint before it")
    }

    private static func sum(_ path: String) throws(Refusal) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Refusal(
                .environment, code: "checkpoint.unreadable", at: path, "the file cannot be read",
                mend: "check its permissions")
        }
        return Digests.bytes(Array(data))
    }

    private static func move(_ source: String, to target: String) throws(Refusal) {
        do {
            try FileManager.default.moveItem(atPath: source, toPath: target)
        } catch {
            throw Refusal(
                .environment, code: "checkpoint.not_written", at: target, "the file cannot be put in place",
                mend: "check permissions and free space; the checkpoint before it is whole")
        }
    }
}
