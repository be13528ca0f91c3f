import Foundation
import Tokenization

/// The strings, numbers and arrays of a GGUF file's metadata: the little that these tests need of the format.
struct GGUFMetadata {
    enum Value {
        case string(String)
        case integer(Int)
        case strings([String])
        case integers([Int])
        case other
    }

    private(set) var values: [String: Value] = [:]
    private let data: Data
    private var offset = 24

    struct Malformed: Error {}

    /// Reads the metadata of a little-endian GGUF file, version 2 or 3.
    init(contentsOf path: String) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        guard data.prefix(4) == Data("GGUF".utf8) else { throw Malformed() }
        offset = 16
        let count = try integer(bytes: 8)
        for _ in 0..<count {
            let key = try string()
            values[key] = try value(type: integer(bytes: 4))
        }
    }

    private mutating func integer(bytes count: Int) throws -> Int {
        guard offset + count <= data.count else { throw Malformed() }
        defer { offset += count }
        return (0..<count).reversed().reduce(0) { $0 << 8 | Int(data[offset + $1]) }
    }

    private mutating func string() throws -> String {
        let count = try integer(bytes: 8)
        guard count >= 0, offset + count <= data.count else { throw Malformed() }
        defer { offset += count }
        return String(decoding: data[offset..<(offset + count)], as: UTF8.self)
    }

    private mutating func value(type: Int) throws -> Value {
        let widths = [0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 7: 1, 10: 8, 11: 8]
        switch type {
        case 8: return .string(try string())
        case 9:
            let element = try integer(bytes: 4)
            let count = try integer(bytes: 8)
            if element == 8 { return .strings(try (0..<count).map { _ in try string() }) }
            guard let width = widths[element] else {
                offset += count * (element == 6 ? 4 : 8)
                return .other
            }
            return .integers(try (0..<count).map { _ in try integer(bytes: width) })
        default:
            if let width = widths[type] { return .integer(try integer(bytes: width)) }
            offset += type == 6 ? 4 : 8
            return .other
        }
    }

    /// The tokenizer's definition; missing keys are empty or nil.
    var tokenizerDefinition: TokenizerDefinition {
        TokenizerDefinition(
            tokens: strings("tokens"), tokenTypes: integers("token_type").map { Int32($0) }, merges: strings("merges"),
            model: string("tokenizer.ggml.model") ?? "", preTokenizer: string("tokenizer.ggml.pre") ?? "default",
            bosTokenID: token("bos"), eosTokenID: token("eos"), unknownTokenID: token("unknown"),
            paddingTokenID: token("padding"), chatTemplate: string("tokenizer.chat_template"))
    }

    private func string(_ key: String) -> String? {
        if case .string(let text)? = values[key] { text } else { nil }
    }

    private func strings(_ key: String) -> [String] {
        if case .strings(let texts)? = values["tokenizer.ggml.\(key)"] { texts } else { [] }
    }

    private func integers(_ key: String) -> [Int] {
        if case .integers(let numbers)? = values["tokenizer.ggml.\(key)"] { numbers } else { [] }
    }

    private func token(_ name: String) -> TokenID? {
        if case .integer(let number)? = values["tokenizer.ggml.\(name)_token_id"] { TokenID(number) } else { nil }
    }
}
