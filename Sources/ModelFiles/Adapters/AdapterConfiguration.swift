/// What `adapter_config.json` says about a LoRA adapter, as far as it can be honoured here.
///
/// The change of a weight is `scale · B · A` (Hu et al. 2021, arXiv 2106.09685, section 4.1), with PEFT's names.
public struct AdapterConfiguration: Sendable, Equatable {
    /// The rank `r` of every pair of matrices; at least 1.
    public let r: Int
    /// The numerator of the scale, `lora_alpha`.
    public let loraAlpha: Double
    /// The dropout rate on the adapter's input while training, `lora_dropout`; not used afterwards.
    public let loraDropout: Double
    /// The projections that are changed, in the order of `Projection.allCases`.
    public let targetModules: [Projection]
    /// The name or path of the model that the adapter changes, `base_model_name_or_path`.
    public let baseModelNameOrPath: String?
    /// The revision of that model, `revision`.
    public let revision: String?
    /// Whether the scale is `alpha / √r` (Kalajdzievski 2023, arXiv 2312.03732) instead of `alpha / r`, `use_rslora`.
    public let usesRSLoRA: Bool

    /// Makes a configuration; `targetModules` may be in any order and must not be empty.
    public init(
        r: Int, loraAlpha: Double, loraDropout: Double = 0, targetModules: [Projection],
        baseModelNameOrPath: String? = nil, revision: String? = nil, usesRSLoRA: Bool = false
    ) {
        precondition(r >= 1, "an adapter of rank \(r); at least 1")
        precondition(loraAlpha.isFinite && loraDropout.isFinite, "lora_alpha \(loraAlpha), lora_dropout \(loraDropout)")
        precondition(!targetModules.isEmpty, "an adapter without target modules")
        self.r = r
        self.loraAlpha = loraAlpha
        self.loraDropout = loraDropout
        self.targetModules = Projection.allCases.filter { targetModules.contains($0) }
        self.baseModelNameOrPath = baseModelNameOrPath
        self.revision = revision
        self.usesRSLoRA = usesRSLoRA
    }

    /// What `B · A` is multiplied with: `alpha / r`, or `alpha / √r`.
    public var scale: Double { loraAlpha / (usesRSLoRA ? Double(r).squareRoot() : Double(r)) }
}
