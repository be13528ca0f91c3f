import Diagnostics
import Foundation
import ModelFiles
import StrictJSON
import Testing

@Suite("PEFT adapters")
struct AdapterTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// The model of the golden adapter.
    private let model = ModelConfiguration(
        hiddenSize: 16, intermediateSize: 24, numHiddenLayers: 2, numAttentionHeads: 4, numKeyValueHeads: 2,
        headDimension: 4, vocabularySize: 32, maxPositionEmbeddings: 64)

    private func golden() throws -> Adapter { try AdapterDirectory.read(try Golden.path("peft-adapter"), for: model) }

    @Test("PEFT's own adapter is read, with its rank, its rank-stabilised scale and its shapes")
    func reading() throws {
        let adapter = try golden()
        #expect(adapter.configuration.r == 2)
        #expect(adapter.configuration.loraAlpha == 4)
        #expect(adapter.configuration.loraDropout == 0.05)
        #expect(adapter.configuration.usesRSLoRA)
        #expect(abs(adapter.configuration.scale - 4 / 2.0.squareRoot()) < 1e-15)
        #expect(adapter.configuration.targetModules == [.q_proj, .v_proj, .down_proj])
        #expect(adapter.keys.count == 2 * 3 * 2)
        let a = try #require(adapter.matrices[AdapterKey(layer: 1, projection: .down_proj, half: .A)])
        #expect(a.rows == 2 && a.columns == 24)
        let b = try #require(adapter.matrices[AdapterKey(layer: 0, projection: .v_proj, half: .B)])
        #expect(b.rows == 8 && b.columns == 2)
        #expect(!adapter.changesNothing)
    }

    @Test("read and written again, the safetensors file is PEFT's byte for byte, and so is the configuration's subset")
    func roundTrip() throws {
        let adapter = try golden()
        let path = folder.path + "/out/adapter"
        try AdapterDirectory.write(adapter, to: path, extraFiles: [.init(name: "README.md", bytes: [0x23, 0x0A])])
        let written = [UInt8](try Data(contentsOf: URL(filePath: path + "/adapter_model.safetensors")))
        #expect(try written == Golden.bytes("peft-adapter/adapter_model.safetensors"))
        #expect(try AdapterDirectory.read(path, for: model) == adapter)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                == ["README.md", "adapter_config.json", "adapter_model.safetensors"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out") == ["adapter"])
        let ours = try json([UInt8](Data(contentsOf: URL(filePath: path + "/adapter_config.json"))))
        let peers = try json(Golden.bytes("peft-adapter/adapter_config.json"))
        for member in try #require(ours.object).members where member.key != "target_modules" {
            #expect(peers[member.key] == member.value, "\(member.key)")
        }
        #expect(ours["target_modules"] == ["down_proj", "q_proj", "v_proj"])
    }

    private func json(_ bytes: [UInt8]) throws -> JSONValue { try JSONValue(parsing: bytes, named: "config") }

    @Test("the configuration is written sorted, with indent 2")
    func configurationText() {
        let text = AdapterConfiguration(
            r: 8, loraAlpha: 16.5, targetModules: [.v_proj, .q_proj], baseModelNameOrPath: "HuggingFaceTB/SmolLM2"
        ).json().serialized(pretty: true, sortedKeys: true)
        #expect(
            text.hasPrefix("{\n  \"alpha_pattern\": {},\n  \"auto_mapping\": null,\n  \"base_model_name_or_path\": \""))
        #expect(text.contains("\"lora_alpha\": 16.5,\n  \"lora_dropout\": 0.0,\n"))
        #expect(text.contains("\"target_modules\": [\n    \"q_proj\",\n    \"v_proj\"\n  ],"))
        #expect(AdapterConfiguration(r: 8, loraAlpha: 16, targetModules: [.q_proj]).scale == 2)
    }

    // MARK: - Configurations that are refused

    private func refused(_ change: (inout JSONObject) -> Void) throws -> Refusal? {
        var object = try #require(try json(Golden.bytes("peft-adapter/adapter_config.json")).object)
        change(&object)
        let changed = JSONValue.object(object)
        return refusal { _ = try AdapterConfiguration(changed, named: "adapter_config.json") }
    }

    @Test(
        "what cannot be honoured is refused by its key",
        arguments: [
            ("use_dora", true), ("bias", "all"), ("lora_bias", true), ("rank_pattern", ["a": 4]),
            ("alpha_pattern", ["a": 4]), ("modules_to_save", ["lm_head"]), ("target_parameters", ["x"]),
            ("alora_invocation_tokens", [1]), ("use_qalora", true), ("layer_replication", [[0, 1]]),
            ("fan_in_fan_out", true), ("trainable_token_indices", [1]), ("layers_to_transform", [0]),
            ("init_lora_weights", "pissa"), ("kasa_config", ["a": 1]), ("a_future_key", 7), ("task_type", "SEQ_CLS"),
            ("peft_type", "LOHA"), ("exclude_modules", "x"),
        ] as [(String, JSONValue)])
    func unsupported(_ key: String, _ value: JSONValue) throws {
        expect(try refused { $0[key] = value }, "adapter.not_supported", "key \"\(key)\"")
    }

    @Test(
        "keys that nobody knows are accepted where they switch nothing on",
        arguments: [nil, false, [], [:]] as [JSONValue])
    func inactive(_ value: JSONValue) throws {
        #expect(try refused { $0["a_future_key"] = value } == nil)
    }

    @Test("wrong ranks, alphas and targets are refused with what was found")
    func badValues() throws {
        expect(try refused { $0["r"] = 0 }, "adapter.bad_config", "\"r\"", "number 0", "1 to 65536")
        expect(try refused { $0["lora_alpha"] = "4" }, "adapter.bad_config", "\"lora_alpha\"", "\"4\"")
        expect(try refused { $0["lora_dropout"] = 1 }, "adapter.bad_config", "\"lora_dropout\"")
        expect(try refused { $0["target_modules"] = ["lm_head"] }, "adapter.not_supported", "\"lm_head\"", "q_proj")
        expect(try refused { $0["target_modules"] = ".*q_proj" }, "adapter.bad_config", "\"target_modules\"")
        expect(try refused { $0["target_modules"] = ["q_proj", "q_proj"] }, "adapter.bad_config", "twice")
        #expect(try refused { $0["target_modules"] = "all-linear" } == nil)
    }

    @Test("an MLX adapter's configuration is told apart")
    func foreign() {
        let mlx: JSONValue = [
            "fine_tune_type": "lora", "num_layers": 4, "lora_parameters": ["rank": 8, "scale": 20.0],
        ]
        expect(
            refusal { _ = try AdapterConfiguration(mlx, named: "adapter_config.json") }, "adapter.foreign_format",
            "MLX",
            "export")
        expect(
            refusal { _ = try AdapterConfiguration([:], named: "adapter_config.json") }, "adapter.foreign_format",
            "no peft_type")
    }

    // MARK: - Adapters that do not fit

    private func written(_ adapter: Adapter, _ name: String = "a") throws -> String {
        let path = "\(folder.path)/\(name)"
        try AdapterDirectory.write(adapter, to: path)
        return path
    }

    private func changed(_ change: (inout [AdapterKey: AdapterMatrix]) -> Void) throws -> Refusal? {
        let adapter = try golden()
        var matrices = adapter.matrices
        change(&matrices)
        let path = try written(Adapter(configuration: adapter.configuration, matrices: matrices))
        return refusal { _ = try AdapterDirectory.read(path, for: model) }
    }

    private let downA = AdapterKey(layer: 1, projection: .down_proj, half: .A)

    @Test("tensors that are missing or too many are refused before any value is read")
    func names() throws {
        expect(
            try changed { $0[downA] = nil }, "adapter.missing_tensors", "1 of the 12", "layers.1.mlp.down_proj.lora_A")
        expect(
            try extraTensor(), "adapter.extra_tensors", "1 tensors", "layers.2.self_attn.q_proj.lora_A")
    }

    private func extraTensor() throws -> Refusal? {
        let path = try written(try golden(), "extra")
        let adapter = try golden()
        var matrices = adapter.matrices
        matrices[AdapterKey(layer: 2, projection: .q_proj, half: .A)] = matrices[downA]
        try AdapterDirectory.write(
            Adapter(configuration: adapter.configuration, matrices: matrices), to: path, replacing: true)
        return refusal { _ = try AdapterDirectory.read(path, for: model) }
    }

    @Test("an adapter for another base is refused at the first shape that differs")
    func otherBase() throws {
        let path = try Golden.path("peft-adapter")
        let wide = ModelConfiguration(
            hiddenSize: 16, intermediateSize: 32, numHiddenLayers: 2, numAttentionHeads: 4, numKeyValueHeads: 2,
            headDimension: 4, vocabularySize: 32, maxPositionEmbeddings: 64)
        expect(
            refusal { _ = try AdapterDirectory.read(path, for: wide) }, "adapter.wrong_base",
            "layers.0.mlp.down_proj.lora_A", "[2, 24]", "[2, 32]")
        let deep = ModelConfiguration(
            hiddenSize: 16, intermediateSize: 24, numHiddenLayers: 3, numAttentionHeads: 4, numKeyValueHeads: 2,
            headDimension: 4, vocabularySize: 32, maxPositionEmbeddings: 64)
        expect(refusal { _ = try AdapterDirectory.read(path, for: deep) }, "adapter.missing_tensors", "6 of the 18")
    }

    @Test("a rank that differs from the configuration's is refused with both")
    func rank() throws {
        expect(
            try changed { $0[downA] = AdapterMatrix(rows: 3, columns: 24, values: [Float](repeating: 1, count: 72)) },
            "adapter.wrong_rank", "rank is 3", "r = 2")
    }

    @Test("an adapter with no tensor that fits, with mixed types, or with NaN is refused")
    func values() throws {
        let path = try written(try golden())
        func rewritten(_ type: SafetensorsType, value: [UInt8], only: String? = nil) throws -> Refusal? {
            var writer = SafetensorsWriter()
            for (key, rows, columns) in Adapter.expectedShapes(try golden().configuration, for: model) {
                let isChanged = only == nil || key.peftName.contains(only ?? "")
                let data = isChanged ? value : [0, 0, 0, 0]
                let bytes = (0..<rows * columns).flatMap { _ in data }
                writer.add(key.peftName, shape: [rows, columns], type: isChanged ? type : .f32, bytes: bytes)
            }
            try writer.write(to: path + "/adapter_model.safetensors")
            return refusal { _ = try AdapterDirectory.read(path, for: model) }
        }
        #expect(try rewritten(.bf16, value: [0x80, 0x3F]) == nil)
        expect(try rewritten(.f16, value: [0, 0], only: "layers.1"), "adapter.wrong_type", "F16, F32")
        expect(try rewritten(.i32, value: [0, 0, 0, 0]), "adapter.wrong_type", "I32")
        expect(
            try rewritten(.f32, value: [0, 0, 0xC0, 0x7F], only: "layers.1.self_attn.q_proj.lora_B"),
            "adapter.not_finite",
            "32 of 32", "layers.1.self_attn.q_proj.lora_B")
        var none = SafetensorsWriter()
        none.add("layers.0.attention.lora_a", shape: [1], floats: [1])
        try none.write(to: path + "/adapter_model.safetensors")
        expect(refusal { _ = try AdapterDirectory.read(path, for: model) }, "adapter.no_match", "none of its 1 tensors")
    }

    // MARK: - Writing

    @Test("an adapter that changes nothing is refused on request, as a stop of the training")
    func unchanged() throws {
        let adapter = try golden()
        let zero = adapter.matrices.mapValues {
            AdapterMatrix(rows: $0.rows, columns: $0.columns, values: [Float](repeating: 0, count: $0.values.count))
        }
        let path = folder.path + "/zero"
        let refused = refusal {
            try AdapterDirectory.write(
                Adapter(configuration: adapter.configuration, matrices: zero), to: path, refusingUnchanged: true)
        }
        expect(refused, "adapter.unchanged", "the adapter changes nothing")
        #expect(refused?.kind == .trainingStopped)
        #expect(!FileManager.default.fileExists(atPath: path))
        try AdapterDirectory.write(adapter, to: path, refusingUnchanged: true)
    }

    @Test("NaN is never written")
    func notFinite() throws {
        let adapter = try golden()
        var matrices = adapter.matrices
        matrices[downA] = AdapterMatrix(rows: 2, columns: 24, values: [Float](repeating: .nan, count: 48))
        let refused = refusal {
            try AdapterDirectory.write(
                Adapter(configuration: adapter.configuration, matrices: matrices), to: folder.path + "/nan")
        }
        expect(refused, "adapter.not_finite", "48 values", "down_proj.lora_A")
        #expect(refused?.kind == .trainingStopped)
    }

    @Test("a filled folder is replaced only on request and only if it holds an adapter")
    func replacing() throws {
        let adapter = try golden()
        let path = try written(adapter)
        expect(refusal { try AdapterDirectory.write(adapter, to: path) }, "adapter.target_not_empty", "not empty")
        _ = try folder.file("a/old.txt", [1])
        try AdapterDirectory.write(adapter, to: path, replacing: true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
        try FileManager.default.createDirectory(atPath: folder.path + "/other", withIntermediateDirectories: false)
        try AdapterDirectory.write(adapter, to: folder.path + "/other")
        let foreign = try TemporaryFolder()
        _ = try foreign.file("x", [1])
        expect(
            refusal { try AdapterDirectory.write(adapter, to: foreign.path, replacing: true) },
            "adapter.target_not_empty", "holds no adapter")
        #expect(FileManager.default.fileExists(atPath: foreign.path + "/x"))
    }

    @Test("further files have plain names", arguments: ["../x", "a/b", ".x", "", "adapter_config.json", "a\nb"])
    func extraNames(_ name: String) throws {
        let adapter = try golden()
        expect(
            refusal {
                try AdapterDirectory.write(
                    adapter, to: folder.path + "/b", extraFiles: [.init(name: name, bytes: [])])
            }, "adapter.bad_name")
    }

    @Test("a pickle is not read")
    func pickle() throws {
        let path = try written(try golden())
        try FileManager.default.moveItem(
            atPath: path + "/adapter_model.safetensors", toPath: path + "/adapter_model.bin")
        expect(refusal { _ = try AdapterDirectory.read(path, for: model) }, "adapter.foreign_format", "pickle")
    }
}
