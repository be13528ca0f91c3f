internal import CKernels
internal import Glibc

/// Products in the order of the processor's own matrix tiles (Intel's AMX), which multiply bf16 values at several times the
/// speed of vectors.
///
/// `compute_dtype: bfloat16` takes each factor's value rounded, in one product; where there are no tiles but bf16 dot
/// products (AVX512_BF16), these take the same order at twice the speed of fp32. fp32 takes a value as the sum of three
/// bf16 parts, which has fp32's 24 bits, in the six products of parts that matter: the sums are as near to the exact ones
/// as those of an fp32 library (Henry, Tang and Heinecke 2019, arXiv 1904.06376), at up to twice its speed. PyTorch's
/// "high" precision is two parts, 16 bits, in three products.
enum MatrixTiles {
    /// The environment's `off` or `plain`.
    ///
    /// `off`: products go through the libraries, to compare, or to repeat a run of a machine without tiles. `plain`: they are
    /// computed as tiles would have them, slowly, on any processor, to test what is done with them.
    static let variable = "OVERREAD_MATRIX_TILES"

    static let setting = getenv(variable).map { String(cString: $0).lowercased() }

    /// Whether the processor and its kernel have them.
    static let areThere = ck_has_bf16_tiles() != 0

    /// Whether products of any type use them in this process; it does not change.
    static let areUsed = areUsed(setting, areThere: areThere)

    /// Whether bf16 products use their order in this process, on tiles or through vectors; it does not change.
    static let areUsedForBFloat16 = areUsed(setting, areThere: areThere || ck_has_bf16_products() != 0)

    static func areUsed(_ setting: String?, areThere: Bool) -> Bool {
        switch setting {
        case "off": false
        case "plain": true
        default: areThere
        }
    }

    /// Whether what is laid out for them is also computed by them.
    static let run = areThere && setting != "plain"

    /// What computes products of factors of so many parts.
    static func engine(parts: Int) -> ck_tile_engine {
        if run { return CK_ENGINE_TILES }
        return parts == 1 && ck_has_bf16_products() != 0 && setting != "plain" ? CK_ENGINE_VECTORS : CK_ENGINE_PLAIN
    }

    /// What it is called where it is used.
    static func name(parts: Int) -> String {
        switch engine(parts: parts) {
        case CK_ENGINE_TILES: "AMX tiles"
        case CK_ENGINE_VECTORS: "AVX512_BF16 vectors"
        default: "AMX tiles in plain loops"
        }
    }
}

/// Whether this process can compute bf16 products at the processor's speed.
public enum BFloat16Support: Sendable, Equatable {
    /// The processor has bf16 dot products or matrix tiles.
    case ready
    /// The processor has no bf16 dot products (AVX512_BF16 or AMX).
    case noProcessor
    /// Products are to go through the libraries, and no oneDNN was found.
    case noLibrary
    /// They are to, and a oneDNN was found that cannot be used: of another major version than 2 and 3, or built for its
    /// own threads.
    case unsuitableLibrary

    /// That of this process; it does not change.
    public static let current: BFloat16Support = {
        if MatrixTiles.areUsedForBFloat16 { return .ready }
        guard ck_has_bf16_products() != 0 else { return .noProcessor }
        return switch ck_onednn() {
        case CK_ONEDNN_READY: .ready
        case CK_ONEDNN_MISSING: .noLibrary
        default: .unsuitableLibrary
        }
    }()

    /// Whether oneDNN computes the products that do not use the order of tiles.
    static let hasOneDNN = ck_has_bf16_products() != 0 && ck_onednn() == CK_ONEDNN_READY
}
