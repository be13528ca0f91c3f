import Diagnostics
import Yams

/// The part of YAML that Overread's settings use: mappings, sequences, one-line texts and whole numbers.
///
/// Anchors, aliases, tags and block texts are refused before the parser sees the file: aliases let a few hundred bytes
/// grow without bound, even while the document is composed.
struct StrictYAML {
    let root: Value

    init(_ bytes: [UInt8], named: String) throws(Refusal) {
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
        root = Value(node: node, file: named, path: "")
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
            case 0x23 where index == lineStart || TextScan.isSpace(bytes[index - 1]): inComment = true
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
            case 0x3A: valueMayBegin = TextScan.isSpace(next)
            case 0x2D, 0x3F: valueMayBegin = valueMayBegin && TextScan.isSpace(next)
            case _ where TextScan.isSpace(byte): break
            default: valueMayBegin = false
            }
        }
    }

    /// `&`, `*`, `!`, `|` and `>`.
    private static let indicators: Set<UInt8> = [0x26, 0x2A, 0x21, 0x7C, 0x3E]
}

extension StrictYAML {
    /// A value of the file with its place.
    struct Value {
        let node: Node
        let file: String
        /// The keys that lead to it.
        let path: String

        /// The value's place as `file:line:column`, with its keys.
        var location: String {
            let place = node.mark.map { "\(file):\($0.line):\($0.column)" } ?? file
            return path.isEmpty ? place : place + " (" + path + ")"
        }

        func refusal(_ code: String, _ problem: String, mend remedy: String) -> Refusal {
            Refusal(code: code, at: location, problem, mend: remedy)
        }

        /// The members of a mapping in file order.
        func members() throws(Refusal) -> [(key: String, value: Value)] {
            guard case .mapping(let mapping) = node else {
                throw refusal("yaml.type", "found no mapping; a mapping of keys to values is needed", mend: "give one")
            }
            var members: [(key: String, value: Value)] = []
            for (key, value) in mapping {
                let name = try Value(node: key, file: file, path: path).text()
                let inner = path.isEmpty ? name : path + "." + name
                members.append((name, Value(node: value, file: file, path: inner)))
            }
            return members
        }

        /// Refuses keys that are not allowed, naming the nearest one that is.
        func allowOnly(_ names: [String], what: String) throws(Refusal) {
            guard case .mapping(let mapping) = node else {
                _ = try members()
                return
            }
            for (key, _) in mapping {
                let place = Value(node: key, file: file, path: path)
                let name = try place.text()
                guard !names.contains(name) else { continue }
                let nearest = NearestName.suggestion(for: name, among: names)
                throw place.refusal(
                    "conventions.unknown-key",
                    "'\(name.prefix(40))' is no \(what); allowed are \(names.joined(separator: ", "))",
                    mend: nearest.map { "write '\($0)'" } ?? "take one of those")
            }
        }

        func optionalMember(_ name: String) -> Value? {
            guard case .mapping(let mapping) = node else { return nil }
            for (key, value) in mapping where key.scalar?.string == name {
                return Value(node: value, file: file, path: path.isEmpty ? name : path + "." + name)
            }
            return nil
        }

        func member(_ name: String) throws(Refusal) -> Value {
            guard let value = optionalMember(name) else {
                throw refusal("conventions.missing-key", "the key '\(name)' is missing", mend: "add '\(name)'")
            }
            return value
        }

        func entries() throws(Refusal) -> [Value] {
            guard case .sequence(let sequence) = node else {
                throw refusal("yaml.type", "found no list; a list is needed", mend: "give a list")
            }
            return sequence.enumerated().map { Value(node: $1, file: file, path: "\(path)[\($0)]") }
        }

        /// A text that is not empty: quoted, or plain where YAML reads it as nothing else.
        func text() throws(Refusal) -> String {
            guard case .scalar(let scalar) = node, isQuoted(scalar) || node.tag == Tag(.str) else {
                throw refusal("yaml.type", "found no text; a text is needed", mend: "write the text in quotes")
            }
            guard !scalar.string.isEmpty else {
                throw refusal("yaml.empty-text", "the text is empty", mend: "give a text")
            }
            return scalar.string
        }

        /// A whole number in decimal digits, without sign, leading zero or quotes.
        func integer(in range: ClosedRange<Int>) throws(Refusal) -> Int {
            let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound) is needed"
            guard case .scalar(let scalar) = node, !isQuoted(scalar),
                !scalar.string.isEmpty, scalar.string.utf8.allSatisfy(TextScan.isDigit),
                scalar.string.utf8.count == 1 || scalar.string.utf8.first != 0x30,
                let number = Int(scalar.string)
            else {
                throw refusal("yaml.type", "found no whole number; \(allowed)", mend: "write digits only")
            }
            guard range.contains(number) else {
                throw refusal("conventions.range", "found \(number); \(allowed)", mend: "give a number in that range")
            }
            return number
        }

        /// One of the cases of an enum, by its raw value.
        func choice<Choice: RawRepresentable>(_ all: [Choice], what: String) throws(Refusal) -> Choice
        where Choice.RawValue == String {
            let written = try text()
            if let choice = Choice(rawValue: written) { return choice }
            let names = all.map(\.rawValue)
            throw refusal(
                "conventions.unknown-\(what)",
                "'\(written.prefix(40))' is no \(what); there are \(names.joined(separator: ", "))",
                mend: NearestName.suggestion(for: written, among: names).map { "write '\($0)'" } ?? "take one of those")
        }

        private func isQuoted(_ scalar: Node.Scalar) -> Bool {
            scalar.style == .doubleQuoted || scalar.style == .singleQuoted
        }
    }
}
