internal import Diagnostics
import FoundationEssentials
import Kernels
internal import ModelFiles
import Preferences
import StrictJSON
import Transformer

/// Looks at what Overread stands on: the machine, its libraries, the model, an adapter, the store.
public enum DoctorStage {
    /// One thing looked at.
    struct Finding {
        enum State: String {
            case good = "ok"
            case warning
            case bad
        }

        let name: String
        let state: State
        let words: String
        var mend: String?
    }

    /// The default place of the demo's model.
    public static let defaultModel = ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"

    /// What was seen, and whether something that was asked for is bad.
    ///
    /// - Parameters:
    ///   - model: a GGUF file to open; nil for the demo's model if it is there.
    ///   - adapter: a PEFT folder to check against the model.
    ///   - store: a preference store to open.
    public static func run(model: String?, adapter: String?, store: String?) -> (result: StageResult, isWell: Bool) {
        var findings = machine() + libraries()
        findings += look(at: model, adapter: adapter)
        if let store { findings.append(look(atStore: store)) }
        let isWell = findings.allSatisfy { $0.state != .bad }
        let width = findings.map(\.name.utf8.count).max() ?? 0
        let lines = findings.map { finding in
            let name = finding.name + String(repeating: " ", count: width - finding.name.utf8.count)
            let mend = finding.mend.map { " Mend: \($0)." } ?? ""
            return
                "\(finding.state == .good ? "ok  " : finding.state == .warning ? "note" : "BAD ")  \(name)  \(finding.words).\(mend)"
        }
        let items = findings.map { finding -> JSONValue in
            [
                "name": .string(finding.name), "state": .string(finding.state.rawValue),
                "found": .string(finding.words),
                "mend": finding.mend.map { .string($0) } ?? .null,
            ]
        }
        let facts: JSONObject = [
            "program": .string(ProgramVersion.text), "well": .bool(isWell), "findings": .array(items),
        ]
        return (StageResult(facts, text: lines.joined(separator: "\n")), isWell)
    }

    private static func machine() -> [Finding] {
        let environment = NumericEnvironment.current()
        var findings = [
            Finding(
                name: "processor", state: .good,
                words:
                    "\(ProcessFacts.processorName ?? "of unknown kind"), \(counted(environment.processors, "core")) for this process"
            )
        ]
        if let total = ProcessFacts.machineMemoryBytes, let free = ProcessFacts.availableMemoryBytes {
            let isLittle = free < 2 << 30
            findings.append(
                Finding(
                    name: "memory", state: isLittle ? .warning : .good,
                    words: "\(ProcessFacts.sizeText(free)) free of \(ProcessFacts.sizeText(total))",
                    mend: isLittle ? "close other programs: the demo takes up to 3 GiB" : nil))
        }
        return findings
    }

    private static func libraries() -> [Finding] {
        let environment = NumericEnvironment.current()
        let sqlite = PreferenceStore.sqliteVersion
        return [
            Finding(
                name: "BLAS", state: .good, words: "\(environment.blas.trimmed), kernels for \(environment.blasCore)"),
            Finding(name: "fp32", state: .good, words: "products through \(environment.float32Products)"),
            bfloat16Finding(BFloat16Support.current, environment),
            Finding(name: "loops", state: .good, words: environment.loops),
            sqliteFinding(sqlite),
        ]
    }

    /// What `compute_dtype: bfloat16` would find; nothing else needs it.
    static func bfloat16Finding(_ support: BFloat16Support, _ environment: NumericEnvironment) -> Finding {
        guard let problem = support.problem else {
            return Finding(name: "bf16", state: .good, words: "products through \(environment.bfloat16Products)")
        }
        return Finding(
            name: "bf16", state: .good, words: "compute_dtype: bfloat16 is not to be had here: \(problem.words)",
            mend: support == .noProcessor ? nil : problem.mend)
    }

    /// SQLite before 3.51.3 can damage a store that two connections write at once; one process per store avoids it.
    static func sqliteFinding(_ version: String) -> Finding {
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        let isOld = numbers.lexicographicallyPrecedes([3, 51, 3])
        return Finding(
            name: "SQLite", state: isOld ? .warning : .good,
            words: version
                + (isOld
                    ? ", with the write-ahead-log fault of versions before 3.51.3; one process writes at a time, so it cannot strike"
                    : ""))
    }

    private static func look(at path: String?, adapter: String?) -> [Finding] {
        let isThere = FileManager.default.fileExists(atPath: defaultModel)
        guard let path = path ?? (isThere ? defaultModel : nil) else {
            return [
                Finding(
                    name: "model", state: adapter == nil ? .warning : .bad,
                    words: "none given, and none at \(defaultModel)",
                    mend: "run scripts/fetch-model.sh, or give --model FILE")
            ]
        }
        do throws(Refusal) {
            let model = try DecoderModel(path: path)
            let shape = model.configuration
            var findings = [
                Finding(
                    name: "model", state: .good,
                    words: "\(path): \(model.name), \(shape.numHiddenLayers) layers of \(shape.hiddenSize), context "
                        + "\(shape.maxPositionEmbeddings), \(ProcessFacts.sizeText(model.file.byteCount)), sha256 "
                        + "\(try Digests.mapped(model.file).prefix(12))…")
            ]
            findings.append(look(atWeightsOf: path))
            guard let adapter else { return findings }
            do throws(Refusal) {
                let loaded = try LoRAAdapter(directory: adapter, for: shape)
                findings.append(
                    Finding(
                        name: "adapter", state: .good,
                        words: "\(adapter): rank \(loaded.rank) on \(counted(loaded.targets.count, "projection")), "
                            + "\(loaded.parameterCount) parameters"))
            } catch {
                findings.append(bad("adapter", error))
            }
            return findings
        } catch {
            return [bad("model", error)]
        }
    }

    /// Whether every weight is a number: a model with NaN or infinite ones answers nonsense from the first token.
    private static func look(atWeightsOf path: String) -> Finding {
        do throws(Refusal) {
            let file = try GGUFFile(path: path)
            try file.checkFinite()
            return Finding(
                name: "weights", state: .good, words: "\(counted(file.tensors.count, "tensor")), every value finite")
        } catch {
            return bad("weights", error)
        }
    }

    private static func look(atStore path: String) -> Finding {
        do throws(Refusal) {
            try TextFile.requireFile(path, code: "store")
            let store = try PreferenceStore(at: path)
            try store.check()
            return Finding(
                name: "store", state: .good, words: "\(path): \(counted(try store.pairCount(), "pair")), whole")
        } catch {
            return bad("store", error)
        }
    }

    private static func bad(_ name: String, _ refusal: Refusal) -> Finding {
        Finding(name: name, state: .bad, words: "\(refusal.location): \(refusal.problem)", mend: refusal.remedy)
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
