public import Diagnostics
import FoundationEssentials
internal import StrictYAML

/// The names of a site's facilities: hospitals, clinics, departments, buildings.
///
/// The file is strict YAML of one shape:
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
        let root = try YAMLDocument(bytes, named: named, area: "sites").root
        try root.allowOnly(["sites"], what: "key of a site list")
        var names: [String] = []
        var seen: Set<[String]> = []
        for entry in try root.member("sites").entries() {
            let name = try entry.text()
            let words = Tokens(name).all.map(\.lower)
            guard words.contains(where: { !$0.isEmpty }), name.utf8.count <= Self.longestName else {
                throw entry.refusal(
                    "sites.length", "a name has \(name.utf8.count) bytes; 1 to \(Self.longestName) are allowed",
                    mend: "shorten it")
            }
            guard seen.insert(words).inserted else {
                throw entry.refusal("sites.repeated", "a name is given twice", mend: "keep one of the two")
            }
            names.append(name)
        }
        guard !names.isEmpty else {
            throw root.refusal("sites.empty", "the list has no names", mend: "write 'sites:' and lines of '- name'")
        }
        self.names = names
    }
}
