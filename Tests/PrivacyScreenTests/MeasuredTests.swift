import Foundation
import PrivacyScreen
import Testing

/// Recall of one kind of label: how many were found at all, how many of their bytes, and how many under the right class.
private struct Recall {
    var labels = 0
    var found = 0
    var rightClass = 0
    var bytes = 0
    var bytesFound = 0

    static func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
    var share: Double { Self.share(found, of: labels) }
    var byteShare: Double { Self.share(bytesFound, of: bytes) }
    var classShare: Double { Self.share(rightClass, of: labels) }
}

private func percent(_ share: Double) -> String { "\(Int((share * 1000).rounded())) ‰" }

@Suite("Measured on labelled and on de-identified text", .serialized)
struct MeasuredTests {
    private static let thresholds = [PrivacyScreener.defaultConfidence, PrivacyScreener.surerConfidence]

    /// What holds now at the default threshold, a little below what was measured; raise these with the rules.
    private static let floors: [String: (found: Double, bytes: Double)] = [
        "PERSON": (0.87, 0.88), "STREET_ADDRESS": (0.96, 0.78), "GPE": (0.82, 0.79), "ZIP_CODE": (0.62, 0.60),
        "DATE_TIME": (1, 1), "PHONE_NUMBER": (1, 0.99), "EMAIL_ADDRESS": (1, 1), "DOMAIN_NAME": (1, 1),
        "IP_ADDRESS": (1, 1), "US_SSN": (1, 1), "CREDIT_CARD": (1, 1), "IBAN_CODE": (1, 1), "US_DRIVER_LICENSE": (1, 1),
    ]

    @Test(
        "recall by label on presidio-research's synthetic set stays above its floors",
        .enabled(if: LabelledText.path != nil, "no phi/ in ../shared/data or in OVERREAD_SHARED_DATA"))
    func recall() throws {
        let texts = try LabelledText.load()
        #expect(texts.count == 1_500)
        for threshold in Self.thresholds {
            let (recalls, precision) = Self.measure(texts, PrivacyScreener(minimumConfidence: threshold))
            print("threshold \(threshold): label, labels, found, bytes found, right class")
            for (label, recall) in recalls.sorted(by: { $0.key < $1.key }) {
                print(
                    "  \(label) \(recall.labels): \(percent(recall.share)), \(percent(recall.byteShare)),"
                        + " \(percent(recall.classShare))")
            }
            print("  findings, of a label of their class, of any label")
            for (kind, row) in precision.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                print(
                    "  \(kind.rawValue) \(row.all): \(percent(Recall.share(row.right, of: row.all))),"
                        + " \(percent(Recall.share(row.labelled, of: row.all)))")
            }
            guard threshold == PrivacyScreener.defaultConfidence else { continue }
            #expect(Set(recalls.keys) == Set(Self.floors.keys))
            for (label, floor) in Self.floors {
                let recall = try #require(recalls[label])
                #expect(recall.share >= floor.found && recall.byteShare >= floor.bytes, "\(label)")
            }
            // Most of what is unlabelled are titles of songs and offices, which reports do not have.
            for (kind, least) in [(IdentifierClass.geography, 0.98), (.date, 0.85), (.name, 0.79)] {
                let row = try #require(precision[kind])
                #expect(Recall.share(row.labelled, of: row.all) >= least, "\(kind)")
            }
        }
    }

    private static func measure(
        _ texts: [LabelledText], _ screener: PrivacyScreener
    ) -> (recalls: [String: Recall], precision: [IdentifierClass: (all: Int, right: Int, labelled: Int)]) {
        var recalls: [String: Recall] = [:]
        var precision: [IdentifierClass: (all: Int, right: Int, labelled: Int)] = [:]
        for text in texts {
            let findings = screener.screen(text.full_text).findings
            let labels = text.labels
            for label in labels {
                guard let kind = label.identifierClass else { continue }
                let hits = findings.filter { $0.range.overlaps(label.range) }
                var recall = recalls[label.type] ?? Recall()
                recall.labels += 1
                recall.found += hits.isEmpty ? 0 : 1
                recall.rightClass += hits.contains { isSame($0.identifierClass, kind) } ? 1 : 0
                recall.bytes += label.range.count
                recall.bytesFound += hits.reduce(0) { $0 + $1.range.clamped(to: label.range).count }
                recalls[label.type] = recall
            }
            for finding in findings {
                let hits = labels.filter { $0.range.overlaps(finding.range) }
                var row = precision[finding.identifierClass] ?? (0, 0, 0)
                row.all += 1
                row.right +=
                    hits.contains { $0.identifierClass.map { isSame(finding.identifierClass, $0) } ?? false } ? 1 : 0
                row.labelled += hits.isEmpty ? 0 : 1
                precision[finding.identifierClass] = row
            }
        }
        return (recalls, precision)
    }

    /// The set labels fax numbers as telephone numbers.
    private static func isSame(_ found: IdentifierClass, _ label: IdentifierClass) -> Bool {
        found == label || found == .fax && label == .phone
    }

    @Test(
        "few of 1,932 de-identified reports are suspect",
        .enabled(if: sharedData("reports/indiana_reports_dev.csv") != nil, "no reports/ in ../shared/data or elsewhere")
    )
    func reports() throws {
        let path = try #require(sharedData("reports/indiana_reports_dev.csv"))
        let reports = csvRows(try String(contentsOfFile: path, encoding: .utf8)).dropFirst()
            .map { $0.dropFirst().joined(separator: "\n") }
        #expect(reports.count == 1_932)
        let suspects = Self.suspects(reports, "de-identified reports")
        // Seven still hold a day and month; the rest are product names.
        #expect(suspects[PrivacyScreener.defaultConfidence] ?? .max <= 20)
        #expect(suspects[PrivacyScreener.surerConfidence] ?? .max <= 8)
    }

    @Test("nothing but dates of prior exams is found in the synthetic pairs that ship")
    func pairs() throws {
        struct Pair: Decodable {
            struct Message: Decodable { let content: String }
            let prompt, chosen, rejected: [Message]
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let lines = try String(
            contentsOf: root.appendingPathComponent("Preferences/impression-pairs.jsonl"), encoding: .utf8)
        let pairs = try lines.split(separator: "\n").map { try JSONDecoder().decode(Pair.self, from: Data($0.utf8)) }
        let texts = pairs.flatMap { $0.prompt + $0.chosen + $0.rejected }.map(\.content)
        #expect(texts.count > 400)
        _ = Self.suspects(texts, "synthetic texts")
        let others = texts.flatMap { PrivacyScreener().screen($0).findings }.filter { $0.identifierClass != .date }
        #expect(others.count <= texts.count / 200, "\(others.map(\.rule))")
    }

    /// How many texts are suspect at each threshold, printed with the rules.
    private static func suspects(_ texts: [String], _ name: String) -> [Double: Int] {
        var suspects: [Double: Int] = [:]
        for threshold in thresholds {
            let results = texts.map { PrivacyScreener(minimumConfidence: threshold).screen($0) }
            let rules = Dictionary(grouping: results.flatMap(\.findings), by: \.rule).mapValues(\.count)
            let suspect = results.count { $0.state == .suspect }
            suspects[threshold] = suspect
            print(
                "threshold \(threshold): \(suspect) of \(texts.count) \(name) suspect:",
                rules.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        return suspects
    }
}

/// The rows of a CSV text with quoted fields.
private func csvRows(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        index += 1
        if isQuoted {
            if byte != 0x22 {
                field.append(byte)
            } else if index < bytes.count, bytes[index] == 0x22 {
                field.append(byte)
                index += 1
            } else {
                isQuoted = false
            }
        } else if byte == 0x22 {
            isQuoted = true
        } else if byte == 0x2C || byte == 0x0A {
            row.append(String(decoding: field, as: UTF8.self))
            field = []
            if byte == 0x0A {
                rows.append(row)
                row = []
            }
        } else if byte != 0x0D {
            field.append(byte)
        }
    }
    if !field.isEmpty || !row.isEmpty { rows.append(row + [String(decoding: field, as: UTF8.self)]) }
    return rows
}
