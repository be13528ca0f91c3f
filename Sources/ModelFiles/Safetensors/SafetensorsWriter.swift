public import Diagnostics
import Kernels
import StrictJSON

/// Collects tensors and writes them as a safetensors file, byte for byte as the reference implementation does.
///
/// The reference sorts by type, the greatest first, then by name, and pads the header with spaces to a multiple of 8.
/// Its `__metadata__` pairs are sorted here by key, so that the same content is the same file everywhere.
public struct SafetensorsWriter: Sendable {
    private struct Entry: Sendable {
        var name: String
        var type: SafetensorsType
        var shape: [Int]
        var bytes: [UInt8]
    }

    private var entries: [Entry] = []
    private var names: Set<String> = []
    private let metadata: [(key: String, value: String)]

    /// An empty file with `metadata` pairs.
    public init(metadata: [String: String] = [:]) {
        self.metadata = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { (key: $0.key, value: $0.value) }
    }

    /// Adds a tensor of single precision values, row-major; `shape` has the slowest-changing size first.
    ///
    /// Traps when the number of values is not the shape's, or a tensor of that name is there already.
    public mutating func add(_ name: String, shape: [Int], floats: [Float]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * floats.count)
        for value in floats {
            let bits = value.bitPattern
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
        }
        add(name, shape: shape, type: .f32, bytes: bytes)
    }

    /// Adds a tensor of any type from its little-endian, row-major bytes.
    ///
    /// Traps when the number of bytes is not the shape's, or a tensor of that name is there already.
    public mutating func add(_ name: String, shape: [Int], type: SafetensorsType, bytes: [UInt8]) {
        let needed = shape.reduce(type.byteCount, *)
        precondition(bytes.count == needed, "tensor of shape \(shape): \(bytes.count) bytes given, \(needed) needed")
        precondition(names.insert(name).inserted && name != "__metadata__", "the tensor name \(name) is taken")
        entries.append(Entry(name: name, type: type, shape: shape, bytes: bytes))
    }

    /// The whole file's bytes.
    public func serialized() -> [UInt8] {
        let sorted = entries.sorted {
            $0.type.rank != $1.type.rank
                ? $0.type.rank > $1.type.rank : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        var members: [JSONObject.Member] = []
        if !metadata.isEmpty {
            let pairs = metadata.map { JSONObject.Member($0.key, .string($0.value)) }
            members.append(JSONObject.Member("__metadata__", .object(JSONObject(pairs))))
        }
        var offset = 0
        for entry in sorted {
            let range: [JSONValue] = [.number(JSONNumber(offset)), .number(JSONNumber(offset + entry.bytes.count))]
            offset += entry.bytes.count
            members.append(
                JSONObject.Member(
                    entry.name,
                    .object([
                        "dtype": .string(entry.type.rawValue),
                        "shape": .array(entry.shape.map { .number(JSONNumber($0)) }), "data_offsets": .array(range),
                    ])))
        }
        var header = JSONValue.object(JSONObject(members)).serializedBytes()
        header.append(contentsOf: repeatElement(0x20, count: (8 - header.count % 8) % 8))
        var file: [UInt8] = []
        file.reserveCapacity(8 + header.count + offset)
        for byte in 0..<8 { file.append(UInt8(truncatingIfNeeded: header.count >> (8 * byte))) }
        file.append(contentsOf: header)
        for entry in sorted { file.append(contentsOf: entry.bytes) }
        return file
    }

    /// Writes the file so that after a crash the old content or the new is there, never a part.
    ///
    /// - Throws: `disk.full`, `file.not_written`.
    public func write(to path: String) throws(Refusal) { try DurableFile.write(serialized(), to: path) }
}
