internal import StrictJSON

/// One resource of a file with where it stands.
struct FHIRResource {
    /// The resource.
    let json: JSONValue
    /// Its path in the file, such as `Bundle.entry[4].resource`.
    let path: String
    /// The entry's fullUrl, if it is in a Bundle.
    let fullURL: String?

    var type: String { json["resourceType"]?.string ?? "" }
    var id: String? { json["id"]?.string }
    var versionID: String? { json["meta"]?["versionId"]?.string }
    var lastUpdated: ReportTime? { json["meta"]?["lastUpdated"]?.string.flatMap { ReportTime(fhir: $0) } }
}

/// The resources that a file holds, looked up by reference; nothing outside the file is ever looked for.
struct FHIRResources {
    private(set) var all: [FHIRResource] = []
    private var byURL: [[UInt8]: [Int]] = [:]
    private var byName: [[UInt8]: [Int]] = [:]

    /// Adds a resource and says whether its fullUrl was there already for the same version.
    @discardableResult
    mutating func add(_ resource: FHIRResource) -> Bool {
        let index = all.count
        all.append(resource)
        var isRepeat = false
        if let url = resource.fullURL {
            isRepeat = byURL[Array(url.utf8)]?.contains { all[$0].versionID == resource.versionID } ?? false
            byURL[Array(url.utf8), default: []].append(index)
        }
        if let id = resource.id { byName[Array("\(resource.type)/\(id)".utf8), default: []].append(index) }
        return isRepeat
    }

    /// The resource that a reference in another one means: contained, by fullUrl, or by type and id.
    ///
    /// Of several versions the newest that is not newer than the referring one is taken.
    func resolve(_ reference: String, from source: FHIRResource) -> FHIRResource? {
        if reference.utf8.first == 0x23 {
            let id = String(reference.dropFirst())
            for (index, contained) in (source.json["contained"]?.array ?? []).enumerated()
            where contained["id"]?.string.map({ Array($0.utf8) }) == Array(id.utf8) {
                return FHIRResource(json: contained, path: "\(source.path).contained[\(index)]", fullURL: nil)
            }
            return nil
        }
        if let found = newest(byURL[Array(reference.utf8)], from: source) { return found }
        let parts = reference.split(separator: "/", omittingEmptySubsequences: false)
        let isHistory = parts.count >= 4 && parts[parts.count - 2] == "_history"
        let name = (isHistory ? parts.dropLast(2) : parts[...]).suffix(2)
        guard name.count == 2 else { return nil }
        let version = isHistory ? parts.last.map(String.init) : nil
        return newest(byName[Array(name.joined(separator: "/").utf8)], from: source, version: version)
    }

    private func newest(_ indices: [Int]?, from source: FHIRResource, version: String? = nil) -> FHIRResource? {
        let candidates = (indices ?? []).map { all[$0] }.filter { version == nil || $0.versionID == version }
        guard candidates.count > 1, let moment = source.lastUpdated else { return candidates.first }
        let earlier = candidates.filter { ($0.lastUpdated ?? moment) <= moment }
        return earlier.max { ($0.lastUpdated ?? moment) < ($1.lastUpdated ?? moment) } ?? candidates.first
    }

    /// What a reference looks like, without the identifier in it.
    static func shape(_ reference: String) -> String {
        if reference.utf8.first == 0x23 { return "a contained resource" }
        if reference.hasPrefix("urn:") { return "a urn (\(reference.utf8.count) bytes)" }
        let type = reference.split(separator: "/").dropLast().last.map(String.init) ?? ""
        let isType =
            !type.isEmpty && type.utf8.count <= 40
            && type.utf8.allSatisfy { ByteText.isUpper($0) || ByteText.isLower($0) }
        return isType ? "a resource of type \(type)" : "a reference of \(reference.utf8.count) bytes"
    }
}
