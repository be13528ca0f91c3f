/// What a run was made of: enough to make it again, and to see that two reports are not of the same thing.
public struct Provenance: Sendable, Equatable {
    /// What one stage took.
    public struct Stage: Sendable, Equatable {
        /// The stage's name.
        public var name: String
        /// Its duration.
        public var seconds: Double
        /// The process's largest resident size up to its end, in bytes; nil when not known.
        public var peakMemoryBytes: Int?

        /// Makes a stage.
        public init(name: String, seconds: Double, peakMemoryBytes: Int? = nil) {
            self.name = name
            self.seconds = seconds
            self.peakMemoryBytes = peakMemoryBytes
        }
    }

    /// One named fact.
    public struct Fact: Sendable, Equatable {
        /// The key in the JSON report, such as `base_model_sha256`.
        public var key: String
        /// The words on the page, such as `Base model, SHA-256`.
        public var label: String
        /// The value.
        public var value: String

        /// Makes a fact.
        public init(key: String, label: String, value: String) {
            self.key = key
            self.label = label
            self.value = value
        }
    }

    /// The base model's file name.
    public var baseModel: String?
    /// Its SHA-256.
    public var baseModelSHA256: String?
    /// The format of its weights, such as `Q4_1`.
    public var quantization: String?
    /// The SHA-256 of the adapter's weights.
    public var adapterSHA256: String?
    /// The digest of the snapshot of preference pairs.
    public var snapshotDigest: String?
    /// The recipe's file name.
    public var recipe: String?
    /// The digest of the recipe as run.
    public var recipeDigest: String?
    /// The recipe's seed.
    public var seed: UInt64?
    /// How texts were decoded, such as `greedy, at most 96 new tokens`.
    public var decoding: String?
    /// The program's version.
    public var programVersion: String?
    /// The BLAS library and the core type it chose.
    public var blas: String?
    /// The processor.
    public var cpu: String?
    /// How many threads computed.
    public var threads: Int?
    /// Further facts, after these.
    public var more: [Fact]
    /// What each stage took, in order.
    public var stages: [Stage]

    /// Makes a provenance; what is not known is left out.
    public init(
        baseModel: String? = nil, baseModelSHA256: String? = nil, quantization: String? = nil,
        adapterSHA256: String? = nil, snapshotDigest: String? = nil, recipe: String? = nil, recipeDigest: String? = nil,
        seed: UInt64? = nil, decoding: String? = nil, programVersion: String? = nil, blas: String? = nil,
        cpu: String? = nil, threads: Int? = nil, more: [Fact] = [], stages: [Stage] = []
    ) {
        self.baseModel = baseModel
        self.baseModelSHA256 = baseModelSHA256
        self.quantization = quantization
        self.adapterSHA256 = adapterSHA256
        self.snapshotDigest = snapshotDigest
        self.recipe = recipe
        self.recipeDigest = recipeDigest
        self.seed = seed
        self.decoding = decoding
        self.programVersion = programVersion
        self.blas = blas
        self.cpu = cpu
        self.threads = threads
        self.more = more
        self.stages = stages
    }

    /// The known facts in the order of the page.
    public var facts: [Fact] {
        let known: [(String, String, String?)] = [
            ("base_model", "Base model", baseModel), ("base_model_sha256", "Base model, SHA-256", baseModelSHA256),
            ("quantization", "Weights of the base", quantization),
            ("adapter_sha256", "Adapter, SHA-256", adapterSHA256),
            ("snapshot_digest", "Snapshot of pairs, digest", snapshotDigest), ("recipe", "Recipe", recipe),
            ("recipe_digest", "Recipe, digest", recipeDigest), ("seed", "Seed", seed.map { String($0) }),
            ("decoding", "Decoding", decoding), ("program_version", "Overread", programVersion), ("blas", "BLAS", blas),
            ("cpu", "Processor", cpu), ("threads", "Threads", threads.map { String($0) }),
        ]
        return known.compactMap { key, label, value in value.map { Fact(key: key, label: label, value: $0) } } + more
    }
}

/// One check that training and held-out cases have nothing in common.
public struct LeakageCheck: Sendable, Equatable {
    /// The key in the JSON report, such as `patients_shared`.
    public var key: String
    /// What is counted, such as `patients in both parts`.
    public var name: String
    /// How many were found; the check passes at 0.
    public var count: Int
    /// How it was looked for, in a sentence.
    public var method: String

    /// Makes a check.
    public init(key: String, name: String, count: Int, method: String) {
        self.key = key
        self.name = name
        self.count = count
        self.method = method
    }

    /// Whether nothing was found.
    public var passes: Bool { count == 0 }
}
