public import Kernels

/// A tensor of a GGUF file: its name, shape, type and place; its values stay in the mapped file.
public struct GGUFTensor: Sendable, Equatable {
    /// The name, such as `blk.0.attn_q.weight`.
    public let name: String
    /// The type's number in the file.
    public let typeID: UInt32
    /// The sizes in GGUF's order, the fastest-changing first: Hugging Face's `[out, in]` is `[in, out]` here.
    public let dimensions: [Int]
    /// The position of the first byte, counted from the file's start.
    public let byteOffset: Int
    /// The number of bytes that the values take, without padding.
    public let byteCount: Int

    /// The type, or nil if it is one that is known but not computed with (such as Q4_K); see ``typeName``.
    public var elementType: ElementType? { ElementType(rawValue: typeID) }
    /// The type's name in ggml, such as `Q4_1`.
    public var typeName: String { GGUFStoredType.known[typeID]?.name ?? "type \(typeID)" }
    /// The number of values in a row: the size that changes fastest.
    public var columns: Int { dimensions.first ?? 1 }
    /// The number of rows: the product of all other sizes.
    public var rows: Int { dimensions.dropFirst().reduce(1, *) }
    /// The number of values.
    public var elementCount: Int { dimensions.reduce(1, *) }
    /// The sizes in Hugging Face's order, the slowest-changing first.
    public var shape: [Int] { dimensions.reversed() }
}

/// A type that ggml stores, as far as a file's layout needs it.
struct GGUFStoredType: Sendable {
    let name: String
    let blockSize: Int
    let bytesPerBlock: Int

    /// ggml's stored types by number; the removed ones (4, 5, 31–33, 36–38) and the working types (9, 15) are absent.
    static let known: [UInt32: GGUFStoredType] = [
        0: .init(name: "F32", blockSize: 1, bytesPerBlock: 4),
        1: .init(name: "F16", blockSize: 1, bytesPerBlock: 2),
        2: .init(name: "Q4_0", blockSize: 32, bytesPerBlock: 18),
        3: .init(name: "Q4_1", blockSize: 32, bytesPerBlock: 20),
        6: .init(name: "Q5_0", blockSize: 32, bytesPerBlock: 22),
        7: .init(name: "Q5_1", blockSize: 32, bytesPerBlock: 24),
        8: .init(name: "Q8_0", blockSize: 32, bytesPerBlock: 34),
        10: .init(name: "Q2_K", blockSize: 256, bytesPerBlock: 84),
        11: .init(name: "Q3_K", blockSize: 256, bytesPerBlock: 110),
        12: .init(name: "Q4_K", blockSize: 256, bytesPerBlock: 144),
        13: .init(name: "Q5_K", blockSize: 256, bytesPerBlock: 176),
        14: .init(name: "Q6_K", blockSize: 256, bytesPerBlock: 210),
        16: .init(name: "IQ2_XXS", blockSize: 256, bytesPerBlock: 66),
        17: .init(name: "IQ2_XS", blockSize: 256, bytesPerBlock: 74),
        18: .init(name: "IQ3_XXS", blockSize: 256, bytesPerBlock: 98),
        19: .init(name: "IQ1_S", blockSize: 256, bytesPerBlock: 50),
        20: .init(name: "IQ4_NL", blockSize: 32, bytesPerBlock: 18),
        21: .init(name: "IQ3_S", blockSize: 256, bytesPerBlock: 110),
        22: .init(name: "IQ2_S", blockSize: 256, bytesPerBlock: 82),
        23: .init(name: "IQ4_XS", blockSize: 256, bytesPerBlock: 136),
        24: .init(name: "I8", blockSize: 1, bytesPerBlock: 1),
        25: .init(name: "I16", blockSize: 1, bytesPerBlock: 2),
        26: .init(name: "I32", blockSize: 1, bytesPerBlock: 4),
        27: .init(name: "I64", blockSize: 1, bytesPerBlock: 8),
        28: .init(name: "F64", blockSize: 1, bytesPerBlock: 8),
        29: .init(name: "IQ1_M", blockSize: 256, bytesPerBlock: 56),
        30: .init(name: "BF16", blockSize: 1, bytesPerBlock: 2),
        34: .init(name: "TQ1_0", blockSize: 256, bytesPerBlock: 54),
        35: .init(name: "TQ2_0", blockSize: 256, bytesPerBlock: 66),
        39: .init(name: "MXFP4", blockSize: 32, bytesPerBlock: 17),
        40: .init(name: "NVFP4", blockSize: 64, bytesPerBlock: 36),
        41: .init(name: "Q1_0", blockSize: 128, bytesPerBlock: 18),
    ]
}
