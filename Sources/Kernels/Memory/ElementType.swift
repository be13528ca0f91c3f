/// How the values of a stored tensor are encoded, with GGUF's type numbers as raw values.
///
/// The block sizes and layouts are those of ggml's `block_q4_0`, `block_q4_1` and `block_q8_0`: a block is a half
/// precision scale (and, for Q4_1, a half precision minimum) followed by 32 small integers.
public enum ElementType: UInt32, Sendable, CaseIterable {
    /// IEEE 754 single precision.
    case f32 = 0
    /// IEEE 754 half precision.
    case f16 = 1
    /// Blocks of 32 four-bit values with one scale: `d · (q − 8)`.
    case q4_0 = 2
    /// Blocks of 32 four-bit values with a scale and a minimum: `d · q + m`.
    case q4_1 = 3
    /// Blocks of 32 eight-bit signed values with one scale: `d · q`.
    case q8_0 = 8
    /// The upper half of an IEEE 754 single precision value.
    case bf16 = 30

    /// The number of integers that share a scale.
    static let quantisedBlock = 32

    /// The number of values in one block; 1 for the plain types.
    public var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q8_0: Self.quantisedBlock
        }
    }

    /// The number of bytes that one block takes.
    public var bytesPerBlock: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q8_0: 34
        }
    }

    /// The name that ggml and its users write, such as `Q4_1`.
    public var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q8_0: "Q8_0"
        case .bf16: "BF16"
        }
    }

    /// The bytes that `elements` values take, or nil if that is not a whole number of blocks or overflows.
    public func byteCount(elements: Int) -> Int? {
        guard elements >= 0, elements % blockSize == 0 else { return nil }
        let (bytes, overflow) = (elements / blockSize).multipliedReportingOverflow(by: bytesPerBlock)
        return overflow ? nil : bytes
    }
}
