/// Where the elements of a well-formed JSON array stand in its text.
enum JSONArrayElements {
    /// One element: its bytes, and the line and column where it begins, both from 1.
    struct Element {
        var range: Range<Int>
        let line: Int
        let column: Int
    }

    /// The elements in order; the text has been parsed before and is one array.
    static func ranges(in text: [UInt8]) -> [Element] {
        var elements: [Element] = []
        var open: (start: Int, line: Int, column: Int)?
        var end = 0
        var depth = 0
        var inString = false
        var escaped = false
        var line = 1
        var column = 1
        for (index, byte) in text.enumerated() {
            if byte & 0xC0 == 0x80 {
                if open != nil { end = index + 1 }
                continue
            }
            if inString {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
                end = index + 1
            } else {
                switch byte {
                case 0x20, 0x09, 0x0A, 0x0D: break
                case UInt8(ascii: ",") where depth == 1, UInt8(ascii: "]") where depth == 1:
                    if let begun = open {
                        elements.append(Element(range: begun.start..<end, line: begun.line, column: begun.column))
                    }
                    open = nil
                    if byte == UInt8(ascii: "]") { return elements }
                default:
                    if depth >= 1, open == nil { open = (index, line, column) }
                    end = index + 1
                    switch byte {
                    case UInt8(ascii: "\""): inString = true
                    case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                    case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                    default: break
                    }
                }
            }
            if byte == 0x0A {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return elements
    }
}
