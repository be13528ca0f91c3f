public import Diagnostics
public import Kernels

/// The key-value pairs of a GGUF file, with typed access that explains what it did not find.
public struct GGUFMetadata: Sendable {
    /// One pair and where it stands.
    public struct Entry: Sendable, Equatable {
        /// The key, such as `general.architecture`.
        public let key: String
        /// The type that the file declares.
        public let type: GGUFValueType
        /// The value.
        public let value: GGUFValue
        /// The position of the key in the file.
        public let byteOffset: Int
    }

    /// The pairs in the file's order.
    public let entries: [Entry]
    /// The file, for arrays that are decoded later.
    public let file: MappedFile
    private let indices: [String: Int]

    init(entries: [Entry], file: MappedFile) {
        self.entries = entries
        self.file = file
        var indices: [String: Int] = [:]
        for (index, entry) in entries.enumerated() { indices[entry.key] = index }
        self.indices = indices
    }

    /// The keys in the file's order.
    public var keys: [String] { entries.map(\.key) }

    /// The pair with `key`, or nil.
    public subscript(_ key: String) -> Entry? { indices[key].map { entries[$0] } }

    /// The text of `key`.
    public func string(_ key: String) throws(Refusal) -> String { try require(key, try optionalString(key)) }

    /// The text of `key`, or nil if the file has no such key.
    public func optionalString(_ key: String) throws(Refusal) -> String? {
        guard let entry = self[key] else { return nil }
        guard case .string(let text) = entry.value else { throw wrongType(entry, wanted: "a string") }
        return text
    }

    /// The integer of `key`, of any integer type, not negative.
    public func uint(_ key: String) throws(Refusal) -> Int { try require(key, try optionalUInt(key)) }

    /// The integer of `key`, or nil if the file has no such key.
    public func optionalUInt(_ key: String) throws(Refusal) -> Int? {
        guard let entry = self[key] else { return nil }
        let value: Int? =
            switch entry.value {
            case .unsigned(let number): Int(exactly: number)
            case .signed(let number): number >= 0 ? Int(exactly: number) : nil
            default: nil
            }
        guard let value else { throw wrongType(entry, wanted: "an integer from 0 to \(Int.max)") }
        return value
    }

    /// The number of `key`, of a floating point or an integer type; it may be NaN or infinite.
    public func float(_ key: String) throws(Refusal) -> Double { try require(key, try optionalFloat(key)) }

    /// The number of `key`, or nil if the file has no such key.
    public func optionalFloat(_ key: String) throws(Refusal) -> Double? {
        guard let entry = self[key] else { return nil }
        switch entry.value {
        case .float(let number): return number
        case .unsigned(let number): return Double(number)
        case .signed(let number): return Double(number)
        default: throw wrongType(entry, wanted: "a number")
        }
    }

    /// The flag of `key`.
    public func bool(_ key: String) throws(Refusal) -> Bool { try require(key, try optionalBool(key)) }

    /// The flag of `key`, or nil if the file has no such key.
    public func optionalBool(_ key: String) throws(Refusal) -> Bool? {
        guard let entry = self[key] else { return nil }
        guard case .bool(let flag) = entry.value else { throw wrongType(entry, wanted: "a bool") }
        return flag
    }

    /// The texts of the array `key`, decoded in one pass.
    public func stringArray(_ key: String) throws(Refusal) -> [String] {
        try require(key, try optionalStringArray(key))
    }

    /// The texts of the array `key`, or nil if the file has no such key.
    public func optionalStringArray(_ key: String) throws(Refusal) -> [String]? {
        guard let (array, reader) = try elements(key, of: [.string], wanted: "an array of strings") else { return nil }
        var elements = reader
        var texts: [String] = []
        texts.reserveCapacity(array.count)
        for _ in 0..<array.count { texts.append(try elements.string("a text of \(key)")) }
        return texts
    }

    /// The integers of the array `key`, which must be i32 (or u32 with values that fit).
    public func int32Array(_ key: String) throws(Refusal) -> [Int32] { try require(key, try optionalInt32Array(key)) }

    /// The integers of the array `key`, or nil if the file has no such key.
    public func optionalInt32Array(_ key: String) throws(Refusal) -> [Int32]? {
        guard let (array, reader) = try elements(key, of: [.int32, .uint32], wanted: "an array of i32")
        else { return nil }
        var elements = reader
        var values: [Int32] = []
        values.reserveCapacity(array.count)
        for index in 0..<array.count {
            let bits = try elements.u32()
            guard array.elementType == .int32 || bits <= UInt32(Int32.max) else {
                throw refusal(
                    "wrong_type", key, "element \(index) is \(bits); at most \(Int32.max) is allowed",
                    mend: "convert the model again with a current converter")
            }
            values.append(Int32(truncatingIfNeeded: bits))
        }
        return values
    }

    /// The numbers of the array `key`, which must be f32.
    public func floatArray(_ key: String) throws(Refusal) -> [Float] { try require(key, try optionalFloatArray(key)) }

    /// The numbers of the array `key`, or nil if the file has no such key.
    public func optionalFloatArray(_ key: String) throws(Refusal) -> [Float]? {
        guard let (array, reader) = try elements(key, of: [.float32], wanted: "an array of f32") else { return nil }
        var elements = reader
        var values: [Float] = []
        values.reserveCapacity(array.count)
        for _ in 0..<array.count { values.append(try elements.f32()) }
        return values
    }

    /// A refusal that names `key` and where it stands.
    func refusal(_ problem: String, _ key: String, _ words: String, mend: String) -> Refusal {
        let place = self[key].map { ", byte \($0.byteOffset)" } ?? ""
        return Refusal(
            code: "gguf.\(problem)", at: "\(file.path), key \(ShownText.quoted(key))\(place)", words, mend: mend)
    }

    private func elements(
        _ key: String, of types: [GGUFValueType], wanted: String
    ) throws(Refusal) -> (GGUFArray, ByteReader)? {
        guard let entry = self[key] else { return nil }
        guard case .array(let array) = entry.value, types.contains(array.elementType) else {
            throw wrongType(entry, wanted: wanted)
        }
        return (array, ByteReader(file, in: array.bytes, area: "gguf"))
    }

    private func require<Value>(_ key: String, _ value: Value?) throws(Refusal) -> Value {
        if let value { return value }
        let hint = NearestName.suggestion(for: key, among: keys).map { "; the nearest key is \(ShownText.quoted($0))" }
        throw refusal(
            "missing_key", key, "the metadata has no such key" + (hint ?? ""),
            mend: "convert the model again with a current converter")
    }

    private func wrongType(_ entry: Entry, wanted: String) -> Refusal {
        let found =
            switch entry.value {
            case .array(let array): "an array of \(array.count) \(array.elementType.name)"
            case .unsigned(let number): "\(entry.type.name) \(number)"
            case .signed(let number): "\(entry.type.name) \(number)"
            default: entry.type.name
            }
        return refusal(
            "wrong_type", entry.key, "it is \(found); \(wanted) is needed",
            mend: "convert the model again with a current converter")
    }
}
