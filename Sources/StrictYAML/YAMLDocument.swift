public import Diagnostics
internal import Yams

/// The part of YAML that Overread's settings use: mappings, sequences, one-line texts and whole numbers.
///
/// Anchors, aliases, tags and block texts are refused before the parser sees the file: aliases let a few hundred bytes
/// grow without bound, even while the document is composed.
public struct YAMLDocument {
    /// The file's only document.
    public let root: YAMLValue

    /// Reads a file's bytes.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 text.
    ///   - named: how messages call the file.
    ///   - area: the first half of the codes of refusals about keys and values, such as `conventions`.
    /// - Throws: `yaml.indicator`, `yaml.not-utf8`, `yaml.malformed`, `yaml.repeated-key` or `yaml.empty`.
    public init(_ bytes: [UInt8], named: String, area: String) throws(Refusal) {
        try Self.refuseIndicators(bytes, named: named)
        let text = String(decoding: bytes, as: UTF8.self)
        guard Array(text.utf8) == bytes else {
            throw Refusal(code: "yaml.not-utf8", at: named, "the file is not UTF-8", mend: "save it as UTF-8")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw Self.refusal(error, named: named)
        } catch {
            throw Refusal(code: "yaml.malformed", at: named, "the file is no YAML", mend: "correct the file")
        }
        guard let node else {
            throw Refusal(code: "yaml.empty", at: named, "the file is empty", mend: "give the settings")
        }
        root = YAMLValue(node: node, file: named, area: area, path: "")
    }

    private static func refusal(_ error: YamlError, named: String) -> Refusal {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Refusal(
                code: "yaml.malformed", at: "\(named):\(mark.line):\(mark.column)", "no valid YAML: \(problem)",
                mend: "correct this place")
        case .duplicatedKeysInMapping(_, let context):
            Refusal(
                code: "yaml.repeated-key", at: "\(named):\(context.mark.line):\(context.mark.column)",
                "a key is given twice", mend: "keep one of the two")
        default:
            Refusal(code: "yaml.malformed", at: named, "the file is no YAML", mend: "correct the file")
        }
    }

    /// Refuses `&`, `*`, `!`, `|` and `>` where a value may begin, and quoted texts over several lines.
    private static func refuseIndicators(_ bytes: [UInt8], named: String) throws(Refusal) {
        var line = 1
        var lineStart = 0
        var quote: UInt8?
        var inComment = false
        var valueMayBegin = true
        var flowDepth = 0
        var index = 0
        func refuse(_ problem: String, mend: String) -> Refusal {
            Refusal(code: "yaml.indicator", at: "\(named):\(line):\(index - lineStart + 1)", problem, mend: mend)
        }
        while index < bytes.count {
            let byte = bytes[index]
            defer { index += 1 }
            if byte == 0x0A {
                guard quote == nil else {
                    throw refuse("a quoted text goes over the line's end", mend: "write it on one line")
                }
                line += 1
                lineStart = index + 1
                inComment = false
                if flowDepth == 0 { valueMayBegin = true }
                continue
            }
            if inComment { continue }
            if let open = quote {
                if byte == 0x5C, open == 0x22 { index += 1 } else if byte == open { quote = nil }
                continue
            }
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
            switch byte {
            case 0x23 where index == lineStart || Self.isSpace(bytes[index - 1]): inComment = true
            case 0x22 where valueMayBegin, 0x27 where valueMayBegin:
                quote = byte
                valueMayBegin = false
            case _ where valueMayBegin && indicators.contains(byte):
                throw refuse(
                    "anchors, aliases, tags and block texts are not used here",
                    mend: "write the value out on one line, in quotes when it begins with such a mark")
            case 0x3A where next == 0x22 || next == 0x27 || indicators.contains(next):
                throw refuse("a colon is followed by a mark without a space", mend: "put a space after the colon")
            case 0x5B where valueMayBegin, 0x7B where valueMayBegin: flowDepth += 1
            case 0x5D where flowDepth > 0, 0x7D where flowDepth > 0:
                flowDepth -= 1
                valueMayBegin = false
            case 0x2C where flowDepth > 0: valueMayBegin = true
            case 0x3A: valueMayBegin = Self.isSpace(next)
            case 0x2D, 0x3F: valueMayBegin = valueMayBegin && Self.isSpace(next)
            case _ where Self.isSpace(byte): break
            default: valueMayBegin = false
            }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// `&`, `*`, `!`, `|` and `>`.
    private static let indicators: Set<UInt8> = [0x26, 0x2A, 0x21, 0x7C, 0x3E]
}
