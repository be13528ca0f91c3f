/// A tensor's type in a safetensors file; the raw values are the names in the header.
///
/// The order is the reference implementation's (`safetensors/src/tensor.rs`, `Dtype`), by which its writer sorts. Its
/// types of less than a byte (F4, F6) are not read.
public enum SafetensorsType: String, Sendable, CaseIterable {
    /// Flags, integers and floating point numbers of the named width in bits.
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f8e5m2 = "F8_E5M2"
    case f8e4m3 = "F8_E4M3"
    case f8e8m0 = "F8_E8M0"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case c64 = "C64"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"

    /// The bytes that one value takes.
    public var byteCount: Int {
        switch self {
        case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0: 1
        case .i16, .u16, .f16, .bf16: 2
        case .i32, .u32, .f32: 4
        case .c64, .f64, .i64, .u64: 8
        }
    }

    /// The type's place in the reference's order; its writer puts the greatest first.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A tensor of a safetensors file: its name, shape, type and place.
public struct SafetensorsTensor: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The type.
    public let type: SafetensorsType
    /// The sizes, row-major, the slowest-changing first; empty for a single value.
    public let shape: [Int]
    /// The bytes of the file that hold the values.
    public let bytes: Range<Int>

    /// The number of values.
    public var elementCount: Int { shape.reduce(1, *) }
}
