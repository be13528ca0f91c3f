import Diagnostics
import Kernels
import Transformer

/// A base model, with an adapter where one is named, and the digests of both.
struct LoadedModel {
    let model: DecoderModel
    let adapter: LoRAAdapter?
    /// SHA-256 of the model's file.
    let digest: String
    /// SHA-256 over the adapter's weights file, or nil.
    let adapterDigest: String?

    init(path: String, adapter adapterPath: String?, workers: Workers = Workers()) throws(Refusal) {
        model = try DecoderModel(path: path, workers: workers)
        digest = try Digests.mapped(model.file)
        guard let adapterPath else {
            adapter = nil
            adapterDigest = nil
            return
        }
        adapter = try LoRAAdapter(directory: adapterPath, for: model.configuration)
        adapterDigest = try Self.digest(ofAdapter: adapterPath)
    }

    /// The digest of an adapter's folder: of its configuration and its weights.
    static func digest(ofAdapter path: String) throws(Refusal) -> String {
        let configuration = try Digests.file(path.appendingPath("adapter_config.json"))
        let weights = try Digests.file(path.appendingPath("adapter_model.safetensors"))
        return Digests.text("\(configuration) \(weights)")
    }
}
