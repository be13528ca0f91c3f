public import StrictJSON

/// An answer to a prompt with where it comes from: a model and its settings, or a person's role.
public struct Candidate: Sendable, Equatable {
    /// Who wrote it.
    public enum AuthorKind: String, Sendable, CaseIterable {
        /// A model, whose name at least is recorded.
        case model
        /// A resident or fellow.
        case humanTrainee = "human_trainee"
        /// An attending radiologist.
        case humanAttending = "human_attending"
        /// A person whose role is not known.
        case humanOther = "human_other"
        /// A person who changed a model's text.
        case editedModel = "edited_model"
        /// A person who changed a person's text.
        case editedHuman = "edited_human"

        /// Whether the words are a person's own, so that a RADPEER score may be given.
        var isHuman: Bool { self != .model && self != .editedModel }
    }

    /// A model as it stood when it answered; hashes are 64 hexadecimal digits.
    public struct Model: Sendable, Equatable {
        /// The base model's name.
        public var base: String
        /// SHA-256 of the base model's file.
        public var baseSHA256: String?
        /// The adapter's name.
        public var adapter: String?
        /// SHA-256 of the adapter's file.
        public var adapterSHA256: String?
        /// SHA-256 of the tokenizer's file.
        public var tokenizerSHA256: String?
        /// The base's quantisation, such as `Q8_0`.
        public var quantisation: String?
        /// The program that ran it.
        public var runtime: String?
        /// That program's version.
        public var runtimeVersion: String?
        /// How often the policy had been trained on preferences before.
        public var policyIteration: Int?

        /// Makes a model; only its base's name is needed.
        public init(
            base: String, baseSHA256: String? = nil, adapter: String? = nil, adapterSHA256: String? = nil,
            tokenizerSHA256: String? = nil, quantisation: String? = nil, runtime: String? = nil,
            runtimeVersion: String? = nil, policyIteration: Int? = nil
        ) {
            self.base = base
            self.baseSHA256 = baseSHA256
            self.adapter = adapter
            self.adapterSHA256 = adapterSHA256
            self.tokenizerSHA256 = tokenizerSHA256
            self.quantisation = quantisation
            self.runtime = runtime
            self.runtimeVersion = runtimeVersion
            self.policyIteration = policyIteration
        }
    }

    /// How a model's answer was decoded, and what came of it.
    public struct Decoding: Sendable, Equatable {
        /// The seed.
        public var seed: UInt64?
        /// 0 for greedy decoding; never negative.
        public var temperature: Double?
        /// The nucleus, above 0 and at most 1.
        public var topP: Double?
        /// The limit of new tokens, at least 1.
        public var maxTokens: Int?
        /// Why it ended, such as `end_of_text` or `length`.
        public var stopReason: String?
        /// How many tokens it has.
        public var tokenCount: Int?
        /// How long it took, in milliseconds.
        public var latencyMilliseconds: Int?

        /// Makes settings; all may be unknown.
        public init(
            seed: UInt64? = nil, temperature: Double? = nil, topP: Double? = nil, maxTokens: Int? = nil,
            stopReason: String? = nil, tokenCount: Int? = nil, latencyMilliseconds: Int? = nil
        ) {
            self.seed = seed
            self.temperature = temperature
            self.topP = topP
            self.maxTokens = maxTokens
            self.stopReason = stopReason
            self.tokenCount = tokenCount
            self.latencyMilliseconds = latencyMilliseconds
        }
    }

    /// The answer, of the same form as its prompt.
    public var text: PromptText
    /// Who wrote it.
    public var author: AuthorKind
    /// A key for the person who wrote it.
    public var authorKey: String?
    /// The report version that it was taken from.
    public var reportVersion: Int64?
    /// The model that wrote it, or whose text was edited.
    public var model: Model?
    /// How the model's answer was decoded.
    public var decoding: Decoding?
    /// What in it gives its author away, such as a signature line.
    public var leakFlags: [String]

    /// Makes a candidate; one by a model names the model.
    public init(
        text: PromptText, author: AuthorKind, authorKey: String? = nil, reportVersion: Int64? = nil,
        model: Model? = nil, decoding: Decoding? = nil, leakFlags: [String] = []
    ) {
        self.text = text
        self.author = author
        self.authorKey = authorKey
        self.reportVersion = reportVersion
        self.model = model
        self.decoding = decoding
        self.leakFlags = leakFlags
    }

    /// Where it comes from, without its text: what a snapshot's record says of either answer.
    public var provenance: JSONObject {
        var object: JSONObject = ["author": .string(author.rawValue)]
        func set(_ key: String, _ value: JSONValue?) {
            if let value { object.members.append(JSONObject.Member(key, value)) }
        }
        func set(_ key: String, _ text: String?) { set(key, text.map { .string($0) }) }
        func set(_ key: String, _ number: Int?) { set(key, number.map { .number(JSONNumber($0)) }) }
        set("author_key", authorKey)
        set("base_model", model?.base)
        set("base_sha256", model?.baseSHA256)
        set("adapter", model?.adapter)
        set("adapter_sha256", model?.adapterSHA256)
        set("tokenizer_sha256", model?.tokenizerSHA256)
        set("quantisation", model?.quantisation)
        set("runtime", model?.runtime)
        set("runtime_version", model?.runtimeVersion)
        set("policy_iteration", model?.policyIteration)
        set("seed", decoding?.seed.map { String($0) })
        set("temperature", (decoding?.temperature).map { .number(JSONNumber($0)) })
        set("top_p", (decoding?.topP).map { .number(JSONNumber($0)) })
        set("max_tokens", decoding?.maxTokens)
        set("stop_reason", decoding?.stopReason)
        set("token_count", decoding?.tokenCount)
        set("latency_ms", decoding?.latencyMilliseconds)
        if !leakFlags.isEmpty { set("leak_flags", .array(leakFlags.map { .string($0) })) }
        return object
    }

    /// SHA-256 of text, provenance and report version: the same answer from another source is another candidate.
    var identity: [UInt8] {
        var digest = ContentDigest("overread candidate v1")
        digest.add(text.json.serializedBytes())
        digest.add(JSONValue.object(provenance).serializedBytes(sortedKeys: true))
        digest.add(reportVersion ?? 0)
        return digest.finished()
    }
}

extension PromptText {
    /// SHA-256 that the store knows a text by, 64 hexadecimal digits; the same text has the same one wherever it stands.
    public var digest: String {
        var digest = ContentDigest("overread prompt v1")
        digest.add(json.serializedBytes())
        return digest.finishedHex()
    }
}
