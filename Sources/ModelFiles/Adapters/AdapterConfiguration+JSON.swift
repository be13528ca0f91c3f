public import Diagnostics
public import StrictJSON

extension AdapterConfiguration {
    /// `adapter_config.json`: the small set of keys that old and new versions of PEFT read, indent 2, sorted.
    public func json() -> JSONValue {
        let alpha = Int(exactly: loraAlpha).map { JSONNumber($0) } ?? JSONNumber(loraAlpha)
        let modules = targetModules.map(\.rawValue).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return [
            "alpha_pattern": [:],
            "auto_mapping": nil,
            "base_model_name_or_path": baseModelNameOrPath.map { .string($0) } ?? .null,
            "bias": "none",
            "fan_in_fan_out": false,
            "inference_mode": true,
            "init_lora_weights": true,
            "lora_alpha": .number(alpha),
            "lora_dropout": .number(JSONNumber(loraDropout)),
            "modules_to_save": nil,
            "peft_type": "LORA",
            "r": .number(JSONNumber(r)),
            "rank_pattern": [:],
            "revision": revision.map { .string($0) } ?? .null,
            "target_modules": .array(modules.map { .string($0) }),
            "task_type": "CAUSAL_LM",
            "use_dora": false,
            "use_rslora": .bool(usesRSLoRA),
        ]
    }

    /// Reads `adapter_config.json`, refusing by name whatever would change the adapter's meaning and is not computed.
    ///
    /// Keys that nobody here knows are accepted only where they switch nothing on: null, false, or empty.
    ///
    /// - Throws: `adapter.foreign_format`, `adapter.bad_config`, `adapter.not_supported`.
    public init(_ json: JSONValue, named name: String) throws(Refusal) {
        let reader = AdapterConfigurationReader(json, named: name)
        try reader.checkFormat()
        try reader.refuseUnsupported()
        self = try reader.read()
    }
}

/// Reads one `adapter_config.json`.
struct AdapterConfigurationReader {
    private let json: JSONValue
    private let name: String

    init(_ json: JSONValue, named name: String) {
        self.json = json
        self.name = name
    }

    func checkFormat() throws(Refusal) {
        guard json.object != nil else {
            throw Refusal(
                code: "adapter.bad_config", at: name, "it is \(json.kindName); a JSON object is needed",
                mend: "give the folder of a PEFT adapter")
        }
        if json["peft_type"] == nil {
            let isMLX = json["fine_tune_type"] != nil || json["lora_parameters"] != nil
            throw Refusal(
                code: "adapter.foreign_format", at: name,
                isMLX
                    ? "it is an MLX adapter's (fine_tune_type, lora_parameters), whose scale and matrices mean something else"
                    : "it has no peft_type, so it is not a PEFT adapter's",
                mend: "export the adapter in PEFT's format")
        }
        try demand("peft_type", "LORA")
        if let task = json["task_type"], !task.isNull { try demand("task_type", "CAUSAL_LM") }
    }

    /// Keys that are read here, or say nothing about the arithmetic of a finished adapter.
    private static let understood: Set<String> = [
        "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "fan_in_fan_out", "inference_mode",
        "init_lora_weights", "lora_alpha", "lora_dropout", "peft_type", "peft_version", "r", "rank_pattern", "revision",
        "target_modules", "task_type", "use_rslora", "megatron_config", "megatron_core", "qalora_group_size",
        "ensure_weight_tying", "layers_pattern", "runtime_config", "eva_config",
    ]

    func refuseUnsupported() throws(Refusal) {
        try demand("bias", "none")
        for key in ["alpha_pattern", "rank_pattern", "fan_in_fan_out"] where isActive(json[key]) {
            throw notSupported(key, "it is set and not computed")
        }
        // Other ways to initialise (pissa, olora, corda, loftq, lora_ga) also change the base model's weights.
        switch json["init_lora_weights"] {
        case nil, .bool?, .null?, .string("gaussian")?, .string("orthogonal")?, .string("eva")?: break
        default: throw notSupported("init_lora_weights", "it changes the base model too, which is not computed")
        }
        for key in json.object?.keys ?? [] where !Self.understood.contains(key) && isActive(json[key]) {
            throw notSupported(key, "it is set, and it is not computed here")
        }
    }

    func read() throws(Refusal) -> AdapterConfiguration {
        guard let rank = json["r"]?.int, (1...65_536).contains(rank) else {
            throw bad("r", "an integer from 1 to 65536 is needed")
        }
        guard let alpha = json["lora_alpha"]?.double, alpha.isFinite else {
            throw bad("lora_alpha", "a finite number is needed")
        }
        let dropout = json["lora_dropout"].map { $0.double ?? .nan } ?? 0
        guard dropout >= 0 && dropout < 1 else { throw bad("lora_dropout", "a number from 0 to below 1 is needed") }
        return AdapterConfiguration(
            r: rank, loraAlpha: alpha, loraDropout: dropout, targetModules: try targetModules(),
            baseModelNameOrPath: try optionalText("base_model_name_or_path"), revision: try optionalText("revision"),
            usesRSLoRA: try optionalFlag("use_rslora"))
    }

    private func targetModules() throws(Refusal) -> [Projection] {
        let names = Projection.allCases.map(\.rawValue)
        if json["target_modules"]?.string == "all-linear" { return Projection.allCases }
        guard let elements = json["target_modules"]?.array, !elements.isEmpty else {
            throw bad("target_modules", "a list of \(names.joined(separator: ", ")) is needed")
        }
        var modules: [Projection] = []
        for element in elements {
            guard let text = element.string, let module = Projection(rawValue: text) else {
                let found = element.string.map { ShownText.quoted($0) } ?? element.kindName
                throw notSupported(
                    "target_modules", "\(found) is not adapted here; \(names.joined(separator: ", ")) are")
            }
            guard !modules.contains(module) else { throw bad("target_modules", "\(text) appears twice") }
            modules.append(module)
        }
        return modules
    }

    private func optionalText(_ key: String) throws(Refusal) -> String? {
        guard let value = json[key], !value.isNull else { return nil }
        guard let text = value.string else { throw bad(key, "a string or null is needed") }
        return text
    }

    private func optionalFlag(_ key: String) throws(Refusal) -> Bool {
        guard let value = json[key], !value.isNull else { return false }
        guard let flag = value.bool else { throw bad(key, "true or false is needed") }
        return flag
    }

    /// Whether a value switches something on: it is not null, false, an empty list or an empty object.
    private func isActive(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null?, .bool(false)?: false
        case .array(let elements)?: !elements.isEmpty
        case .object(let object)?: !object.members.isEmpty
        default: true
        }
    }

    private func demand(_ key: String, _ wanted: String) throws(Refusal) {
        guard let value = json[key] else { return }
        guard value.string == wanted else {
            throw notSupported(
                key, "it is \(value.string.map { ShownText.quoted($0) } ?? value.kindName); \"\(wanted)\" is read")
        }
    }

    private func notSupported(_ key: String, _ words: String) -> Refusal {
        Refusal(
            code: "adapter.not_supported", at: "\(name), key \(ShownText.quoted(key))", words,
            mend: "merge the adapter with PEFT, or train one without it")
    }

    private func bad(_ key: String, _ words: String) -> Refusal {
        let found = json[key].map { $0.string.map { ShownText.quoted($0) } ?? $0.kindName } ?? "missing"
        let literal = if case .number(let number)? = json[key] { " \(number.literal)" } else { "" }
        return Refusal(
            code: "adapter.bad_config", at: "\(name), key \(ShownText.quoted(key))",
            "it is \(found)\(literal); \(words)",
            mend: "correct the key, or export the adapter again")
    }
}
