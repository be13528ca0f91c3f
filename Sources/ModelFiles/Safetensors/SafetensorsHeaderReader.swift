import Diagnostics
import Kernels
import StrictJSON

/// Reads and checks a safetensors header.
struct SafetensorsHeaderReader {
    let file: MappedFile
    private static let mend = "get the file again from its source"

    init(_ file: MappedFile) { self.file = file }

    func read() throws(Refusal) -> (tensors: [SafetensorsTensor], metadata: [(key: String, value: String)]) {
        var reader = ByteReader(file, area: "safetensors")
        let claimed = try reader.u64()
        let limit = SafetensorsFile.greatestHeaderByteCount
        guard claimed >= 2, claimed <= UInt64(limit), claimed <= UInt64(reader.remaining) else {
            let allowed =
                claimed > UInt64(reader.remaining)
                ? "\(reader.remaining) bytes are left in the file" : "2 to \(limit) bytes are allowed"
            throw refusal("bad_header", at: 0, "claims a header of \(claimed) bytes; \(allowed)")
        }
        let bytes = try reader.bytes(claimed)
        guard bytes.first == UInt8(ascii: "{") else {
            throw refusal(
                "bad_header", at: 8,
                "the header starts with \(ShownText.hexadecimal(bytes.prefix(1))); 7b (\"{\") is needed")
        }
        // Only spaces may follow the JSON; the other white space that JSON knows is not padding.
        let text = bytes.lastIndex { $0 != 0x20 }.map { bytes[...$0] } ?? bytes[...]
        guard text.last == UInt8(ascii: "}") else {
            throw refusal(
                "bad_header", at: 8 + text.count - 1,
                "the header ends with \(ShownText.hexadecimal(text.suffix(1))); 7d (\"}\") and spaces are allowed")
        }
        let limits = JSONLimits(depth: 4, documentBytes: limit, stringBytes: 1 << 20, numberBytes: 32)
        let json = try JSONValue(parsing: Array(text), named: "\(file.path), header", limits: limits)
        guard let object = json.object else {
            throw refusal("bad_header", at: 8, "the header is not a JSON object")
        }
        let dataOffset = reader.offset
        var metadata: [(key: String, value: String)] = []
        var tensors: [SafetensorsTensor] = []
        for member in object.members {
            if member.key == "__metadata__" {
                metadata = try readMetadata(member.value)
            } else {
                tensors.append(try readTensor(member.key, member.value, dataOffset: dataOffset))
            }
        }
        tensors.sort {
            $0.bytes.lowerBound != $1.bytes.lowerBound
                ? $0.bytes.lowerBound < $1.bytes.lowerBound : $0.bytes.upperBound < $1.bytes.upperBound
        }
        try checkPlaces(tensors, dataOffset: dataOffset)
        return (tensors, metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    }

    private func refusal(_ problem: String, at position: Int, _ words: String) -> Refusal {
        Refusal(code: "safetensors.\(problem)", at: file.location(at: position), words, mend: Self.mend)
    }

    private func refusal(_ problem: String, _ tensor: String, _ words: String) -> Refusal {
        Refusal(
            code: "safetensors.\(problem)", at: "\(file.path), tensor \(ShownText.quoted(tensor))", words,
            mend: Self.mend)
    }

    private func readMetadata(_ value: JSONValue) throws(Refusal) -> [(key: String, value: String)] {
        guard let object = value.object else {
            throw refusal("bad_metadata", at: 8, "__metadata__ is \(value.kindName); an object of strings is needed")
        }
        var pairs: [(key: String, value: String)] = []
        for member in object.members {
            guard let text = member.value.string else {
                throw refusal(
                    "bad_metadata", at: 8,
                    "__metadata__ key \(ShownText.quoted(member.key)) holds "
                        + "\(member.value.kindName); only strings are allowed")
            }
            pairs.append((member.key, text))
        }
        return pairs
    }

    private func readTensor(
        _ name: String, _ value: JSONValue, dataOffset: Int
    ) throws(Refusal) -> SafetensorsTensor {
        guard let entry = value.object else {
            throw refusal("bad_entry", name, "its entry is \(value.kindName); an object is needed")
        }
        if let foreign = entry.keys.first(where: { !["dtype", "shape", "data_offsets"].contains($0) }) {
            throw refusal(
                "bad_entry", name, "unknown key \(ShownText.quoted(foreign)); dtype, shape and data_offsets are known")
        }
        guard let typeName = entry["dtype"]?.string, let type = SafetensorsType(rawValue: typeName) else {
            let found = entry["dtype"].map { $0.string.map { ShownText.quoted($0) } ?? $0.kindName } ?? "missing"
            let known = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
            throw refusal("unknown_type", name, "its dtype is \(found); \(known) are read")
        }
        let shape = try naturals(entry["shape"], "shape", name)
        let offsets = try naturals(entry["data_offsets"], "data_offsets", name)
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw refusal(
                "bad_offsets", name,
                "its data_offsets are \(ShownText.shape(offsets)); a begin and an end that is not "
                    + "before it are needed")
        }
        guard offsets[1] <= file.byteCount - dataOffset else {
            throw refusal(
                "truncated", name,
                "its data ends at \(offsets[1]) and the file has \(file.byteCount - dataOffset) "
                    + "bytes of data (missing \(offsets[1] - (file.byteCount - dataOffset)))")
        }
        var needed = type.byteCount
        for (index, size) in shape.enumerated() {
            let (product, overflow) = needed.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw refusal("size_overflow", name, "the byte count overflows at dimension \(index + 1)")
            }
            needed = product
        }
        guard needed == offsets[1] - offsets[0] else {
            throw refusal(
                "wrong_size", name,
                "shape \(ShownText.shape(shape)) of \(type.rawValue) needs \(needed) bytes, and "
                    + "data_offsets declare \(offsets[1] - offsets[0])")
        }
        return SafetensorsTensor(
            name: name, type: type, shape: shape, bytes: dataOffset + offsets[0]..<dataOffset + offsets[1])
    }

    /// An array of integers that are not negative and written as plain digits.
    private func naturals(_ value: JSONValue?, _ key: String, _ name: String) throws(Refusal) -> [Int] {
        guard let elements = value?.array else {
            throw refusal("bad_entry", name, "its \(key) is \(value?.kindName ?? "missing"); an array is needed")
        }
        var numbers: [Int] = []
        for element in elements {
            guard case .number(let number) = element, number.literal.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let integer = number.int
            else {
                throw refusal(
                    "bad_entry", name, "its \(key) holds something other than integers from 0 to \(Int.max)")
            }
            numbers.append(integer)
        }
        return numbers
    }

    /// Checks that the sorted tensors cover the data from its start to the file's end, without gap or overlap.
    private func checkPlaces(_ tensors: [SafetensorsTensor], dataOffset: Int) throws(Refusal) {
        var expected = dataOffset
        var before = "the data's start"
        for tensor in tensors {
            guard tensor.bytes.lowerBound == expected else {
                let what = tensor.bytes.lowerBound < expected ? "overlaps" : "leaves a gap after"
                throw refusal(
                    "bad_offsets", tensor.name,
                    "it begins at \(tensor.bytes.lowerBound - dataOffset) and \(what) "
                        + "\(before); \(expected - dataOffset) is needed")
            }
            expected = tensor.bytes.upperBound
            before = "tensor \(ShownText.quoted(tensor.name))"
        }
        guard expected == file.byteCount else {
            throw refusal(
                "trailing_bytes", at: expected,
                "\(file.byteCount - expected) bytes follow \(before); none are allowed")
        }
    }
}
