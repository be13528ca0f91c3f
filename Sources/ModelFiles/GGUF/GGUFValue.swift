/// The type of a metadata value, as GGUF numbers it.
public enum GGUFValueType: UInt32, Sendable, CaseIterable {
    /// Integers, `bool` (one byte, 0 or 1), floating point, text and arrays; GGUF specification, "Metadata".
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// The bytes that one value takes, or nil for text and arrays.
    public var byteCount: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The name that messages use, such as `u32`.
    public var name: String {
        switch self {
        case .uint8: "u8"
        case .int8: "i8"
        case .uint16: "u16"
        case .int16: "i16"
        case .uint32: "u32"
        case .int32: "i32"
        case .float32: "f32"
        case .bool: "bool"
        case .string: "string"
        case .array: "array"
        case .uint64: "u64"
        case .int64: "i64"
        case .float64: "f64"
        }
    }
}

/// A metadata value; arrays are kept as the place of their elements and decoded when they are asked for.
public enum GGUFValue: Sendable, Equatable {
    /// A value of one of the unsigned types.
    case unsigned(UInt64)
    /// A value of one of the signed types.
    case signed(Int64)
    /// A value of one of the floating point types.
    case float(Double)
    /// A flag.
    case bool(Bool)
    /// A text.
    case string(String)
    /// An array of values that are not arrays themselves.
    case array(GGUFArray)
}

/// An array in the metadata: what it holds and where.
public struct GGUFArray: Sendable, Equatable {
    /// The type of every element.
    public let elementType: GGUFValueType
    /// The number of elements.
    public let count: Int
    /// The bytes of the file that hold the elements; for texts, each with its length before it.
    public let bytes: Range<Int>
}
