public import Diagnostics
public import Kernels

/// A safetensors file: a checked header over data that is copied out tensor by tensor.
///
/// At least as strict as the reference implementation (huggingface/safetensors, `tensor.rs`): offsets start at 0, leave
/// no gap, do not overlap and end with the file; names appear once; only spaces follow the header's JSON.
public final class SafetensorsFile: Sendable {
    /// The most bytes a header may have; the reference allows 100,000,000, which would be several gigabytes in memory.
    public static let greatestHeaderByteCount = 16 << 20

    /// The mapped file.
    public let file: MappedFile
    /// The tensors, in the order of their data.
    public let tensors: [SafetensorsTensor]
    /// The `__metadata__` pairs, sorted by key.
    public let metadata: [(key: String, value: String)]
    private let indices: [String: Int]

    /// Opens and checks the file at `path`.
    ///
    /// - Throws: the refusals of `MappedFile` and of the code area `safetensors`.
    public convenience init(path: String) throws(Refusal) { try self.init(try MappedFile(path: path)) }

    /// Checks a mapped file.
    public init(_ file: MappedFile) throws(Refusal) {
        let header = try SafetensorsHeaderReader(file).read()
        self.file = file
        tensors = header.tensors
        metadata = header.metadata
        var indices: [String: Int] = [:]
        for (index, tensor) in header.tensors.enumerated() { indices[tensor.name] = index }
        self.indices = indices
    }

    /// The tensors' names in byte order.
    public var names: [String] {
        tensors.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The value of a `__metadata__` key, or nil.
    public func metadataValue(_ key: String) -> String? { metadata.first { $0.key == key }?.value }

    /// The tensor with `name`, or nil.
    public func tensorIfPresent(named name: String) -> SafetensorsTensor? { indices[name].map { tensors[$0] } }

    /// The tensor with `name`.
    ///
    /// - Throws: `safetensors.missing_tensor`, with the nearest name.
    public func tensor(named name: String) throws(Refusal) -> SafetensorsTensor {
        if let tensor = tensorIfPresent(named: name) { return tensor }
        let hint = NearestName.suggestion(for: name, among: names)
            .map { "; the nearest name is \(ShownText.quoted($0))" }
        throw Refusal(
            code: "safetensors.missing_tensor", at: location(name), "the file has no such tensor" + (hint ?? ""),
            mend: "check that this is the file that was meant")
    }

    /// The shape of the tensor with `name`, the slowest-changing size first.
    public func shape(named name: String) throws(Refusal) -> [Int] { try tensor(named: name).shape }

    /// The bytes of the tensor with `name`, little-endian, row-major.
    public func bytes(named name: String) throws(Refusal) -> [UInt8] {
        try file.bytes(in: try tensor(named: name).bytes)
    }

    /// The values of the F32, F16 or BF16 tensor with `name`, row-major; NaN and infinities are returned as they are.
    ///
    /// - Throws: `safetensors.missing_tensor`, `safetensors.wrong_type`, `file.shrunk`.
    public func floats(named name: String) throws(Refusal) -> [Float] {
        let tensor = try tensor(named: name)
        let bytes = try file.bytes(in: tensor.bytes)
        func half(_ index: Int) -> UInt16 { UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8 }
        switch tensor.type {
        case .f32:
            return (0..<bytes.count / 4).map { index in
                let low = UInt32(bytes[4 * index]) | UInt32(bytes[4 * index + 1]) << 8
                let high = UInt32(bytes[4 * index + 2]) | UInt32(bytes[4 * index + 3]) << 8
                return Float(bitPattern: low | high << 16)
            }
        case .bf16: return (0..<bytes.count / 2).map { Float(bitPattern: UInt32(half($0)) << 16) }
        case .f16: return (0..<bytes.count / 2).map { HalfPrecision.float(half($0)) }
        default:
            throw Refusal(
                code: "safetensors.wrong_type", at: location(name),
                "its type is \(tensor.type.rawValue); F32, F16 and BF16 are read as numbers",
                mend: "save it as F32")
        }
    }

    /// How a tensor of this file is named in messages.
    func location(_ name: String) -> String { "\(file.path), tensor \(ShownText.quoted(name))" }
}

/// IEEE 754 half precision, decoded in integer arithmetic so that it needs no hardware or library support.
enum HalfPrecision {
    /// The single precision value with the same value as `bits`, exactly; NaN payloads are kept.
    static func float(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return sign == 0 ? magnitude : -magnitude
        case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
