/// How much of a JSON document is read before it is refused.
public struct JSONLimits: Sendable, Equatable {
    /// The deepest nesting that may be asked for: reading, comparing and writing a value go as deep as the value.
    public static let greatestDepth = 512

    /// Arrays and objects inside one another, at most; a scalar alone has depth 0.
    public var depth: Int
    /// Bytes of the whole document, at most.
    public var documentBytes: Int
    /// Bytes of one string or key after its escapes are resolved, at most.
    public var stringBytes: Int
    /// Bytes of one number as written, at most.
    public var numberBytes: Int

    /// Makes limits: depth 64, document 64 MiB, string 16 MiB, number 1,024 bytes, unless told otherwise.
    ///
    /// Traps when `depth` is above ``greatestDepth``.
    public init(
        depth: Int = 64, documentBytes: Int = 64 << 20, stringBytes: Int = 16 << 20, numberBytes: Int = 1024
    ) {
        precondition(
            (0...Self.greatestDepth).contains(depth), "JSON depth \(depth) is outside 0...\(Self.greatestDepth)")
        self.depth = depth
        self.documentBytes = documentBytes
        self.stringBytes = stringBytes
        self.numberBytes = numberBytes
    }
}
