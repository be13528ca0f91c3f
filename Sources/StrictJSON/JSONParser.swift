public import Diagnostics

extension JSONValue {
    /// Reads one JSON document, strictly by RFC 8259, from UTF-8 bytes.
    ///
    /// Refused, with `named:line:column`: anything that is not UTF-8 (with a byte order mark, UTF-16, lone surrogates,
    /// overlong forms), duplicate keys (naming both places), trailing commas, comments, `NaN` and its kin, leading
    /// zeros, control characters in strings, anything after the value, and whatever is beyond the limits. Nothing of
    /// the document's text is quoted in a refusal except field-like keys.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - named: how messages call it, usually the file as the user wrote it.
    ///   - firstLine: the number of the document's first line, for one line of a JSONL file.
    ///   - limits: how much is read.
    public init(parsing bytes: [UInt8], named: String, firstLine: Int = 1, limits: JSONLimits = .init())
        throws(Refusal)
    {
        var parser = JSONParser(bytes: bytes, name: named, firstLine: firstLine, limits: limits)
        self = try parser.parseDocument()
    }
}

/// A recursive-descent reader over bytes; the depth limit bounds the recursion.
struct JSONParser {
    let bytes: [UInt8]
    let name: String
    let firstLine: Int
    let limits: JSONLimits
    /// The path whose place is asked for, and how much of it leads to the value being read.
    var wanted: [JSONPathStep]?
    var matched = 0
    /// The byte offset of the value at the wanted path.
    var found: Int?
    var position = 0

    init(bytes: [UInt8], name: String, firstLine: Int, limits: JSONLimits, wanted: [JSONPathStep]? = nil) {
        self.bytes = bytes
        self.name = name
        self.firstLine = firstLine
        self.limits = limits
        self.wanted = wanted
    }

    mutating func parseDocument() throws(Refusal) -> JSONValue {
        guard bytes.count <= limits.documentBytes else {
            throw Refusal(
                code: "json.too-large", at: name,
                "the document has \(bytes.count) bytes; at most \(limits.documentBytes) are read",
                mend: "split it or raise the limit")
        }
        try refuseOtherEncodings()
        skipWhiteSpace()
        guard position < bytes.count else {
            throw refusal(
                "json.empty", at: 0, "no value at all; one JSON value is expected", mend: "write a JSON value")
        }
        let value = try parseValue(depth: 0, onPath: wanted != nil)
        skipWhiteSpace()
        guard position == bytes.count else {
            throw refusal(
                "json.trailing", at: position, "\(describe(position)) after the end of the value",
                mend: "remove it, or put each value on its own line of a JSONL file")
        }
        return value
    }

    mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func parseValue(depth: Int, onPath: Bool) throws(Refusal) -> JSONValue {
        if onPath, matched == wanted?.count, found == nil { found = position }
        guard position < bytes.count else {
            throw refusal(
                "json.truncated", at: position, "the document ends where a value is expected", mend: "complete it")
        }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1, onPath: onPath))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1, onPath: onPath))
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try parseNumber())
        case UInt8(ascii: "t") where take("true"): return .bool(true)
        case UInt8(ascii: "f") where take("false"): return .bool(false)
        case UInt8(ascii: "n") where take("null"): return .null
        default:
            throw refusal(
                "json.syntax", at: position,
                "\(describe(position)) where a value is expected; a value is a string in double quotes, a number, an "
                    + "object, an array, true, false or null",
                mend: "write valid JSON")
        }
    }

    /// Moves past a word that stands whole at the position.
    private mutating func take(_ word: StaticString) -> Bool {
        let word = Array(word.description.utf8)
        let end = position + word.count
        guard end <= bytes.count, bytes[position..<end].elementsEqual(word) else { return false }
        if end < bytes.count, Self.isWordByte(bytes[end]) { return false }
        position = end
        return true
    }

    private mutating func parseArray(depth: Int, onPath: Bool) throws(Refusal) -> [JSONValue] {
        let start = position
        try checkDepth(depth)
        var elements: [JSONValue] = []
        position += 1
        skipWhiteSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            let onPath = onPath && isNext(.index(elements.count))
            if onPath { matched += 1 }
            elements.append(try parseValue(depth: depth, onPath: onPath))
            if onPath { matched -= 1 }
            if try closes(with: UInt8(ascii: "]"), openedAt: start, as: "array") { return elements }
        }
    }

    private mutating func parseObject(depth: Int, onPath: Bool) throws(Refusal) -> JSONObject {
        let start = position
        try checkDepth(depth)
        var object = JSONObject()
        var keys = KeyPlaces()
        position += 1
        skipWhiteSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
            position += 1
            return object
        }
        while true {
            let keyStart = position
            guard position < bytes.count else { throw endsInside("object", openedAt: start) }
            guard bytes[position] == UInt8(ascii: "\"") else {
                throw refusal(
                    "json.syntax", at: position, "\(describe(position)) where a key in double quotes is expected",
                    mend: "write valid JSON")
            }
            let key = try parseString()
            if let first = keys.place(of: key, else: keyStart) {
                throw refusal(
                    "json.duplicate-key", at: keyStart,
                    "\(Self.quotable(key)) appears twice (first at \(place(first)))",
                    mend: "keep one of the two")
            }
            skipWhiteSpace()
            guard position < bytes.count else { throw endsInside("object", openedAt: start) }
            guard bytes[position] == UInt8(ascii: ":") else {
                throw refusal(
                    "json.syntax", at: position, "\(describe(position)) where \":\" is expected after a key",
                    mend: "write valid JSON")
            }
            position += 1
            skipWhiteSpace()
            let onPath = onPath && isNext(.key(key))
            if onPath { matched += 1 }
            object.members.append(JSONObject.Member(key, try parseValue(depth: depth, onPath: onPath)))
            if onPath { matched -= 1 }
            if try closes(with: UInt8(ascii: "}"), openedAt: start, as: "object") { return object }
        }
    }

    /// After an element: true at the closing bracket, false after a comma that another element follows.
    private mutating func closes(with bracket: UInt8, openedAt start: Int, as kind: String) throws(Refusal) -> Bool {
        skipWhiteSpace()
        guard position < bytes.count else { throw endsInside(kind, openedAt: start) }
        if bytes[position] == bracket {
            position += 1
            return true
        }
        let closing = String(decoding: [bracket], as: UTF8.self)
        guard bytes[position] == UInt8(ascii: ",") else {
            throw refusal(
                "json.syntax", at: position, "\(describe(position)) where \",\" or \"\(closing)\" is expected",
                mend: "write valid JSON")
        }
        let comma = position
        position += 1
        skipWhiteSpace()
        if position < bytes.count, bytes[position] == bracket {
            throw refusal(
                "json.trailing-comma", at: comma, "a comma before \"\(closing)\"; JSON has no trailing commas",
                mend: "remove the comma")
        }
        return false
    }

    private func isNext(_ step: JSONPathStep) -> Bool {
        guard let wanted, matched < wanted.count else { return false }
        switch (wanted[matched], step) {
        case (.key(let a), .key(let b)): return a.sameBytes(as: b)
        case (.index(let a), .index(let b)): return a == b
        default: return false
        }
    }

    private func checkDepth(_ depth: Int) throws(Refusal) {
        guard depth <= limits.depth else {
            throw refusal(
                "json.too-deep", at: position,
                "arrays and objects are nested more than \(limits.depth) deep; at most \(limits.depth) are read",
                mend: "flatten the document")
        }
    }

    private mutating func parseNumber() throws(Refusal) -> JSONNumber {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        guard skipDigits() > 0 else {
            throw refusal(
                "json.syntax", at: position, "\(describe(position)) where a digit is expected",
                mend: "write valid JSON")
        }
        if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
            throw refusal(
                "json.syntax", at: start, "a number with a leading zero; JSON has none", mend: "remove the zero")
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try requireDigits("after the decimal point")
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try requireDigits("in the exponent")
        }
        guard position - start <= limits.numberBytes else {
            throw refusal(
                "json.too-large", at: start,
                "a number of \(position - start) bytes; at most \(limits.numberBytes) are read",
                mend: "write a shorter number")
        }
        return JSONNumber(checkedLiteral: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func requireDigits(_ place: String) throws(Refusal) {
        guard skipDigits() > 0 else {
            throw refusal(
                "json.syntax", at: position, "\(describe(position)) where a digit is expected \(place)",
                mend: "write valid JSON")
        }
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        return position - start
    }
}
