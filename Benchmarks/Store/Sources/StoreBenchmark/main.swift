// Measures the preference store: import, snapshot, check, backup, size, and the next pair for a reader. Prints a table.
//
//   swift run -c release StoreBenchmark [PAIRS...]      1000 10000 100000 without arguments
//
// All text is synthetic. Times are of one run on a machine that may be doing other work.
import Foundation
import Preferences

/// Small words that follow from a seed: SplitMix64.
struct Words {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// `count` words of a vocabulary of 4,096.
    mutating func text(_ count: Int) -> String {
        var text = ""
        for index in 0..<count {
            if index > 0 { text += " " }
            let word = next() & 0xFFF
            text += "w" + String(word, radix: 36) + (word % 3 == 0 ? "ation" : "ity")
        }
        return text
    }
}

/// A case: an instruction that all share, findings of its own, and two impressions.
struct Case {
    let prompt: String
    let chosen: String
    let rejected: String

    static let instruction = "Write the impression of this synthetic report in the department's style. Findings: "

    init(_ number: Int) {
        var words = Words(state: UInt64(number))
        prompt = Case.instruction + words.text(130)
        chosen = words.text(35)
        rejected = words.text(40)
    }

    var byteCount: Int { prompt.utf8.count + chosen.utf8.count + rejected.utf8.count }
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let duration = try clock.measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

func percentile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}

func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// The most memory that this process ever held, in MiB.
func peakMemory() -> String {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kibibytes = line?.split(separator: " ").compactMap { Double($0) }.first ?? 0
    return fixed(kibibytes / 1024, 0)
}

func fileSize(_ path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber) ?? nil)?.intValue ?? 0
}

func run(_ count: Int) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/overread-bench-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/pairs.jsonl"
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    var textBytes = 0
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    for start in stride(from: 0, to: count, by: 1000) {
        var piece = ""
        for number in start..<min(count, start + 1000) {
            let item = Case(number)
            textBytes += item.byteCount
            piece += #"{"id":"r\#(number)","patient":"P\#(number / 3)","exam":"E\#(number)","modality":"CT","#
            piece += #""body_part":"head","prompt":"\#(item.prompt)","chosen":"\#(item.chosen)","#
            piece += #""rejected":"\#(item.rejected)"}"# + "\n"
        }
        try output.write(contentsOf: Data(piece.utf8))
    }
    try output.close()

    let path = folder + "/store.sqlite"
    let store = try PreferenceStore(at: path, actor: "benchmark")
    let imported = try seconds { _ = try store.importPairs(from: file) }
    let frozen = try seconds { _ = try store.makeSnapshot() }
    let checked = try seconds { try store.check() }
    let backup = try seconds { _ = try store.backup(to: folder + "/backup.sqlite") }
    let size = fileSize(folder + "/backup.sqlite")

    let queue = try PreferenceStore(at: folder + "/queue.sqlite", actor: "benchmark")
    for reader in ["a", "b"] { try queue.register(Reviewer(key: reader, credential: .attending)) }
    let created = try seconds {
        for start in stride(from: 0, to: count, by: 10_000) {
            _ = try queue.createJudgingPairs(
                (start..<min(count, start + 10_000)).map { number in
                    let item = Case(number)
                    let model = Candidate.Model(base: "base")
                    return PairForJudging(
                        prompt: .text(item.prompt),
                        first: Candidate(text: .text(item.chosen), author: .model, model: model),
                        second: Candidate(text: .text(item.rejected), author: .model, model: model),
                        exam: Exam(key: "E\(number)", patient: "P\(number / 3)"), readersWanted: 2)
                })
        }
    }
    var floor: [Double] = []
    for index in 0..<200 {
        floor.append(try seconds { try queue.setActive(index % 2 == 1, reviewer: "b") })
    }
    var next: [Double] = []
    var kept: [Double] = []
    for index in 0..<min(1000, count) {
        let reader = index % 3 == 0 ? "b" : "a"
        var shown: Presentation?
        next.append(try seconds { shown = try queue.leaseNext(for: reader) })
        guard let shown else { break }
        kept.append(
            try seconds { _ = try queue.record(Judgement(.left, strength: .better), on: shown.id, by: reader) })
    }
    print(
        "| \(count) | \(fixed(Double(textBytes) / Double(count), 0)) | \(fixed(imported, 2)) "
            + "| \(fixed(Double(count) / imported, 0)) | \(fixed(Double(size) / Double(textBytes), 2)) "
            + "| \(fixed(frozen, 2)) | \(fixed(checked, 2)) | \(fixed(backup, 2)) | \(fixed(created, 2)) "
            + "| \(fixed(percentile(floor, 0.5) * 1000, 2)) / \(fixed(percentile(floor, 0.99) * 1000, 2)) "
            + "| \(fixed(percentile(next, 0.5) * 1000, 2)) / \(fixed(percentile(next, 0.99) * 1000, 2)) "
            + "| \(fixed(percentile(kept, 0.5) * 1000, 2)) / \(fixed(percentile(kept, 0.99) * 1000, 2)) "
            + "| \(peakMemory()) |")
}

let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
print(
    """
    SQLite \(PreferenceStore.sqliteVersion). Times in seconds; the last three pairs of times in milliseconds, median / \
    99th percentile, each with its commit to the disk: `commit` is a change of one row, the floor that the disk sets.

    | pairs | text bytes a pair | import | pairs/s | size / text | snapshot | check | backup | queue filled | commit \
    | next pair | answer kept | peak MiB |
    | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    """)
for count in sizes.isEmpty ? [1000, 10_000, 100_000] : sizes { try run(count) }
