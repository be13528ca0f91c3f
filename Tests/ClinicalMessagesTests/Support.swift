import Diagnostics
import Foundation
import Testing

@testable import ClinicalMessages

/// FNV-1a, 64 bits: a digest for tests, written as 16 hexadecimal digits.
func fnv(_ bytes: some Sequence<UInt8>) -> String {
    let value = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

/// Keys for tests: a digest in place of the keyed hash that a site uses.
let testKeys = IdentifierKeys(
    key: { fnv(Array("\($0.rawValue)\u{1F}\($1)\u{1F}\($2)".utf8)) }, digest: { fnv($0) })

/// A seeded generator (SplitMix64), so that every run tries the same inputs.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Real messages beside the checkout, or where `OVERREAD_SHARED_DATA` says, or nil where they are absent.
func sharedData(_ folder: String) -> URL? {
    let named = ProcessInfo.processInfo.environment["OVERREAD_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let beside = root.deletingLastPathComponent().appendingPathComponent("shared/data")
    let url = (named ?? beside).appendingPathComponent(folder)
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
}

/// A synthetic message: `OBX` lines under one order, segments ended by carriage returns.
func syntheticMessage(
    control: String = "CTRL0001", accession: String = "ACC70001", status: String = "F", lines: [String],
    changed: String = "20260301100000", patient: String = "PAT90001", principal: String = "ATT1",
    assistant: String = "RES1",
    observationStatus: String? = nil
) -> String {
    let segments =
        [
            "MSH|^~\\&|RIS|SITE|OVERREAD|SITE|20260301100500||ORU^R01|\(control)|P|2.5.1",
            "PID|1||\(patient)^^^SITE^MR||TESTCASE^ADA",
            "OBR|1|PL1|\(accession)|CTCHEST^CT chest^L|||20260301090000|||||||||||\(accession)||||\(changed)||CT|\(status)"
                + "|||||||\(principal)&Attending&One|\(assistant)&Resident&Two",
        ]
        + lines.enumerated().map {
            "OBX|\($0.offset + 1)|TX|RPT||\($0.element)||||||\(observationStatus ?? status)"
        }
    return segments.joined(separator: "\r") + "\r"
}

/// Settings of the synthetic feed.
func syntheticSettings() -> FeedSettings { FeedSettings(name: "synthetic") }

/// The first report of a message's text.
func readVersion(_ message: String, settings: FeedSettings = syntheticSettings()) throws -> ReportVersion {
    let parsed = try HL7Message(parsing: Array(message.utf8), named: "test.hl7")
    let reading = try ORUReader(settings: settings, keys: testKeys).read(parsed, at: "test.hl7:message 1")
    return try #require(reading.versions.first)
}

/// Whether two strings have the same bytes.
func sameText(_ a: String, _ b: String) -> Bool { Array(a.utf8) == Array(b.utf8) }
