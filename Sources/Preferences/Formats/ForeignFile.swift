internal import Diagnostics
internal import Foundation
internal import StrictJSON

/// A foreign file as records, whatever holds them: lines, an array, rows.
struct ForeignFile {
    /// How records are held.
    enum Container {
        case jsonLines
        case jsonArray
        case csv
    }

    /// One record, or what is wrong with the piece of the file where one should be.
    enum Entry {
        case record(ForeignRecord)
        case refused(ImportPlan.Refused)
    }

    /// The largest array or CSV file, which are read whole; JSONL has no limit.
    static let wholeFileLimit = 256 << 20

    let path: String
    let container: Container
    private let mapping: ColumnMapping?
    private(set) var notes: [String] = []
    private(set) var digest = ""
    private(set) var byteCount: Int64 = 0
    private(set) var lineCount = 0

    /// Looks at the beginning of a file.
    ///
    /// - Parameter options: the format `csv` is CSV whatever the file looks like; a mapping must suit a CSV's columns.
    init(path: String, options: PairReadingOptions) throws(Refusal) {
        let format = options.format
        self.path = path
        mapping = options.mapping
        _ = try FileSafety.regularFile(path)
        let handle = try FileSafety.open(path)
        defer { try? handle.close() }
        let first = try FileSafety.read(handle, 4096, path: path)
        try Self.refuseOtherBytes(first, path: path)
        let found = Self.container(of: first)
        if format == .csv {
            container = .csv
        } else if let found, found != .csv || format == nil {
            container = found
        } else if first.isEmpty {
            throw Refusal(code: "file.empty", at: path, "no record at all", mend: "give a file with records")
        } else {
            throw Refusal(
                code: "format.unknown", at: path + ":1:1",
                "the file begins neither like a JSON array nor like JSONL"
                    + (format.map { "; \($0.rawValue) comes as one of them" } ?? ", nor does its first line have commas"),
                mend: found == .csv ? "take the format csv" : "give a JSON array, JSONL or CSV")
        }
    }

    private static func refuseOtherBytes(_ first: [UInt8], path: String) throws(Refusal) {
        if first.starts(with: [0x1F, 0x8B]) || first.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            throw Refusal(
                code: "file.archive", at: path, "a compressed file; pairs come as plain text", mend: "unpack it first")
        }
        if first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF]) || first.prefix(64).contains(0) {
            throw Refusal(
                code: "file.not-utf8", at: path + ":1:1", "the text is not UTF-8 but looks like UTF-16 or binary data",
                mend: "save it as UTF-8")
        }
    }

    private static func container(of first: [UInt8]) -> Container? {
        let text = first.starts(with: [0xEF, 0xBB, 0xBF]) ? first.dropFirst(3) : first[...]
        switch text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
        case UInt8(ascii: "["): return .jsonArray
        case UInt8(ascii: "{"): return .jsonLines
        default: return text.prefix { $0 != 0x0A }.contains(UInt8(ascii: ",")) ? .csv : nil
        }
    }

    /// Reads records in file order until `each` says no.
    ///
    /// - Throws: what makes the rest of the file unreadable; what is wrong with one record comes as an entry.
    mutating func read(
        progress: (Int64, Int64) -> Void = { _, _ in }, each: (Entry) throws(Refusal) -> Bool
    ) throws(Refusal) {
        notes = []
        switch container {
        case .jsonLines: try readLines(progress, each)
        case .jsonArray, .csv:
            let identity = try FileSafety.regularFile(path)
            let bytes = try FileSafety.contents(path, limit: Self.wholeFileLimit)
            guard try FileSafety.regularFile(path) == identity, Int64(bytes.count) == identity.bytes else {
                throw Refusal(
                    code: "file.changed", at: path, "the file changed while it was read",
                    mend: "try again once it is at rest")
            }
            digest = ContentDigest.sha256(bytes)
            byteCount = identity.bytes
            lineCount = bytes.reduce(bytes.last == 0x0A || bytes.isEmpty ? 0 : 1) { $0 + ($1 == 0x0A ? 1 : 0) }
            let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            if start > 0 { noteByteOrderMark() }
            let entries = try container == .csv ? rows(bytes, from: start) : elements(bytes, from: start)
            progress(byteCount, byteCount)
            for entry in entries where try !each(entry) { return }
        }
    }

    private mutating func noteByteOrderMark() {
        notes.append("a byte order mark at the beginning was passed over")
    }

    // MARK: JSONL

    private mutating func readLines(
        _ progress: (Int64, Int64) -> Void, _ each: (Entry) throws(Refusal) -> Bool
    ) throws(Refusal) {
        var lines = try JSONLines(path: path)
        if lines.hadByteOrderMark { noteByteOrderMark() }
        while let line = try lines.next() {
            let entry: Entry
            do throws(Refusal) {
                guard let bytes = line.bytes else { throw JSONLines.tooLong(line, path: path) }
                let value = try JSONValue(
                    parsing: bytes, named: path, firstLine: line.number, limits: PairDecoder.limits)
                entry = .record(
                    ForeignRecord(
                        value: value, line: line.number, offset: line.offset, length: line.length,
                        place: ForeignRecord.locator(bytes, file: path, line: line.number, column: 1)))
            } catch {
                entry = .refused(
                    ImportPlan.Refused(line: line.number, offset: line.offset, length: line.length, refusal: error))
            }
            progress(lines.bytesRead, lines.byteCount)
            if try !each(entry) { return }
        }
        digest = try lines.finishedDigest()
        byteCount = lines.byteCount
        lineCount = lines.lineCount
    }

    // MARK: Arrays

    private func elements(_ bytes: [UInt8], from start: Int) throws(Refusal) -> [Entry] {
        let text = start == 0 ? bytes : Array(bytes[start...])
        // Two levels more than a record has: the array, and the document itself.
        let limits = JSONLimits(
            depth: PairDecoder.limits.depth + 1, documentBytes: Self.wholeFileLimit,
            stringBytes: PairDecoder.limits.stringBytes)
        guard let values = try JSONValue(parsing: text, named: path, limits: limits).array else { return [] }
        let ranges = JSONArrayElements.ranges(in: text)
        var entries: [Entry] = []
        for (index, value) in values.enumerated() {
            let element = ranges[index]
            let end = index + 1 < ranges.count ? ranges[index + 1].range.lowerBound : element.range.upperBound
            let offset = Int64(start + element.range.lowerBound)
            let length = Int64(end - element.range.lowerBound)
            guard element.range.count <= JSONLines.lineLimit else {
                let refusal = Refusal(
                    code: "json.too-large", at: "\(path):\(element.line):\(element.column)",
                    "a record of \(element.range.count) bytes; at most \(JSONLines.lineLimit) are read",
                    mend: "shorten the record")
                entries.append(
                    .refused(
                        ImportPlan.Refused(line: element.line, offset: offset, length: length, refusal: refusal)))
                continue
            }
            let piece = Array(text[element.range])
            entries.append(
                .record(
                    ForeignRecord(
                        value: value, line: element.line, offset: offset, length: length,
                        place: ForeignRecord.locator(piece, file: path, line: element.line, column: element.column))))
        }
        return entries
    }

    // MARK: CSV

    private func rows(_ bytes: [UInt8], from start: Int) throws(Refusal) -> [Entry] {
        let rows = try CSVFile(bytes, from: start, named: path).rows
        guard let header = rows.first else {
            throw Refusal(code: "file.empty", at: path, "no record at all", mend: "give a file with records")
        }
        var names: [String] = []
        for field in header.fields {
            let name = String(decoding: field.bytes, as: UTF8.self)
            guard !name.isBlank, !names.contains(where: { $0.sameBytes(as: name) }) else {
                throw Refusal(
                    code: "csv.header", at: "\(path):\(field.place)",
                    name.isBlank ? "a column without a name" : "the name of a column appears twice",
                    mend: "give every column a name of its own in the first line")
            }
            names.append(name)
        }
        try MappedRecord.checkHeader(names, mapping) { "\(path):\(header.fields[$0].place)" }
        return rows.dropFirst().map { row in entry(row, names) }
    }

    private func entry(_ row: CSVFile.Row, _ names: [String]) -> Entry {
        guard row.fields.count == names.count else {
            let refusal = Refusal(
                code: "csv.column-count", at: "\(path):\(row.line):1",
                "the record has \(row.fields.count) field\(row.fields.count == 1 ? "" : "s"); "
                    + "the first line names \(names.count)",
                mend: "give every record a field for each column, or remove the line")
            return .refused(
                ImportPlan.Refused(
                    line: row.line, offset: Int64(row.offset), length: Int64(row.length), refusal: refusal))
        }
        var object = JSONObject()
        for (name, field) in zip(names, row.fields) {
            let text = String(decoding: field.bytes, as: UTF8.self)
            object.members.append(JSONObject.Member(name, text.isEmpty && !field.isQuoted ? .null : .string(text)))
        }
        let path = self.path
        var record = ForeignRecord(
            value: .object(object), line: row.line, offset: Int64(row.offset), length: Int64(row.length),
            place: { steps in
                guard case .key(let key)? = steps.first, let index = names.firstIndex(where: { $0.sameBytes(as: key) })
                else { return "\(path):\(row.line):1" }
                return "\(path):\(row.fields[index].place)"
            })
        record.isRow = true
        return .record(record)
    }
}
