import Diagnostics
import Kernels

extension GGUFParser {
    /// A tensor's info as it stands in the file, with its size worked out.
    struct DeclaredTensor {
        var name: String
        var typeID: UInt32
        var dimensions: [Int]
        var byteCount: Int
        /// The offset from the start of the data, as claimed.
        var relativeOffset: UInt64
    }

    mutating func readTensorInfos(_ count: Int) throws(Refusal) -> [DeclaredTensor] {
        var tensors: [DeclaredTensor] = []
        var offsets: [String: Int] = [:]
        for _ in 0..<count {
            let position = reader.offset
            let name = try reader.string("a tensor's name", limit: GGUFFile.Limits.keyByteCount)
            try checkName(name, at: position)
            if let first = offsets.updateValue(position, forKey: name) {
                throw Refusal(
                    code: "gguf.duplicate_tensor", at: file.location(at: position),
                    "the tensor \(ShownText.quoted(name)) appears twice, first at byte \(first)", mend: Self.mend)
            }
            let dimensions = try readDimensions(name)
            let typeID = try reader.u32()
            let byteCount = try byteCount(name, typeID, dimensions)
            tensors.append(
                .init(
                    name: name, typeID: typeID, dimensions: dimensions, byteCount: byteCount,
                    relativeOffset: try reader.u64()))
        }
        return tensors
    }

    /// Checks that the tensors lie one after the other, padded to the alignment, and inside the file.
    func place(
        _ declared: [DeclaredTensor], from dataOffset: Int, alignment: Int
    ) throws(Refusal) -> ([GGUFTensor], dataEnd: Int) {
        var tensors: [GGUFTensor] = []
        tensors.reserveCapacity(declared.count)
        var expected = 0
        for tensor in declared {
            guard tensor.relativeOffset == UInt64(expected) else {
                let before = tensors.last.map { "after tensor \(ShownText.quoted($0.name))" } ?? "at the data's start"
                throw refusal(
                    "bad_offset", tensor.name,
                    "its offset is \(tensor.relativeOffset); \(expected) is needed, \(before)"
                        + (tensor.relativeOffset % UInt64(alignment) == 0 ? "" : ", a multiple of \(alignment)"))
            }
            let (end, overflow) = expected.addingReportingOverflow(tensor.byteCount)
            guard !overflow, end < Int.max - dataOffset - alignment else {
                throw refusal("size_overflow", tensor.name, "the sizes of the tensors up to this one overflow")
            }
            tensors.append(
                GGUFTensor(
                    name: tensor.name, typeID: tensor.typeID, dimensions: tensor.dimensions,
                    byteOffset: dataOffset + expected, byteCount: tensor.byteCount))
            expected = Self.padded(end, to: alignment)
        }
        let needed = tensors.last.map { $0.byteOffset + $0.byteCount } ?? 0
        guard needed <= file.byteCount else {
            let cut = tensors.first { $0.byteOffset + $0.byteCount > file.byteCount }
            throw Refusal(
                code: "gguf.truncated", at: "\(file.path), tensor \(ShownText.quoted(cut?.name ?? ""))",
                "truncated: needs \(needed) bytes, has \(file.byteCount) (missing \(needed - file.byteCount))",
                mend: "download the file again and compare its sha256 with the publisher's")
        }
        return (tensors, declared.isEmpty ? reader.offset : dataOffset + expected)
    }

    private func refusal(_ problem: String, _ tensor: String, _ words: String) -> Refusal {
        Refusal(code: "gguf.\(problem)", at: "\(file.path), tensor \(ShownText.quoted(tensor))", words, mend: Self.mend)
    }

    private func checkName(_ name: String, at position: Int) throws(Refusal) {
        let problem: String? =
            if name.isEmpty {
                "is empty"
            } else if name.utf8.count > GGUFFile.Limits.tensorNameByteCount {
                "has \(name.utf8.count) bytes; at most \(GGUFFile.Limits.tensorNameByteCount) are allowed"
            } else if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                "has control characters"
            } else if name.utf8.contains(UInt8(ascii: "/")) || Self.hasTwoDots(name) {
                "has a \"/\" or \"..\" in it"
            } else {
                nil
            }
        guard let problem else { return }
        throw Refusal(
            code: "gguf.bad_tensor_name", at: file.location(at: position),
            "a tensor's name \(name.isEmpty ? "" : ShownText.quoted(name) + " ")\(problem)", mend: Self.mend)
    }

    private static func hasTwoDots(_ name: String) -> Bool {
        zip(name.utf8, name.utf8.dropFirst()).contains { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: ".") }
    }

    private mutating func readDimensions(_ name: String) throws(Refusal) -> [Int] {
        let count = try reader.u32()
        guard count <= UInt32(GGUFFile.Limits.dimensions) else {
            throw refusal(
                "bad_shape", name, "it claims \(count) dimensions; at most \(GGUFFile.Limits.dimensions) are allowed")
        }
        var dimensions: [Int] = []
        var elements = 1
        for index in 0..<Int(count) {
            let claimed = try reader.u64()
            guard let dimension = Int(exactly: claimed) else {
                throw refusal(
                    "bad_shape", name, "dimension \(index + 1) is \(claimed), negative as a 64-bit integer")
            }
            let (product, overflow) = elements.multipliedReportingOverflow(by: max(dimension, 1))
            guard !overflow else {
                throw refusal("size_overflow", name, "the element count overflows at dimension \(index + 1)")
            }
            elements = product
            dimensions.append(dimension)
        }
        return dimensions
    }

    private func byteCount(_ name: String, _ typeID: UInt32, _ dimensions: [Int]) throws(Refusal) -> Int {
        guard let type = GGUFStoredType.known[typeID] else {
            let read = ElementType.allCases.map(\.name).joined(separator: ", ")
            throw Refusal(
                code: "gguf.unknown_type", at: "\(file.path), tensor \(ShownText.quoted(name))",
                "its type \(typeID) is unknown or was removed from ggml; \(read) are read",
                mend: "convert the model to Q8_0 or F16")
        }
        let row = dimensions.first ?? 1
        guard row % type.blockSize == 0 else {
            let below = row / type.blockSize * type.blockSize
            let nearest = row - below < type.blockSize - (row - below) && below > 0 ? below : below + type.blockSize
            throw refusal(
                "bad_shape", name,
                "its rows have \(row) values, not a whole number of \(type.name) blocks of "
                    + "\(type.blockSize); the nearest valid length is \(nearest)")
        }
        let elements = dimensions.reduce(1, *)
        let (bytes, overflow) = (elements / type.blockSize).multipliedReportingOverflow(by: type.bytesPerBlock)
        guard !overflow else {
            throw refusal("size_overflow", name, "\(elements) values of \(type.name) overflow a byte count")
        }
        return bytes
    }
}
