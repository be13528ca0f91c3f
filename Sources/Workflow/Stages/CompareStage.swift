import Alignment
import Conventions
public import Diagnostics
import Evaluation
import FoundationEssentials
import Kernels
import ModelFiles
import Preferences
import Reporting
import StrictJSON
import Tokenization
import Transformer

/// Compares the aligned model with its base on held-out cases and files the report.
public enum CompareStage {
    /// What is compared.
    public struct Request: Sendable {
        /// The base, a GGUF file.
        public var model: String
        /// The aligned model's adapter, a PEFT folder.
        public var adapter: String
        /// An adapter trained on the chosen texts alone, or nil.
        public var sftAdapter: String?
        /// Examples for the base with examples in its prompt, a JSON file, or nil.
        public var fewShot: String?
        /// The snapshot whose held-out part is used.
        public var snapshot: String
        /// The conventions that judge, a YAML file.
        public var conventions: String
        /// What reviewers preferred, a file that `overread arena verdicts` wrote, or nil.
        public var reviewerVerdicts: String?
        /// The folder of the report.
        public var runDirectory: String
        /// The most tokens of an answer.
        public var maxNewTokens = 128

        /// A request.
        public init(
            model: String, adapter: String, sftAdapter: String? = nil, fewShot: String? = nil, snapshot: String,
            conventions: String, reviewerVerdicts: String? = nil, runDirectory: String, maxNewTokens: Int = 128
        ) {
            self.model = model
            self.adapter = adapter
            self.sftAdapter = sftAdapter
            self.fewShot = fewShot
            self.snapshot = snapshot
            self.conventions = conventions
            self.reviewerVerdicts = reviewerVerdicts
            self.runDirectory = runDirectory.withoutTrailingSlash
            self.maxNewTokens = maxNewTokens
        }
    }

    /// Writes `report.html`, `report.json`, `model-card.md`, `generations.jsonl`, `verdicts.jsonl` and `run.json` into the run's folder.
    ///
    /// - Returns: nil when it was asked to stop; nothing is then written.
    public static func run(_ request: Request, events: StageEvents) throws(Refusal) -> StageResult? {
        let watch = Stopwatch()
        let snapshot = try PairSource.snapshot(at: request.snapshot)
        guard !snapshot.heldOut.isEmpty else {
            throw Refusal(
                code: "compare.nothing-held-out", at: request.snapshot,
                "the snapshot holds no case out (allowed: one or more)",
                mend: "make a snapshot with --held-out-fraction")
        }
        let conventions = try ConventionSet.load(path: request.conventions)
        let reviewed = try request.reviewerVerdicts.map { path throws(Refusal) in
            try ReviewerVerdictFile(path: path, caseIDs: snapshot.heldOut.map(\.id))
        }
        let shots = try request.fewShot.map { path throws(Refusal) in try FewShotFile.read(path) }
        let loaded = try LoadedModel(path: request.model, adapter: request.adapter)
        let sft = try request.sftAdapter.map { path throws(Refusal) in
            try LoRAAdapter(directory: path, for: loaded.model.configuration)
        }
        var inputs: JSONObject = [
            "model_sha256": .string(loaded.digest), "adapter_sha256": loaded.adapterDigest.map { .string($0) } ?? .null,
            "snapshot": .string(snapshot.digest), "conventions_sha256": .string(try Digests.file(request.conventions)),
            "max_new_tokens": .number(JSONNumber(request.maxNewTokens)),
        ]
        if let path = request.sftAdapter {
            inputs["sft_adapter_sha256"] = .string(try LoadedModel.digest(ofAdapter: path))
        }
        if let path = request.reviewerVerdicts {
            inputs["reviewer_verdicts_sha256"] = .string(try Digests.file(path))
        }
        if let path = request.fewShot { inputs["few_shot_sha256"] = .string(try Digests.file(path)) }
        let manifestPath = request.runDirectory.appendingPath("run.json")
        if let done = ArtifactManifest(at: manifestPath) {
            if done.stands(for: "compare", inputs, in: request.runDirectory) {
                events.say("Skipped: \(request.runDirectory) holds the report of the same models and cases.")
                return result(request, done.facts, skipped: true)
            }
            try refuseOther(done, inputs, request.runDirectory)
        }
        try TextFile.requirePlace(for: manifestPath)
        let work = Comparing(loaded: loaded, sft: sft, snapshot: snapshot, conventions: conventions, shots: shots)
        guard let systems = try work.outputs(maxNewTokens: request.maxNewTokens, events: events),
            let rewards = try work.rewards(named: request.snapshot, events: events),
            let base = systems.first(where: { $0.role == .base }),
            let aligned = systems.first(where: { $0.role == .aligned })
        else { return nil }
        let training = TrainingRecord(adapter: request.adapter)
        let judge = try reviewed?.judge(base: base, aligned: aligned, seed: training.seed)
        let report = ComparisonReport(
            runID: URL(filePath: request.runDirectory).standardizedFileURL.lastPathComponent, conventions: conventions,
            systems: systems, snapshot: snapshot,
            rewards: rewards, beta: training.beta, seed: training.seed, training: training.log,
            provenance: provenance(request, loaded, snapshot, training, watch.seconds), reviewers: judge
        ).report(base: base, aligned: aligned)
        try write(report, systems, inputs, request, watch)
        return result(request, facts(report), skipped: false)
    }

    /// A report is not written over one of other models or cases, nor over what another command made.
    private static func refuseOther(
        _ done: ArtifactManifest, _ inputs: JSONObject, _ folder: String
    ) throws(Refusal) {
        let found: String
        if done.stage != "compare" {
            found = "it holds what overread \(done.stage) made"
        } else if let difference = done.firstDifference(from: inputs) {
            found = "it holds a report made with another \(difference)"
        } else {
            return
        }
        throw Refusal(
            code: "compare.run-dir-taken", at: folder, found,
            mend: "choose another --run-dir, or remove the folder if it is no longer needed")
    }

    private static func write(
        _ report: AlignmentReport, _ systems: [SystemOutputs], _ inputs: JSONObject, _ request: Request,
        _ watch: Stopwatch
    ) throws(Refusal) {
        let folder = request.runDirectory
        var lines = ""
        for (index, one) in (systems.first?.cases ?? []).enumerated() {
            var object: JSONObject = ["id": .string(one.id), "reference": .string(one.reference)]
            for system in systems { object[system.role.rawValue] = .string(system.generations[index].text) }
            lines += JSONValue.object(object).serialized() + "\n"
        }
        let files = [
            ("generations.jsonl", lines), ("verdicts.jsonl", VerdictLines.text(systems)),
            ("report.json", report.json().serialized(pretty: true) + "\n"),
            ("model-card.md", report.modelCard()), ("report.html", report.html()),
        ]
        var manifest = ArtifactManifest(stage: "compare", inputs: inputs)
        manifest.facts = facts(report)
        for (name, text) in files {
            try TextFile.write(text, to: folder.appendingPath(name))
            try manifest.addOutput(name, in: folder)
        }
        manifest.addMachine(seconds: watch.seconds)
        try manifest.write(to: folder.appendingPath("run.json"))
    }

    private static func provenance(
        _ request: Request, _ loaded: LoadedModel, _ snapshot: PreferenceSnapshot, _ training: TrainingRecord,
        _ seconds: Double
    ) -> Provenance {
        let environment = NumericEnvironment.current()
        var stages = [
            Provenance.Stage(name: "train", seconds: training.seconds, peakMemoryBytes: training.peakMemoryBytes),
            Provenance.Stage(name: "compare", seconds: seconds, peakMemoryBytes: ProcessFacts.peakMemoryBytes),
        ]
        if training.seconds == 0 { stages.removeFirst() }
        return Provenance(
            baseModel: loaded.model.name + " (" + request.model.lastPathPart + ")", baseModelSHA256: loaded.digest,
            adapterSHA256: loaded.adapterDigest, snapshotDigest: snapshot.digest, recipe: training.recipe,
            seed: training.seed, decoding: "greedy, at most \(request.maxNewTokens) new tokens",
            programVersion: ProgramVersion.text, blas: "\(environment.blas) (\(environment.blasCore))",
            cpu: ProcessFacts.processorName, threads: environment.processors, stages: stages)
    }

    private static func facts(_ report: AlignmentReport) -> JSONObject {
        var facts: JSONObject = ["verdict": .string(report.verdict.headline)]
        if let win = report.systems.first(where: { $0.role == .aligned })?.winOverBase {
            facts["win_rate"] = .number(JSONNumber(win.tieHalf))
            facts["interval"] = .array([
                .number(JSONNumber(win.interval.lower)), .number(JSONNumber(win.interval.upper)),
            ])
            facts["wins_ties_losses"] = .array([win.wins, win.ties, win.losses].map { .number(JSONNumber($0)) })
        }
        if let win = report.reviewers?.win {
            facts["reviewers_win_rate"] = .number(JSONNumber(win.tieHalf))
            facts["reviewers_interval"] = .array([
                .number(JSONNumber(win.interval.lower)), .number(JSONNumber(win.interval.upper)),
            ])
        }
        return facts
    }

    private static func result(_ request: Request, _ facts: JSONObject, skipped: Bool) -> StageResult {
        let page = request.runDirectory.appendingPath("report.html")
        var object: JSONObject = ["report": .string(page), "skipped": .bool(skipped)]
        object.members += facts.members
        return StageResult(object, text: "\(facts["verdict"]?.string ?? "")\n\(page)")
    }
}
