internal import CKernels
internal import Glibc

/// The processor's own matrix tiles (Intel's AMX): products of bf16 values at several times the speed of vectors.
///
/// `compute_dtype: bfloat16` takes each factor's value rounded, in one product. fp32 takes it as the sum of three bf16
/// parts, which has fp32's 24 bits, in the six products of parts that matter: the sums are as near to the exact ones as
/// those of an fp32 library (Henry, Tang and Heinecke 2019, arXiv 1904.06376), at up to twice its speed. PyTorch's "high"
/// precision is two parts, 16 bits, in three products.
enum MatrixTiles {
    /// The environment's `off` or `plain`.
    ///
    /// `off`: products go through the libraries, to compare, or to repeat a run of a machine without tiles. `plain`: they are
    /// computed as tiles would have them, slowly, on any processor, to test what is done with them.
    static let variable = "OVERREAD_MATRIX_TILES"

    private static let setting = getenv(variable).map { String(cString: $0).lowercased() }

    /// Whether the processor and its kernel have them.
    static let areThere = ck_has_bf16_tiles() != 0

    /// Whether products use them in this process; it does not change.
    static let areUsed = areUsed(setting, areThere: areThere)

    static func areUsed(_ setting: String?, areThere: Bool) -> Bool {
        switch setting {
        case "off": false
        case "plain": true
        default: areThere
        }
    }

    /// Whether what is laid out for them is also computed by them.
    static let run = areThere && setting != "plain"

    /// What they are called where they are used.
    static var name: String { run ? "AMX tiles" : "AMX tiles in plain loops" }
}

extension FactorForm {
    /// The form in which products of a compute type are fastest in this process.
    static func fastest(for type: ComputeType, onTiles: Bool = MatrixTiles.areUsed) -> FactorForm {
        switch type {
        case .float32: onTiles ? .tiled(parts: 3) : .full
        case .float32High: onTiles ? .tiled(parts: 2) : .full
        case .bfloat16: onTiles ? .tiled(parts: 1) : .rounded
        }
    }
}

/// Whether this process can compute bf16 products at the processor's speed.
public enum BFloat16Support: Sendable, Equatable {
    /// The processor has matrix tiles, or it has bf16 dot products and oneDNN is there.
    case ready
    /// The processor has no bf16 dot products (AVX512_BF16 or AMX).
    case noProcessor
    /// No oneDNN was found.
    case noLibrary
    /// A oneDNN was found that cannot be used: of another major version than 2 and 3, or built for its own threads.
    case unsuitableLibrary

    /// That of this process; it does not change.
    public static let current: BFloat16Support = {
        if MatrixTiles.areUsed { return .ready }
        guard ck_has_bf16_products() != 0 else { return .noProcessor }
        return switch ck_onednn() {
        case CK_ONEDNN_READY: .ready
        case CK_ONEDNN_MISSING: .noLibrary
        default: .unsuitableLibrary
        }
    }()

    /// Whether oneDNN computes the products that do not go through tiles.
    static let hasOneDNN = ck_has_bf16_products() != 0 && ck_onednn() == CK_ONEDNN_READY
}
