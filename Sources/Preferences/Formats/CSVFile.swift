internal import Diagnostics

/// The records of a comma-separated file, strictly by RFC 4180 in UTF-8.
///
/// Fields are parted by commas and records by CRLF or LF. A field with a comma, a quotation mark or a line end stands in
/// quotation marks, and a mark inside is doubled; a mark anywhere else is refused. White space is part of a field.
struct CSVFile {
    /// One field.
    struct Field {
        let bytes: [UInt8]
        /// Whether it stood in quotation marks: an empty field without them is an absent value.
        let isQuoted: Bool
        let place: Place
    }

    /// One record with its place in the file.
    struct Row {
        let fields: [Field]
        let line: Int
        let offset: Int
        let length: Int
    }

    /// Line and column, both from 1; columns count characters as ``JSONPosition`` does.
    struct Place: CustomStringConvertible {
        let line: Int
        let column: Int
        var description: String { "\(line):\(column)" }
    }

    let rows: [Row]

    /// Parses a file's bytes, from `start` on.
    ///
    /// - Throws: `csv.quote`, `csv.line-end` or `csv.not-utf8` with line and column: past such a place nothing is sure.
    init(_ bytes: [UInt8], from start: Int, named: String) throws(Refusal) {
        var scanner = CSVScanner(bytes: bytes, position: start, name: named)
        rows = try scanner.rows()
    }
}

private struct CSVScanner {
    let bytes: [UInt8]
    var position: Int
    let name: String
    var line = 1
    var column = 1

    init(bytes: [UInt8], position: Int, name: String) {
        self.bytes = bytes
        self.position = position
        self.name = name
    }

    private var place: CSVFile.Place { CSVFile.Place(line: line, column: column) }

    private func refusal(_ code: String, at place: CSVFile.Place, _ problem: String, mend: String) -> Refusal {
        Refusal(code: code, at: "\(name):\(place)", problem, mend: mend)
    }

    /// Moves over one byte, keeping line and column.
    private mutating func advance() {
        if bytes[position] == 0x0A {
            line += 1
            column = 1
        } else if position + 1 == bytes.count || bytes[position + 1] & 0xC0 != 0x80 {
            column += 1
        }
        position += 1
    }

    mutating func rows() throws(Refusal) -> [CSVFile.Row] {
        var rows: [CSVFile.Row] = []
        while position < bytes.count {
            let start = position
            let line = line
            var fields = [try field()]
            while position < bytes.count, bytes[position] == UInt8(ascii: ",") {
                advance()
                fields.append(try field())
            }
            try endRecord()
            rows.append(CSVFile.Row(fields: fields, line: line, offset: start, length: position - start))
        }
        return rows
    }

    private mutating func endRecord() throws(Refusal) {
        guard position < bytes.count else { return }
        if bytes[position] == 0x0D {
            guard position + 1 < bytes.count, bytes[position + 1] == 0x0A else {
                throw refusal(
                    "csv.line-end", at: place, "a carriage return without a line feed outside quotation marks",
                    mend: "end lines with CRLF or LF, or put the field in quotation marks")
            }
            advance()
        }
        advance()
    }

    private mutating func field() throws(Refusal) -> CSVFile.Field {
        let start = place
        let isQuoted = position < bytes.count && bytes[position] == UInt8(ascii: "\"")
        let content = isQuoted ? try quoted() : try bare()
        guard String(validating: content, as: UTF8.self) != nil else {
            throw refusal("csv.not-utf8", at: start, "a field that is not UTF-8 begins here", mend: "save it as UTF-8")
        }
        return CSVFile.Field(bytes: content, isQuoted: isQuoted, place: start)
    }

    private mutating func bare() throws(Refusal) -> [UInt8] {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ","), 0x0A, 0x0D: return Array(bytes[start..<position])
            case UInt8(ascii: "\""):
                throw refusal(
                    "csv.quote", at: place, "a quotation mark inside a field that does not begin with one",
                    mend: "put the field in quotation marks and double those inside")
            default: advance()
            }
        }
        return Array(bytes[start..<position])
    }

    private mutating func quoted() throws(Refusal) -> [UInt8] {
        let opening = place
        var content: [UInt8] = []
        advance()
        while position < bytes.count {
            let byte = bytes[position]
            advance()
            guard byte == UInt8(ascii: "\"") else {
                content.append(byte)
                continue
            }
            guard position < bytes.count else { return content }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                content.append(byte)
                advance()
            case UInt8(ascii: ","), 0x0A, 0x0D: return content
            default:
                throw refusal(
                    "csv.quote", at: place, "something after the closing quotation mark of a field",
                    mend: "double the quotation marks inside a field")
            }
        }
        throw refusal(
            "csv.quote", at: opening, "the quotation mark that opens here is never closed", mend: "close the field")
    }
}
