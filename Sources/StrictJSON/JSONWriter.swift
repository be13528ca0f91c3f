extension JSONValue {
    /// The value as JSON text, the same for the same value on every machine.
    ///
    /// Quotation marks, backslashes and ASCII control characters (with DEL) are escaped; everything else is written as
    /// it is. Numbers are written as they were read.
    ///
    /// - Parameters:
    ///   - pretty: one member or element a line, two spaces a level; else no white space at all.
    ///   - sortedKeys: members in the byte order of their keys; else in the object's own order.
    public func serialized(pretty: Bool = false, sortedKeys: Bool = false) -> String {
        String(decoding: serializedBytes(pretty: pretty, sortedKeys: sortedKeys), as: UTF8.self)
    }

    /// The bytes of ``serialized(pretty:sortedKeys:)``.
    public func serializedBytes(pretty: Bool = false, sortedKeys: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty, sortedKeys: sortedKeys)
        writer.write(self, level: 0)
        return writer.output
    }
}

/// Writes values into one growing buffer.
struct JSONWriter {
    let pretty: Bool
    let sortedKeys: Bool
    var output: [UInt8] = []

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: number.literal.utf8)
        case .string(let string): output.appendJSON(string)
        case .array(let elements):
            writeGroup(open: UInt8(ascii: "["), close: UInt8(ascii: "]"), elements, level: level) { writer, element in
                writer.write(element, level: level + 1)
            }
        case .object(let object):
            let members =
                sortedKeys
                ? object.members.sorted { $0.key.precedesInBytes($1.key) } : object.members
            writeGroup(open: UInt8(ascii: "{"), close: UInt8(ascii: "}"), members, level: level) { writer, member in
                writer.output.appendJSON(member.key)
                writer.output.append(UInt8(ascii: ":"))
                if writer.pretty { writer.output.append(UInt8(ascii: " ")) }
                writer.write(member.value, level: level + 1)
            }
        }
    }

    private mutating func writeGroup<Item>(
        open: UInt8, close: UInt8, _ items: [Item], level: Int, writeItem: (inout JSONWriter, Item) -> Void
    ) {
        output.append(open)
        for (index, item) in items.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            newLine(level: level + 1)
            writeItem(&self, item)
        }
        if !items.isEmpty { newLine(level: level) }
        output.append(close)
    }

    private mutating func newLine(level: Int) {
        guard pretty else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }
}

extension [UInt8] {
    /// Adds a text as a JSON string, with its quotation marks.
    package mutating func appendJSON(_ string: String) {
        append(UInt8(ascii: "\""))
        if string.needsEscape { appendEscaped(string) } else { append(contentsOf: string.utf8) }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ string: String) {
        let bytes = Array(string.utf8)
        // What needs no escape is copied in runs.
        var runStart = 0
        for (index, byte) in bytes.enumerated()
        where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F {
            append(contentsOf: bytes[runStart..<index])
            runStart = index + 1
            appendEscape(byte)
        }
        append(contentsOf: bytes[runStart...])
    }

    private mutating func appendEscape(_ byte: UInt8) {
        func digit(_ nibble: UInt8) -> UInt8 {
            nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
        }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(byte)
        case 0x08: append(contentsOf: "\\b".utf8)
        case 0x09: append(contentsOf: "\\t".utf8)
        case 0x0A: append(contentsOf: "\\n".utf8)
        case 0x0C: append(contentsOf: "\\f".utf8)
        case 0x0D: append(contentsOf: "\\r".utf8)
        default:
            append(contentsOf: "\\u00".utf8)
            append(digit(byte >> 4))
            append(digit(byte & 0xF))
        }
    }
}

extension String {
    /// Whether any byte is written as an escape.
    fileprivate var needsEscape: Bool {
        let bytes = utf8.span
        // Without a way out of the loop it runs over many bytes at once.
        var (least, nearest) = (UInt8.max, UInt8.max)
        for index in bytes.indices {
            let byte = bytes[index]
            least = min(least, byte)
            nearest = min(nearest, min(byte ^ UInt8(ascii: "\""), min(byte ^ UInt8(ascii: "\\"), byte ^ 0x7F)))
        }
        return least < 0x20 || nearest == 0
    }
}
