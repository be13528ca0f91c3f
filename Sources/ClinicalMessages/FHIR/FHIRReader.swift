public import Diagnostics
internal import StrictJSON

/// What one FHIR file gave.
public struct FHIRReading: Sendable {
    /// The reports; every version of a history is one.
    public var versions: [ReportVersion] = []
    /// Resources and lines that could not be read, with the reason; the index counts the file's resources from 0.
    public var quarantined: [QuarantinedInput] = []
    /// What was noticed.
    public var notices: [ReadingNotice] = []
    /// Reports that were entered in error or deleted: each is a version that withdraws its report, without text.
    public var enteredInError = 0
}

/// Reads radiology reports from FHIR R4 and R5: a DiagnosticReport, a Bundle of any type (histories too), or ndjson.
///
/// Strict JSON; nothing is fetched, whatever a resource points to.
public struct FHIRReader: Sendable {
    /// How the feed is read.
    public let settings: FeedSettings
    /// Turns identifiers into keys.
    public let keys: IdentifierKeys

    /// The most bytes that one attachment may have when decoded.
    public static let greatestAttachment = 8 << 20

    /// Makes a reader.
    public init(settings: FeedSettings, keys: IdentifierKeys) {
        self.settings = settings
        self.keys = keys
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - named: how refusals call it.
    /// - Throws: what ``StrictJSON`` refuses of a single document, and `fhir.type` when it is neither a Bundle nor a
    ///   DiagnosticReport. One bad line of ndjson, and one bad resource of a Bundle, is quarantined instead.
    public func read(_ bytes: [UInt8], named: String) throws(Refusal) -> FHIRReading {
        var reading = FHIRReading()
        var resources = FHIRResources()
        let document: JSONValue
        do throws(Refusal) {
            document = try JSONValue(parsing: bytes, named: named)
        } catch {
            let lines = bytes.split(separator: 0x0A).filter { ByteText.trimmed($0).first == 0x7B }
            guard lines.count >= 2 else { throw error }
            readLines(bytes, named: named, into: &resources, &reading)
            readReports(resources, isHistory: true, named: named, &reading)
            return reading
        }
        let root = FHIRResource(
            json: document, path: document["resourceType"]?.string == "Bundle" ? "Bundle" : "DiagnosticReport",
            fullURL: nil)
        switch root.type {
        case "DiagnosticReport":
            resources.add(root)
            reading.versions.append(try report(root, resources, named: named, &reading))
        case "Bundle":
            let isHistory = document["type"]?.string == "history"
            readEntries(document, isHistory: isHistory, named: named, into: &resources, &reading)
            readReports(resources, isHistory: isHistory, named: named, &reading)
        default: throw wrongType(root, at: named)
        }
        return reading
    }

    private func readLines(
        _ bytes: [UInt8], named: String, into resources: inout FHIRResources, _ reading: inout FHIRReading
    ) {
        for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard !line.allSatisfy(ByteText.isSpace) else { continue }
            do throws(Refusal) {
                let json = try JSONValue(parsing: Array(line), named: named, firstLine: number + 1)
                let resource = FHIRResource(json: json, path: "line \(number + 1)", fullURL: nil)
                if resource.type == "Bundle" {
                    readEntries(
                        json, isHistory: json["type"]?.string == "history", named: named, into: &resources, &reading)
                } else {
                    guard !resource.type.isEmpty else { throw wrongType(resource, at: "\(named):\(number + 1)") }
                    resources.add(resource)
                }
            } catch {
                reading.quarantined.append(
                    QuarantinedInput(index: number, bytes: line.startIndex..<line.endIndex, refusal: error))
            }
        }
    }

    private func readEntries(
        _ bundle: JSONValue, isHistory: Bool, named: String, into resources: inout FHIRResources,
        _ reading: inout FHIRReading
    ) {
        for (index, entry) in (bundle["entry"]?.array ?? []).enumerated() {
            let path = "Bundle.entry[\(index)]"
            guard let json = entry["resource"] else {
                if let deleted = deletion(entry, path: path) {
                    reading.versions.append(deleted)
                    reading.enteredInError += 1
                } else if entry["request"]?["method"]?.string != "DELETE" {
                    reading.notices.append(
                        ReadingNotice("fhir.empty-entry", at: "\(named): \(path)", "an entry without a resource"))
                }
                continue
            }
            let resource = FHIRResource(json: json, path: "\(path).resource", fullURL: entry["fullUrl"]?.string)
            guard !resource.type.isEmpty else {
                quarantine(wrongType(resource, at: "\(named): \(resource.path)"), index, &reading)
                continue
            }
            if resources.add(resource), !isHistory {
                let refusal = Refusal(
                    code: "fhir.duplicate", at: "\(named): \(path).fullUrl",
                    "an earlier entry has the same fullUrl and version; a reference to it means two resources",
                    mend: "give every entry its own fullUrl, or send a history Bundle")
                if resource.type == "DiagnosticReport" {
                    quarantine(refusal, index, &reading)
                } else {
                    reading.notices.append(ReadingNotice(refusal.code, at: refusal.location, refusal.problem))
                }
            }
        }
    }

    private func readReports(
        _ resources: FHIRResources, isHistory: Bool, named: String, _ reading: inout FHIRReading
    ) {
        var seen: Set<[UInt8]> = []
        var releases: Set<FHIRRelease> = []
        for (index, resource) in resources.all.enumerated() where resource.type == "DiagnosticReport" {
            if !isHistory, let url = resource.fullURL,
                !seen.insert(Array("\(url)\u{1F}\(resource.versionID ?? "")".utf8)).inserted
            {
                continue
            }
            do throws(Refusal) {
                if let release = Self.release(of: resource.json) {
                    releases.insert(release)
                    if releases.count > 1 {
                        throw Refusal(
                            code: "fhir.release", at: "\(named): \(resource.path)",
                            "a report of \(release.rawValue) among reports of another release",
                            mend: "export one release a file")
                    }
                }
                reading.versions.append(try report(resource, resources, named: named, &reading))
            } catch {
                quarantine(error, index, &reading)
            }
        }
        if reading.versions.isEmpty, reading.quarantined.isEmpty {
            reading.notices.append(
                ReadingNotice("fhir.no-report", at: named, "no DiagnosticReport among \(resources.all.count) resources")
            )
        }
    }

    private func quarantine(_ refusal: Refusal, _ index: Int, _ reading: inout FHIRReading) {
        reading.quarantined.append(QuarantinedInput(index: index, bytes: 0..<0, refusal: refusal))
    }

    private func wrongType(_ resource: FHIRResource, at location: String) -> Refusal {
        let isName =
            !resource.type.isEmpty && resource.type.utf8.count <= 40
            && resource.type.utf8.allSatisfy { ByteText.isUpper($0) || ByteText.isLower($0) }
        return Refusal(
            code: "fhir.type", at: "\(location): resourceType",
            "resourceType is \(isName ? resource.type : "missing or no name"); DiagnosticReport or Bundle is read here",
            mend: "export DiagnosticReport resources")
    }

    /// A report that a history says was deleted.
    private func deletion(_ entry: JSONValue, path: String) -> ReportVersion? {
        guard entry["request"]?["method"]?.string == "DELETE", let url = entry["request"]?["url"]?.string else {
            return nil
        }
        let parts = url.split(separator: "/")
        guard let place = parts.firstIndex(of: "DiagnosticReport"), place + 1 < parts.count else { return nil }
        let id = String(parts[place + 1])
        var version = ReportVersion(
            source: .fhir, feed: settings.name, messageKey: keys.key(.message, settings.name, "DELETE " + url),
            sourceDigest: keys.digest(entry.serializedBytes(sortedKeys: true)),
            status: StatusReading(raw: "DELETE", field: .fhir, normalized: .withdrawn))
        version.reportKey = keys.key(.report, settings.name, id)
        version.sentAt = entry["response"]?["lastModified"]?.string.flatMap { ReportTime(fhir: $0) }
        return version
    }

    /// The release that a report's elements belong to, when one of them is of one release only.
    static func release(of report: JSONValue) -> FHIRRelease? {
        if ["study", "note", "supportingInfo", "composition"].contains(where: { report[$0] != nil }) { return .r5 }
        return report["imagingStudy"] != nil ? .r4 : nil
    }
}
