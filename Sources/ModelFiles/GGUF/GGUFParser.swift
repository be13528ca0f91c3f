import Diagnostics
import Kernels

/// What a GGUF header says.
struct GGUFHeader {
    var version: UInt32
    var metadata: GGUFMetadata
    var tensors: [GGUFTensor]
    var alignment: Int
    var dataOffset: Int
    /// The position after the last tensor's padding.
    var dataEnd: Int
}

/// Reads a GGUF header from front to back, without recursion.
struct GGUFParser {
    let file: MappedFile
    var reader: ByteReader
    static let mend = "get the file again from its source"

    init(_ file: MappedFile) {
        self.file = file
        reader = ByteReader(file, area: "gguf")
    }

    mutating func parse() throws(Refusal) -> GGUFHeader {
        try checkMagic()
        let version = try readVersion()
        let tensorCount = try readCount("tensors", limit: GGUFFile.Limits.tensors, bytesEach: 25)
        let keyCount = try readCount("keys", limit: GGUFFile.Limits.keys, bytesEach: 14)
        let metadata = try readMetadata(keyCount)
        let alignment = try readAlignment(metadata)
        let declared = try readTensorInfos(tensorCount)
        let dataOffset = Self.padded(reader.offset, to: alignment)
        let (tensors, dataEnd) = try place(declared, from: dataOffset, alignment: alignment)
        return GGUFHeader(
            version: version, metadata: metadata, tensors: tensors, alignment: alignment, dataOffset: dataOffset,
            dataEnd: dataEnd)
    }

    /// The next multiple of `alignment`, a power of two of at most 65,536; positions are far from overflowing.
    static func padded(_ position: Int, to alignment: Int) -> Int { (position + alignment - 1) & ~(alignment - 1) }

    private func refusal(_ problem: String, at position: Int, _ words: String, mend: String = Self.mend) -> Refusal {
        Refusal(code: "gguf.\(problem)", at: file.location(at: position), words, mend: mend)
    }

    // MARK: - Start of the file

    private mutating func checkMagic() throws(Refusal) {
        let start = try file.bytes(in: 0..<min(file.byteCount, 64))
        if start.starts(with: "GGUF".utf8) {
            reader = ByteReader(file, at: 4, area: "gguf")
            return
        }
        let text = String(decoding: start, as: UTF8.self).lowercased()
        if text.hasPrefix("version https://git-lfs") {
            throw refusal(
                "not_gguf", at: 0,
                "not a GGUF file: this is a Git LFS pointer of \(file.byteCount) bytes, not the model",
                mend: "fetch the model itself with \"git lfs pull\", or download it again")
        }
        if text.hasPrefix("<!doctype") || text.hasPrefix("<html") || text.hasPrefix("<?xml") {
            throw refusal(
                "not_gguf", at: 0, "not a GGUF file: this is a web page, not the model",
                mend: "download the model again from its file link")
        }
        if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            throw refusal(
                "not_gguf", at: 0, "not a GGUF file: this is a zip archive", mend: "unpack it and give the .gguf file")
        }
        let found =
            start.isEmpty ? "it is empty" : "it starts with \(ShownText.hexadecimal(start.prefix(4)))"
        throw refusal(
            "not_gguf", at: 0, "not a GGUF file: \(found); 47 47 55 46 (\"GGUF\") is needed",
            mend: "give the path of a .gguf file")
    }

    private mutating func readVersion() throws(Refusal) -> UInt32 {
        let version = try reader.u32()
        if version == 2 || version == 3 { return version }
        if version.byteSwapped == 2 || version.byteSwapped == 3 {
            throw refusal(
                "wrong_version", at: 4,
                "version \(version.byteSwapped) with its bytes swapped: the file was written "
                    + "for a big-endian machine; little-endian ones are read",
                mend: "convert it with gguf-convert-endian, or download the little-endian file")
        }
        throw refusal(
            "wrong_version", at: 4, "version \(version); 2 and 3 are read",
            mend: "convert the model again with a current converter")
    }

    private mutating func readCount(_ what: String, limit: Int, bytesEach: Int) throws(Refusal) -> Int {
        let position = reader.offset
        let claimed = try reader.u64()
        let possible = min(limit, reader.remaining / bytesEach)
        guard claimed <= UInt64(possible) else {
            throw refusal(
                "too_many", at: position, "claims \(claimed) \(what); the file can hold at most \(possible)")
        }
        return Int(claimed)
    }

    // MARK: - Metadata

    private mutating func readMetadata(_ count: Int) throws(Refusal) -> GGUFMetadata {
        var entries: [GGUFMetadata.Entry] = []
        var offsets: [String: Int] = [:]
        for _ in 0..<count {
            let position = reader.offset
            let key = try reader.string("a key", limit: GGUFFile.Limits.keyByteCount)
            guard !key.isEmpty, !key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw refusal(
                    "bad_key", at: position,
                    key.isEmpty ? "a key is empty" : "the key \(ShownText.quoted(key)) has control characters")
            }
            if let first = offsets.updateValue(position, forKey: key) {
                throw refusal(
                    "duplicate_key", at: position,
                    "the key \(ShownText.quoted(key)) appears twice, first at byte \(first)")
            }
            let type = try readType("key \(ShownText.quoted(key))")
            let value = try readValue(type, key)
            entries.append(.init(key: key, type: type, value: value, byteOffset: position))
        }
        return GGUFMetadata(entries: entries, file: file)
    }

    private mutating func readType(_ what: String) throws(Refusal) -> GGUFValueType {
        let position = reader.offset
        let number = try reader.u32()
        guard let type = GGUFValueType(rawValue: number) else {
            throw refusal("bad_value_type", at: position, "\(what) has value type \(number); 0 to 12 are known")
        }
        return type
    }

    private mutating func readValue(_ type: GGUFValueType, _ key: String) throws(Refusal) -> GGUFValue {
        switch type {
        case .uint8: .unsigned(UInt64(try reader.u8()))
        case .uint16: .unsigned(UInt64(try reader.u16()))
        case .uint32: .unsigned(UInt64(try reader.u32()))
        case .uint64: .unsigned(try reader.u64())
        case .int8: .signed(Int64(try reader.i8()))
        case .int16: .signed(Int64(try reader.i16()))
        case .int32: .signed(Int64(try reader.i32()))
        case .int64: .signed(try reader.i64())
        case .float32: .float(Double(try reader.f32()))
        case .float64: .float(try reader.f64())
        case .bool: .bool(try readBool(key))
        case .string:
            .string(try reader.string("the text of \(ShownText.quoted(key))", limit: GGUFFile.Limits.stringByteCount))
        case .array: .array(try readArray(key))
        }
    }

    private mutating func readBool(_ key: String) throws(Refusal) -> Bool {
        let position = reader.offset
        let byte = try reader.u8()
        guard byte <= 1 else {
            throw refusal(
                "bad_bool", at: position, "key \(ShownText.quoted(key)): a bool of \(byte); 0 and 1 are allowed")
        }
        return byte == 1
    }

    private mutating func readArray(_ key: String) throws(Refusal) -> GGUFArray {
        let position = reader.offset
        let type = try readType("the array \(ShownText.quoted(key))")
        guard type != .array else {
            throw refusal(
                "nested_array", at: position, "key \(ShownText.quoted(key)) is an array of arrays; none are read")
        }
        let claimed = try reader.u64()
        let possible = min(GGUFFile.Limits.arrayElements, reader.remaining / (type.byteCount ?? 8))
        guard claimed <= UInt64(possible) else {
            throw refusal(
                "too_many", at: position + 4,
                "key \(ShownText.quoted(key)) claims \(claimed) elements of \(type.name); the file can hold at most "
                    + "\(possible)")
        }
        let count = Int(claimed)
        let start = reader.offset
        switch type {
        case .string:
            for _ in 0..<count {
                try reader.skipString("a text of \(ShownText.quoted(key))", limit: GGUFFile.Limits.stringByteCount)
            }
        case .bool:
            for _ in 0..<count { _ = try readBool(key) }
        default:
            try reader.skip(claimed * UInt64(type.byteCount ?? 0))
        }
        return GGUFArray(elementType: type, count: count, bytes: start..<reader.offset)
    }

    private func readAlignment(_ metadata: GGUFMetadata) throws(Refusal) -> Int {
        guard let entry = metadata["general.alignment"] else { return 32 }
        guard entry.type == .uint32, case .unsigned(let value) = entry.value, value > 0,
            value & (value - 1) == 0, value <= UInt64(GGUFFile.Limits.alignment)
        else {
            let found = if case .unsigned(let value) = entry.value { " \(value)" } else { "" }
            throw metadata.refusal(
                "bad_alignment", entry.key,
                "it is \(entry.type.name)\(found); a u32 power of two from 1 to "
                    + "\(GGUFFile.Limits.alignment) is allowed",
                mend: "convert the model again with a current converter")
        }
        return Int(value)
    }
}
