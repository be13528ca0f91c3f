public import Diagnostics
public import Kernels

/// A GGUF file, version 2 or 3: checked metadata and tensor places over a read-only mapping.
///
/// Opening reads and checks the whole header (ggml, `docs/gguf.md`): every length against what is left, every size
/// with checked multiplication, every tensor's place against its predecessor and the file's end. Nothing is allocated
/// on the word of a length field. The tensors' values are neither read nor copied; they are used from the mapping, so
/// ``checkIntact()`` should be called before a computation touches them.
public final class GGUFFile: Sendable {
    /// What a header may hold at most.
    public enum Limits {
        /// Key-value pairs in a file.
        public static let keys = 65_536
        /// Tensors in a file.
        public static let tensors = 65_536
        /// Bytes in a key.
        public static let keyByteCount = 65_535
        /// Bytes in a text.
        public static let stringByteCount = 16 << 20
        /// Elements in an array; arrays of arrays are not read.
        public static let arrayElements = 16 << 20
        /// Bytes in a tensor's name (ggml keeps 64 with the final NUL).
        public static let tensorNameByteCount = 63
        /// Sizes of a tensor.
        public static let dimensions = 4
        /// The greatest alignment of the data.
        public static let alignment = 65_536
    }

    /// The mapped file.
    public let file: MappedFile
    /// The format's version, 2 or 3.
    public let version: UInt32
    /// The key-value pairs.
    public let metadata: GGUFMetadata
    /// The tensors in the file's order.
    public let tensors: [GGUFTensor]
    /// The position of the first tensor's data.
    public let dataOffset: Int
    /// What every tensor's offset is a multiple of.
    public let alignment: Int
    /// The number of bytes after the last tensor and its padding; more than 0 is worth a warning.
    public let trailingByteCount: Int
    private let indices: [String: Int]

    /// Opens, maps and checks the file at `path`.
    ///
    /// - Parameter refusingTrailingBytes: whether bytes after the last tensor are refused instead of counted.
    /// - Throws: the refusals of `MappedFile` and of the code area `gguf`.
    public convenience init(path: String, refusingTrailingBytes: Bool = false) throws(Refusal) {
        try self.init(try MappedFile(path: path), refusingTrailingBytes: refusingTrailingBytes)
    }

    /// Checks a mapped file.
    public init(_ file: MappedFile, refusingTrailingBytes: Bool = false) throws(Refusal) {
        var parser = GGUFParser(file)
        let header = try parser.parse()
        self.file = file
        version = header.version
        metadata = header.metadata
        tensors = header.tensors
        dataOffset = header.dataOffset
        alignment = header.alignment
        trailingByteCount = max(0, file.byteCount - header.dataEnd)
        var indices: [String: Int] = [:]
        for (index, tensor) in header.tensors.enumerated() { indices[tensor.name] = index }
        self.indices = indices
        guard !refusingTrailingBytes || trailingByteCount == 0 else {
            throw Refusal(
                code: "gguf.trailing_bytes", at: file.location(at: header.dataEnd),
                "\(trailingByteCount) bytes follow the last tensor; none are allowed",
                mend: "download the file again, or read it without the strict setting")
        }
    }

    /// The path as it was given.
    public var path: String { file.path }

    /// The tensor with `name`, or nil.
    public func tensorIfPresent(named name: String) -> GGUFTensor? { indices[name].map { tensors[$0] } }

    /// The tensor with `name`.
    ///
    /// - Throws: `gguf.missing_tensor`, with the nearest name.
    public func tensor(named name: String) throws(Refusal) -> GGUFTensor {
        if let tensor = tensorIfPresent(named: name) { return tensor }
        let hint = NearestName.suggestion(for: name, among: tensors.map(\.name))
            .map { "; the nearest name is \(ShownText.quoted($0))" }
        throw Refusal(
            code: "gguf.missing_tensor", at: "\(path), tensor \(ShownText.quoted(name))",
            "the file has no such tensor" + (hint ?? ""), mend: "convert the model again with a current converter")
    }

    /// Refuses to go on if the file has been cut short since it was opened.
    ///
    /// - Throws: `file.shrunk`.
    public func checkIntact() throws(Refusal) { try file.checkNotShrunk() }
}
