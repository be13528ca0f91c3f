/// A JSON number kept as it was written, so that no digit is lost between reading and writing.
///
/// Two numbers are equal when they are written alike: `1` and `1.0` differ.
public struct JSONNumber: Sendable, Equatable {
    /// The number as written, in JSON's own grammar.
    public let literal: String

    /// The nearest double, or nil when the number is too large for one (`1e400`).
    ///
    /// A number too small for a double gives zero.
    public var double: Double? {
        guard let value = Double(literal), value.isFinite else { return nil }
        return value
    }

    /// The exact integer, or nil when the number has a fraction or an exponent or does not fit in 64 bits.
    public var int: Int? { Int(literal) }

    /// Makes an integer.
    public init(_ value: Int) {
        literal = String(value)
    }

    /// Makes the shortest decimal that reads back as the same double; traps on NaN and infinities, which JSON lacks.
    public init(_ value: Double) {
        precondition(value.isFinite, "JSON has no number for \(value)")
        literal = "\(value)"
    }

    /// Makes the shortest decimal that reads back as the same single-precision number; traps on NaN and infinities.
    public init(_ value: Float) {
        precondition(value.isFinite, "JSON has no number for \(value)")
        literal = "\(value)"
    }

    /// Takes a literal that the parser has checked.
    init(checkedLiteral: String) {
        literal = checkedLiteral
    }
}
