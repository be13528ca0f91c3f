public import Diagnostics
import Preferences
import StrictJSON

/// One system against another before reviewers: outputs into the store, verdicts out of it.
public enum ArenaStage {
    /// Puts two systems' outputs on the same prompts into the arena's queue.
    ///
    /// - Parameters:
    ///   - store: the store.
    ///   - name: the arena's name.
    ///   - prompts: the JSONL file that both systems answered.
    ///   - base: what the base wrote, as `overread generate` writes it.
    ///   - aligned: what the aligned system wrote.
    ///   - readers: how many readers each pair gets; nil for the queue's overlap.
    public static func add(
        store path: String, name: String, prompts: String, base: String, aligned: String, readers: Int?,
        events: StageEvents
    ) throws(Refusal) -> StageResult {
        let files = try OutputFiles(prompts: prompts)
        let (ours, theirs) = (try files.outputs(at: aligned), try files.outputs(at: base))
        let entries = files.prompts.indices.map { index in
            ArenaEntry(
                item: files.prompts[index].id, prompt: files.prompts[index].text, base: theirs.texts[index],
                aligned: ours.texts[index], exam: files.prompts[index].exam)
        }
        let store = try StoreFile.open(path)
        let created = try store.createArena(
            name, entries: entries, base: OutputSource(base, otherwise: "base").arenaSystem,
            aligned: OutputSource(aligned, otherwise: "aligned").arenaSystem,
            sources: (files.promptsSHA256, theirs.sha256, ours.sha256), readersWanted: readers,
            guideline: try store.guideline()?.name)
        return StageResult(
            [
                "store": .string(path), "arena": .string(name), "pairs": .number(JSONNumber(created.pairs)),
                "identical": .number(JSONNumber(created.identical)), "readers": .number(JSONNumber(created.readers)),
            ],
            text:
                "\(path), arena \(name): \(counted(created.pairs, "pair")) for \(counted(created.readers, "reader")) each; "
                + "\(created.identical) written alike by both, ties that nobody is asked about.")
    }

    /// Writes what reviewers preferred, one item a line; no line holds text of a report.
    public static func verdicts(
        store path: String, name: String?, output: String, replace: Bool, events: StageEvents
    ) throws(Refusal) -> StageResult {
        let store = try StoreFile.open(path)
        let arenas = try store.arenas()
        guard let name = name ?? (arenas.count == 1 ? arenas.first : nil) else {
            throw Refusal(
                code: arenas.isEmpty ? "arena.unknown" : "arena.which", at: path,
                "the store has \(counted(arenas.count, "arena"))", mend: "name one with --name")
        }
        let lines = try store.arenaOutcomes(of: name).compactMap(ReviewerVerdictFile.line)
        let text = lines.map { $0.serialized() + "\n" }.joined()
        let artifact = OutputFile(
            path: output, stage: "arena", inputs: ["arena": .string(name), "verdicts": .string(Digests.text(text))])
        if !artifact.isDone {
            try artifact.requireFree(replace: replace)
            try artifact.write(text, seconds: 0)
        }
        let counts = ["win", "tie", "loss"].map { verdict in lines.count { $0["verdict"]?.string == verdict } }
        let open = lines.count - counts.reduce(0, +)
        return StageResult(
            [
                "output": .string(output), "arena": .string(name), "items": .number(JSONNumber(lines.count)),
                "wins_ties_losses": .array(counts.map { .number(JSONNumber($0)) }), "open": .number(JSONNumber(open)),
            ],
            text:
                "\(output): \(counted(lines.count, "item")); the aligned system wins \(counts[0]), ties \(counts[1]), "
                + "loses \(counts[2]); \(open) not judged yet.")
    }
}

/// Who wrote a file of outputs, as far as the manifest beside it says.
struct OutputSource {
    let model: Candidate.Model
    let decoding: Candidate.Decoding?

    init(_ path: String, otherwise name: String) {
        let inputs = ArtifactManifest(at: path + ".manifest.json")?.inputs
        let adapter = inputs?["adapter_sha256"]?.string
        model = Candidate.Model(
            base: name, baseSHA256: inputs?["model_sha256"]?.string, adapter: adapter.map { _ in name },
            adapterSHA256: adapter)
        decoding = inputs.map { inputs in
            Candidate.Decoding(
                seed: inputs["seed"]?.string.flatMap { UInt64($0) }, temperature: inputs["temperature"]?.double,
                topP: inputs["top_p"]?.double, maxTokens: inputs["max_new_tokens"]?.int)
        }
    }

    var arenaSystem: ArenaSystem { ArenaSystem(model: model, decoding: decoding) }

    /// A text as a candidate of this source.
    func candidate(_ text: PromptText) -> Candidate {
        Candidate(text: text, author: .model, model: model, decoding: decoding)
    }
}
