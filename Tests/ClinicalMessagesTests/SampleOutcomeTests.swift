import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import ClinicalMessages

/// What the public sample messages must give: statuses, counts, lengths and digests, none of their text.
@Suite(
    "Public sample messages",
    .enabled(
        if: sharedData("hl7") != nil && sharedData("fhir") != nil,
        "no hl7/ and fhir/ in ../shared/data or in OVERREAD_SHARED_DATA"))
struct SampleOutcomeTests {
    /// The feed settings that each public feed needs.
    func settings(_ file: String) -> FeedSettings {
        var settings = FeedSettings(name: "sample")
        settings.accessionField = .obr3
        if file.hasPrefix("lfh_") { settings.accessionField = .obr18 }
        return settings
    }

    func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }

    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    func outcome(_ version: ReportVersion) -> JSONValue {
        var sections = JSONObject()
        for section in version.report.sections {
            sections[section.kind.rawValue] = .object(
                JSONObject([
                    .init("bytes", number(section.text.utf8.count)), .init("fnv", .string(fnv(section.text.utf8))),
                ]))
        }
        var skipped = JSONObject()
        for (type, count) in version.skippedValues.sorted(by: { $0.key < $1.key }) { skipped[type] = number(count) }
        var found = JSONObject()
        found["format"] = .string(version.formatVersion)
        found["status_raw"] = .string(version.status.raw)
        found["status_field"] = .string(version.status.field.rawValue)
        found["status"] = text(version.status.normalized?.rawValue)
        found["conflict"] = text(version.status.conflict?.rawValue)
        found["exam_keys"] = number(version.examKeys.count)
        found["has_patient"] = .bool(version.patientKey != nil)
        found["modality"] = text(version.modality)
        found["interpreters"] = .array(version.interpreters.map { .string($0.role.rawValue) })
        found["changed_at"] = text(version.changedAt?.hl7)
        found["textless"] = .bool(version.isTextless)
        found["addendum"] = .bool(version.isAddendum)
        found["banners"] = .array(version.report.banners.map { .string($0.rawValue) })
        found["boilerplate_lines"] = number(version.report.boilerplateLines)
        found["identifiers_removed"] = number(version.identifiersRemoved)
        found["skipped"] = .object(skipped)
        found["source_bytes"] = number(version.sourceText.utf8.count)
        found["source_fnv"] = .string(fnv(version.sourceText.utf8))
        found["sections"] = .object(sections)
        return .object(found)
    }

    func outcomes() throws -> JSONObject {
        var found = JSONObject()
        for folder in ["hl7", "fhir"] {
            let url = try #require(sharedData(folder))
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() {
                let bytes = Array(try Data(contentsOf: url.appendingPathComponent(name)))
                do throws(Refusal) {
                    found[name] = try folder == "hl7" ? hl7(bytes, name) : fhir(bytes, name)
                } catch {
                    found[name] = ["refused": .string(error.code), "at": .string(error.location)]
                }
            }
        }
        return found
    }

    func hl7(_ bytes: [UInt8], _ name: String) throws(Refusal) -> JSONValue {
        let settings = settings(name)
        let file = try HL7File(parsing: bytes, named: name)
        var reports: [JSONValue] = []
        var notices = file.notices.map(\.code)
        for (index, message) in file.messages {
            let reading = try ORUReader(settings: settings, keys: testKeys).read(
                message, at: "\(name):message \(index + 1)")
            reports += reading.versions.map(outcome)
            notices += reading.notices.map(\.code)
        }
        return [
            "messages": number(file.messages.count),
            "quarantined": number(file.quarantined.count),
            "notices": .array(notices.map { .string($0) }), "reports": .array(reports),
        ]
    }

    func fhir(_ bytes: [UInt8], _ name: String) throws(Refusal) -> JSONValue {
        let reading = try FHIRReader(settings: settings(name), keys: testKeys).read(bytes, named: name)
        return [
            "quarantined": .array(reading.quarantined.map { .string($0.refusal.code) }),
            "notices": .array(reading.notices.map { .string($0.code) }),
            "reports": .array(reading.versions.map(outcome)),
        ]
    }

    @Test("every sample gives what is written down for it")
    func expected() throws {
        let found = try outcomes()
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
            let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Golden/sample-outcomes.json")
            try Data(JSONValue.object(found).serializedBytes(pretty: true) + [0x0A]).write(to: url)
            Issue.record("recorded; run again without RECORD_SNAPSHOTS")
            return
        }
        let url = try #require(Bundle.module.url(forResource: "Golden/sample-outcomes", withExtension: "json"))
        let wanted = try #require(
            try JSONValue(parsing: Array(try Data(contentsOf: url)), named: "sample-outcomes.json").object)
        #expect(found.keys == wanted.keys)
        for member in wanted.members {
            #expect(found[member.key] == member.value, "\(member.key): \(found[member.key]?.serialized() ?? "absent")")
        }
    }

    @Test("a report and the Observations it points to, put into one bundle, give findings and impression")
    func bundled() throws {
        let url = try #require(sharedData("fhir"))
        func load(_ name: String) throws -> JSONValue {
            try JSONValue(parsing: Array(try Data(contentsOf: url.appendingPathComponent(name))), named: name)
        }
        var report = try #require(try load("uscore_DiagnosticReport-chest-xray-report.json").object)
        report["presentedForm"] = nil
        let resources: [JSONValue] = [
            .object(report), try load("uscore_observation-xray-chest-findings.json"),
            try load("uscore_observation-xray-chest-impression.json"),
        ]
        let bundle: JSONValue = [
            "resourceType": "Bundle", "type": "collection", "entry": .array(resources.map { ["resource": $0] }),
        ]
        let reading = try FHIRReader(settings: settings("uscore"), keys: testKeys).read(
            bundle.serializedBytes(), named: "bundle")
        #expect(reading.versions.first?.report.sections.map(\.kind) == [.findings, .impression])
        #expect(reading.notices.isEmpty)
    }
}
