import Alignment
import Conventions
import Diagnostics
import Evaluation
import Kernels
import ModelFiles
import Preferences
import Reporting
import StrictJSON
import Tokenization
import Transformer

/// The model's part of a comparison: what each system writes, and the implicit rewards of the held-out pairs.
struct Comparing {
    let loaded: LoadedModel
    let sft: LoRAAdapter?
    let snapshot: PreferenceSnapshot
    let conventions: ConventionSet
    let shots: [ChatMessage]?

    /// Every system's outputs on the held-out prompts, by the same decoding; nil when asked to stop.
    func outputs(maxNewTokens: Int, events: StageEvents) throws(Refusal) -> [SystemOutputs]? {
        let cases = snapshot.heldOut.map(HeldOutCase.init)
        let checker = ConventionChecker(conventions)
        var decoding = GenerateStage.Decoding()
        decoding.maxNewTokens = maxNewTokens
        var prompts: [(text: ExampleText, place: String)] = []
        var withShots: [(text: ExampleText, place: String)] = []
        for (index, pair) in snapshot.heldOut.enumerated() {
            let place = "held-out pair \(index + 1)"
            let prompt = try ExampleText(pair.prompt, at: place)
            prompts.append((prompt, place))
            if let shots { withShots.append((prompt.preceded(by: shots), place)) }
        }
        var runs: [(SystemResult.Role, LoRAAdapter?, [(text: ExampleText, place: String)], String)] = [
            (.base, nil, prompts, "Base writes")
        ]
        if shots != nil { runs.append((.fewShot, nil, withShots, "Base with examples writes")) }
        if let sft { runs.append((.sft, sft, prompts, "Imitation writes")) }
        runs.append((.aligned, loaded.adapter, prompts, "Aligned writes"))
        var systems: [SystemOutputs] = []
        for (role, adapter, texts, label) in runs {
            let tokens = try GenerateStage.encode(texts, for: loaded.model)
            guard
                let generations = try GenerateStage.write(
                    tokens, model: loaded.model, adapter: adapter, decoding: decoding, label: label, events: events)
            else { return nil }
            systems.append(SystemOutputs(role: role, cases: cases, generations: generations, checker: checker))
        }
        return systems
    }

    /// The held-out pairs under base and aligned model; nil when asked to stop.
    func rewards(named name: String, events: StageEvents) throws(Refusal) -> [ScoredPair]? {
        let encoder = PairEncoder(
            tokenizer: loaded.model.tokenizer, template: loaded.model.chatTemplate, maxLength: nil,
            contextLength: loaded.model.configuration.maxPositionEmbeddings)
        let pairs = try PairSource.encode(snapshot.heldOut, with: encoder, named: name)
        func scores(_ adapter: LoRAAdapter?, _ label: String) -> [PairScore]? {
            events.progress(StageProgress(label, done: 0, total: pairs.count, unit: "pairs"))
            let found = PairScorer(model: loaded.model, adapter: adapter).score(pairs) { done, total in
                events.progress(StageProgress(label, done: done, total: total, unit: "pairs"))
                return !events.shouldStop()
            }
            return found.count == pairs.count ? found : nil
        }
        guard let base = scores(nil, "Held-out pairs, base"),
            let aligned = scores(loaded.adapter, "Held-out pairs, aligned")
        else { return nil }
        return snapshot.heldOut.indices.map { index in
            let pair = snapshot.heldOut[index]
            return ScoredPair(
                item: pair.id, cluster: pair.patient ?? pair.id, kind: pair.rejectedKind?.rawValue ?? "",
                chosen: aligned[index].chosenLogp, rejected: aligned[index].rejectedLogp,
                referenceChosen: base[index].chosenLogp, referenceRejected: base[index].rejectedLogp)
        }
    }
}

extension ExampleText {
    /// The prompt with example turns before it; plain text gets them as text.
    func preceded(by shots: [ChatMessage]) -> ExampleText {
        switch self {
        case .messages(let messages):
            let system = messages.prefix { $0.role == .system }
            return .messages(system + shots + messages.dropFirst(system.count))
        case .text(let text): return .text(shots.map { $0.content + "\n\n" }.joined() + text)
        }
    }
}

/// Examples for a prompt: `{"examples": [{"messages": [{"role", "content"}, …]}, …]}`.
enum FewShotFile {
    /// The turns of all examples, in order.
    static func read(_ path: String) throws(Refusal) -> [ChatMessage] {
        let value = try JSONValue(parsing: try TextFile.readBytes(path, code: "few-shot", limit: 1 << 20), named: path)
        guard let examples = value["examples"]?.array, !examples.isEmpty else {
            throw wrong(path, "\"examples\" is missing or empty")
        }
        var turns: [ChatMessage] = []
        for (index, example) in examples.enumerated() {
            let place = "\(path), example \(index + 1)"
            guard let messages = example["messages"]?.array, !messages.isEmpty else {
                throw wrong(place, "\"messages\" is missing or empty")
            }
            for message in messages {
                guard let role = message["role"]?.string, let content = message["content"]?.string else {
                    throw wrong(place, "a message lacks \"role\" or \"content\"")
                }
                turns.append(try ChatMessage(roleNamed: role, content: content, at: place))
            }
        }
        return turns
    }

    private static func wrong(_ place: String, _ problem: String) -> Refusal {
        Refusal(
            code: "few-shot.wrong-shape", at: place, problem,
            mend: "write {\"examples\": [{\"messages\": [{\"role\": \"user\", …}, {\"role\": \"assistant\", …}]}]}")
    }
}

/// What a training run left beside its adapter; empty for an adapter that came from elsewhere.
struct TrainingRecord {
    var log: [TrainingMetrics] = []
    var beta = 0.1
    var seed: UInt64 = 42
    var seconds = 0.0
    var peakMemoryBytes: Int?
    var recipe: String?

    init(adapter folder: String) {
        if let manifest = ArtifactManifest(at: folder.appendingPath(TrainStage.manifestName)) {
            beta = manifest.facts["beta"]?.double ?? beta
            seed = manifest.facts["seed"]?.int.map { UInt64($0) } ?? seed
            seconds = manifest.facts["wall_clock_seconds"]?.double ?? 0
            peakMemoryBytes = manifest.facts["peak_memory_bytes"]?.int
            recipe = manifest.inputs["recipe"]?.string?.split(separator: "\n").joined(separator: "; ")
        }
        let path = folder.appendingPath(TrainStage.metricsName)
        guard let text = try? TextFile.read(path, code: "metrics", limit: 64 << 20) else { return }
        log = text.split(separator: "\n").compactMap { line in
            (try? JSONValue(parsing: Array(line.utf8), named: path)).flatMap { TrainingMetrics($0) }
        }
    }
}
