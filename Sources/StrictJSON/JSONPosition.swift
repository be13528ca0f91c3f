/// A place in a text: line and column, both from 1.
///
/// Lines end at line feeds. Columns count Unicode scalars; a byte that is not part of well-formed UTF-8 and is no
/// continuation byte counts as one.
public struct JSONPosition: Sendable, Equatable, CustomStringConvertible {
    /// The line, from 1 (or from the first line that the parser was given).
    public let line: Int
    /// The column in Unicode scalars, from 1.
    public let column: Int

    /// The place of a byte offset in a text whose first line has the given number.
    public init(of offset: Int, in bytes: [UInt8], firstLine: Int = 1) {
        var line = firstLine
        var column = 1
        for byte in bytes[..<min(offset, bytes.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }

    /// `line:column`.
    public var description: String { "\(line):\(column)" }
}

/// One step of the way to a value inside a document.
public enum JSONPathStep: Sendable, Equatable {
    /// A member of an object.
    case key(String)
    /// An element of an array, from 0.
    case index(Int)
}

extension JSONPosition {
    /// Where the value at a path begins, or nil when the document is refused or has no such value.
    ///
    /// Reads the document again: meant for the one message about a value that is well-formed and wrong.
    public static func locate(
        _ path: [JSONPathStep], in bytes: [UInt8], firstLine: Int = 1, limits: JSONLimits = .init()
    ) -> JSONPosition? {
        var parser = JSONParser(bytes: bytes, name: "", firstLine: firstLine, limits: limits, wanted: path)
        guard (try? parser.parseDocument()) != nil, let offset = parser.found else { return nil }
        return JSONPosition(of: offset, in: bytes, firstLine: firstLine)
    }
}
