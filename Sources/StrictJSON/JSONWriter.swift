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
        case .string(let string): write(string)
        case .array(let elements):
            writeGroup(open: UInt8(ascii: "["), close: UInt8(ascii: "]"), elements, level: level) { writer, element in
                writer.write(element, level: level + 1)
            }
        case .object(let object):
            let members =
                sortedKeys
                ? object.members.sorted { $0.key.precedesInBytes($1.key) } : object.members
            writeGroup(open: UInt8(ascii: "{"), close: UInt8(ascii: "}"), members, level: level) { writer, member in
                writer.write(member.key)
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

    private mutating func write(_ string: String) {
        output.append(UInt8(ascii: "\""))
        let bytes = Array(string.utf8)
        // What needs no escape is copied in runs.
        var runStart = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if Self.needsEscape(byte) {
                output.append(contentsOf: bytes[runStart..<index])
                runStart = index + 1
                writeEscape(byte)
            }
            index += 1
        }
        output.append(contentsOf: bytes[runStart...])
        output.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case 0x08: output.append(contentsOf: "\\b".utf8)
        case 0x09: output.append(contentsOf: "\\t".utf8)
        case 0x0A: output.append(contentsOf: "\\n".utf8)
        case 0x0C: output.append(contentsOf: "\\f".utf8)
        case 0x0D: output.append(contentsOf: "\\r".utf8)
        default:
            output.append(contentsOf: "\\u00".utf8)
            output.append(Self.hexDigit(byte >> 4))
            output.append(Self.hexDigit(byte & 0xF))
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
