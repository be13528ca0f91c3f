public import Diagnostics
import FoundationEssentials

/// The names of a site's facilities: hospitals, clinics, departments, buildings.
///
/// The file is YAML of one shape, and anything else of YAML is refused:
/// ```yaml
/// sites:
///   - Lakeside Imaging
///   - "St. Elsewhere: North Campus"
/// ```
public struct SiteList: Sendable, Equatable {
    /// The names, as people write them; they are found in any case.
    public let names: [String]

    /// The largest file that is read, in bytes.
    static let largestFile = 1 << 20
    /// The longest name, in bytes.
    static let longestName = 200

    /// Makes a list.
    public init(names: [String] = []) {
        self.names = names
    }

    /// Reads a list from a file.
    ///
    /// - Throws: `Refusal` when the file cannot be read or is no site list.
    public static func load(path: String) throws(Refusal) -> SiteList {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Refusal(
                code: "sites.unreadable", at: path, "the site list cannot be read", mend: "give the path of a YAML file"
            )
        }
        guard data.count <= largestFile else {
            throw Refusal(
                code: "sites.too-large", at: path,
                "the file has \(data.count) bytes; a site list has at most \(largestFile)", mend: "give a site list")
        }
        return try SiteList(parsing: [UInt8](data), named: path)
    }

    /// Reads a list from the bytes of a file; `named` is the file's name in refusals.
    ///
    /// - Throws: `Refusal` with `named:line:column`; no name of the list is quoted in it.
    public init(parsing bytes: [UInt8], named: String) throws(Refusal) {
        guard Array(String(decoding: bytes, as: UTF8.self).utf8) == bytes else {
            throw Refusal(code: "sites.not-utf8", at: named, "the file is not UTF-8", mend: "save it as UTF-8")
        }
        var names: [String] = []
        var seen: Set<[String]> = []
        var hasKey = false
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            let line = SiteLine(Array(line.last == 0x0D ? line.dropLast() : line), number: number + 1, file: named)
            guard let start = line.start else { continue }
            guard hasKey else {
                try line.expectKey(at: start)
                hasKey = true
                continue
            }
            let name = try line.entry(at: start)
            let words = Tokens(name).all.map(\.lower)
            guard words.contains(where: { !$0.isEmpty }), name.utf8.count <= Self.longestName else {
                throw line.refusal(
                    "sites.length", at: start,
                    "a name has \(name.utf8.count) bytes; 1 to \(Self.longestName) are allowed",
                    mend: "shorten it")
            }
            guard seen.insert(words).inserted else {
                throw line.refusal("sites.repeated", at: start, "a name is given twice", mend: "keep one of the two")
            }
            names.append(name)
        }
        guard !names.isEmpty else {
            throw Refusal(
                code: "sites.empty", at: named, "the list has no names", mend: "write 'sites:' and lines of '- name'")
        }
        self.names = names
    }
}

/// One line of a site list.
private struct SiteLine {
    let bytes: [UInt8]
    let number: Int
    let file: String

    init(_ bytes: [UInt8], number: Int, file: String) {
        self.bytes = bytes
        self.number = number
        self.file = file
    }

    /// The first byte that is no blank; nil for an empty line or a comment.
    var start: Int? {
        guard let start = bytes.firstIndex(where: { $0 != 0x20 }), bytes[start] != 0x23 else { return nil }
        return start
    }

    func refusal(_ code: String, at column: Int, _ problem: String, mend remedy: String) -> Refusal {
        Refusal(code: code, at: "\(file):\(number):\(column + 1)", problem, mend: remedy)
    }

    func expectKey(at start: Int) throws(Refusal) {
        guard start == 0, bytes.starts(with: "sites:".utf8), isBlank(after: 6) else {
            throw refusal(
                "sites.key", at: start, "found no 'sites:'; a site list begins with that line",
                mend: "write 'sites:' and the names below it, each behind '- '")
        }
    }

    /// The name of a line `- name`.
    func entry(at start: Int) throws(Refusal) -> String {
        guard bytes[start...].starts(with: "- ".utf8),
            let first = bytes[(start + 2)...].firstIndex(where: { $0 != 0x20 })
        else {
            throw refusal(
                "sites.entry", at: start, "found no entry; a name stands behind '- '", mend: "write '- ' and the name")
        }
        let mark = bytes[first]
        if mark == 0x22 || mark == 0x27 { return try quoted(from: first, mark) }
        guard !Array("&*!|>{}[]%@`,?:-#".utf8).contains(mark) else {
            throw refusal(
                "sites.indicator", at: first, "anchors, aliases, tags, block texts and nested values are not used here",
                mend: "write one name a line, in quotes when it begins with such a mark")
        }
        var last = bytes.count
        for index in first..<bytes.count {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0x20
            if bytes[index] == 0x09 || bytes[index] == 0x3A && next == 0x20 {
                throw refusal(
                    "sites.indicator", at: index, "found a tab, or a colon before a blank, in a plain name",
                    mend: "put the name in quotes")
            }
            if bytes[index] == 0x20, next == 0x23 {
                last = index
                break
            }
        }
        while last > first, bytes[last - 1] == 0x20 { last -= 1 }
        return String(decoding: bytes[first..<last], as: UTF8.self)
    }

    /// A name between quotes, without escapes.
    private func quoted(from first: Int, _ mark: UInt8) throws(Refusal) -> String {
        guard let end = bytes[(first + 1)...].firstIndex(of: mark), isBlank(after: end + 1),
            !bytes[first..<end].contains(0x5C)
        else {
            throw refusal(
                "sites.quotes", at: first, "the quotes are not closed, or hold a backslash or more quotes",
                mend: "write the name in one pair of quotes, without a backslash")
        }
        return String(decoding: bytes[(first + 1)..<end], as: UTF8.self)
    }

    /// Whether only blanks and a comment follow.
    private func isBlank(after index: Int) -> Bool {
        let rest = bytes[index...].drop { $0 == 0x20 }
        return rest.isEmpty || rest.first == 0x23 && rest.startIndex > index
    }
}
