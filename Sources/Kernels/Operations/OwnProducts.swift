internal import CKernels

/// Which of our own products this process uses; it does not change.
struct OwnProducts: Sendable, Equatable {
    /// Those on matrix tiles.
    var tiles: Bool
    /// Those of bf16 factors in the tiles' order, on tiles or through dot products.
    var bfloat16: Bool
    /// Those of fp32 weights in panels: a tenth faster than a library that packs a weight for each product, where the
    /// processor has vectors of 512 bits (x86-64-v4).
    var panels: Bool

    static let inUse = OwnProducts(
        tiles: MatrixTiles.areUsed, bfloat16: MatrixTiles.areUsedForBFloat16,
        panels: MatrixTiles.areUsed(
            MatrixTiles.setting, areThere: ck_cpu_level().map { String(cString: $0) } == "x86-64-v4"))
}

extension FactorForm {
    /// The form in which products of a compute type are fastest in this process.
    static func fastest(for type: ComputeType, with own: OwnProducts = .inUse) -> FactorForm {
        switch type {
        case .float32: own.tiles ? .tiled(parts: 3) : own.panels ? .panels : .full
        case .float32High: own.tiles ? .tiled(parts: 2) : own.panels ? .panels : .full
        case .bfloat16: own.bfloat16 ? .tiled(parts: 1) : .rounded
        }
    }

    /// What computes products of this form.
    var engineName: String {
        switch self {
        case .full: "OpenBLAS"
        case .panels: "AVX-512 vectors"
        case .rounded: BFloat16Support.hasOneDNN ? ck_onednn_name().map { String(cString: $0) } ?? "unknown" : "fp32"
        case .tiled(let parts): MatrixTiles.name(parts: parts)
        }
    }
}
