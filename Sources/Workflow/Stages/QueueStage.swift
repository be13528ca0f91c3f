public import Diagnostics
import Preferences
import StrictJSON

/// The queue of the review page: what stands in it, and in which order it comes.
public enum QueueStage {
    /// What is to be changed of the policy; nil leaves a setting as it is.
    public struct Changes: Sendable, Equatable {
        /// `fifo`, `random` or `informative`.
        public var order: String?
        /// The seed of the random order.
        public var seed: UInt64?
        /// Readers per pair.
        public var overlap: Int?
        /// The share of known answers.
        public var goldRate: Double?
        /// The share of swapped repeats.
        public var repeatRate: Double?
        /// The share of even draws in the informative order.
        public var uniformShare: Double?
        /// `ignored`, `preferred` or `required`.
        public var specialties: String?

        /// No change.
        public init() {}
    }

    /// Says how the queue stands, after changing its policy where something is to be changed.
    ///
    /// - Throws: `queue.bad-policy`, `queue.unknown-word`.
    public static func show(
        store path: String, changes: Changes = Changes(), events: StageEvents
    ) throws(Refusal) -> StageResult {
        let store = try StoreFile.open(path)
        if changes != Changes() {
            var policy = try store.queuePolicy()
            try apply(changes, to: &policy)
            try store.setQueuePolicy(policy)
        }
        let policy = try store.queuePolicy()
        let figures = try store.reviewFigures(resamples: 100)
        var lines = figures.progress.filter { $0.pairs > 0 }.map { one in
            "\(one.purpose.rawValue): \(counted(one.pairs, "pair")); \(one.waiting) places wait, \(one.leased) are held, "
                + "\(one.answered) answered, \(one.held) kept back; \(one.disagreeing) disagree, "
                + "\(one.adjudicated) decided."
        }
        let corrections = figures.corrections
        lines.append(
            "drafts: \(corrections.waiting) wait, \(corrections.leased) are held, \(corrections.corrected) corrected, "
                + "\(corrections.accepted) good as they stood.")
        let settings = policy.json.members.map { "\($0.key) \($0.value.string ?? $0.value.serialized())" }
        lines.append("policy: " + settings.joined(separator: ", ") + ".")
        let progress = figures.progress.map { one -> JSONValue in
            func whole(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
            return [
                "purpose": .string(one.purpose.rawValue), "pairs": whole(one.pairs), "waiting": whole(one.waiting),
                "leased": whole(one.leased), "answered": whole(one.answered), "held": whole(one.held),
                "disagreeing": whole(one.disagreeing), "adjudicated": whole(one.adjudicated),
            ]
        }
        return StageResult(
            ["store": .string(path), "policy": .object(policy.json), "progress": .array(progress)],
            text: lines.joined(separator: "\n"))
    }

    /// Puts two files of outputs on the same prompts into the queue, to be judged.
    ///
    /// - Parameters:
    ///   - purpose: `train`, `gold` (the first file's text is the better one) or `calibration`.
    ///   - readers: how many readers each pair gets; nil for the queue's overlap.
    public static func add(
        store path: String, prompts: String, first: String, second: String, purpose: String, readers: Int?,
        events: StageEvents
    ) throws(Refusal) -> StageResult {
        guard let purpose = PairForJudging.Purpose(rawValue: purpose), purpose != .winRate else {
            throw unknown(
                "--purpose", "train, gold or calibration", mend: "take one; for win rates use overread arena add")
        }
        let files = try OutputFiles(prompts: prompts)
        let texts = (try files.outputs(at: first).texts, try files.outputs(at: second).texts)
        let sources = (OutputSource(first, otherwise: "first"), OutputSource(second, otherwise: "second"))
        let store = try StoreFile.open(path)
        let (overlap, guideline) = (try store.queuePolicy().overlap, try store.guideline()?.name)
        var same = 0
        var pairs: [PairForJudging] = []
        for (index, prompt) in files.prompts.enumerated() {
            if texts.0[index].saysTheSame(as: texts.1[index]) {
                same += 1
                continue
            }
            pairs.append(
                PairForJudging(
                    prompt: prompt.text, first: sources.0.candidate(texts.0[index]),
                    second: sources.1.candidate(texts.1[index]), exam: prompt.exam, purpose: purpose,
                    guideline: guideline, firstIsBetter: purpose == .gold ? true : nil,
                    readersWanted: readers ?? overlap))
        }
        let before = try store.judgingPairCount()
        _ = try store.createJudgingPairs(pairs)
        let new = try store.judgingPairCount() - before
        return StageResult(
            [
                "store": .string(path), "added": .number(JSONNumber(new)),
                "known": .number(JSONNumber(pairs.count - new)), "identical": .number(JSONNumber(same)),
            ],
            text:
                "\(path): \(counted(new, "pair")) added, \(pairs.count - new) there already, \(same) with the same text "
                + "twice left out.")
    }

    /// Puts a file of outputs among the drafts that are to be corrected.
    public static func addDrafts(
        store path: String, prompts: String, drafts: String, events: StageEvents
    ) throws(Refusal) -> StageResult {
        let files = try OutputFiles(prompts: prompts)
        let texts = try files.outputs(at: drafts).texts
        let source = OutputSource(drafts, otherwise: "draft")
        let store = try StoreFile.open(path)
        let guideline = try store.guideline()?.name
        let tasks = try store.createCorrectionTasks(
            files.prompts.indices.map { index in
                DraftToCorrect(
                    prompt: files.prompts[index].text, candidate: source.candidate(texts[index]),
                    exam: files.prompts[index].exam, guideline: guideline)
            })
        return StageResult(
            ["store": .string(path), "drafts": .number(JSONNumber(tasks.count))],
            text: "\(path): \(counted(Set(tasks).count, "draft")) to correct.")
    }

    /// Writes the pairs for training that wait, to be scored by base and aligned model.
    public static func pairs(
        store path: String, output: String, replace: Bool, events: StageEvents
    ) throws(Refusal) -> StageResult {
        var text = ""
        let count = try StoreFile.open(path).forEachWaitingPair { text += $0 + "\n" }
        let artifact = OutputFile(
            path: output, stage: "queue-pairs", inputs: ["pairs_sha256": .string(Digests.text(text))])
        if !artifact.isDone {
            try artifact.requireFree(replace: replace)
            try artifact.write(text, seconds: 0)
        }
        return StageResult(
            ["output": .string(output), "pairs": .number(JSONNumber(count))],
            text: "\(output): \(counted(count, "pair")) that wait. It holds report text.")
    }

    /// Keeps the implicit-reward margins that two files of scores give.
    public static func margins(
        store path: String, base: String, aligned: String, beta: Double, events: StageEvents
    ) throws(Refusal) -> StageResult {
        let recorded = try StoreFile.open(path).recordMargins(base: base, aligned: aligned, beta: beta)
        return StageResult(
            [
                "store": .string(path), "pairs": .number(JSONNumber(recorded.pairs)),
                "unknown": .number(JSONNumber(recorded.unknown)),
            ],
            text:
                "\(path): margins of \(counted(recorded.pairs, "pair")); \(recorded.unknown) scores of no pair in the queue."
        )
    }

    private static func apply(_ changes: Changes, to policy: inout QueuePolicy) throws(Refusal) {
        switch changes.order {
        case "fifo": policy.order = .fifo
        case "informative": policy.order = .informative
        case "random": policy.order = .random(seed: changes.seed ?? 0)
        case nil: break
        default: throw unknown("--order", "fifo, random or informative", mend: "take one of them")
        }
        if let overlap = changes.overlap { policy.overlap = overlap }
        if let rate = changes.goldRate { policy.goldRate = rate }
        if let rate = changes.repeatRate { policy.repeatRate = rate }
        if let share = changes.uniformShare { policy.uniformShare = share }
        guard let word = changes.specialties else { return }
        guard let match = QueuePolicy.SpecialtyMatch(rawValue: word) else {
            throw unknown("--specialties", "ignored, preferred or required", mend: "take one of them")
        }
        policy.specialtyMatch = match
    }

    private static func unknown(_ option: String, _ allowed: String, mend: String) -> Refusal {
        Refusal(code: "queue.unknown-word", at: option, "the word is none of \(allowed)", mend: mend)
    }
}
