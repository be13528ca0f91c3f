import Foundation
import StrictJSON
import Testing

@testable import Reporting

/// Compares a text with its snapshot file; `RECORD_SNAPSHOTS=1` writes the file instead, and fails.
private func expectSnapshot(_ text: String, _ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        Issue.record("recorded \(name); look at it, then run again without RECORD_SNAPSHOTS")
        return
    }
    let url = try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Golden"))
    let recorded = try Data(contentsOf: url)
    guard recorded != Data(text.utf8) else { return }
    let theirs = String(decoding: recorded, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let ours = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(theirs, ours).enumerated().first { $0.element.0 != $0.element.1 }
    Issue.record(
        "\(name) differs in line \((line?.offset ?? min(theirs.count, ours.count)) + 1): \(line?.element.1 ?? "another length")"
    )
}

@Suite("Snapshots")
struct SnapshotTests {
    @Test("the whole page")
    func page() throws { try expectSnapshot(SampleReport().report.html(), "sample.html") }

    @Test("the page of a report with base and aligned only")
    func minimalPage() throws { try expectSnapshot(SampleReport().minimal.html(), "minimal.html") }

    @Test("the JSON report")
    func json() throws {
        try expectSnapshot(SampleReport().report.json().serialized(pretty: true) + "\n", "sample.json")
    }

    @Test("the model card")
    func card() throws { try expectSnapshot(SampleReport().report.modelCard(), "model-card.md") }
}
