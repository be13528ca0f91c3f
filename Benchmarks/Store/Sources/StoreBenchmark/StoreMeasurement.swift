import Foundation
import Glibc
import Preferences

/// What one size of store was measured at; times in seconds.
struct StoreMeasurement: Codable {
    /// The median and the 99th percentile of many times, in milliseconds.
    struct Spread: Codable {
        let median: Double
        let p99: Double

        init(_ seconds: [Double]) {
            let sorted = seconds.sorted()
            func at(_ share: Double) -> Double {
                sorted.isEmpty ? 0 : 1000 * sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
            }
            median = at(0.5)
            p99 = at(0.99)
        }
    }

    let pairs: Int
    let textBytes: Int
    /// The largest files that the pairs came in.
    let pairsAFile: Int
    /// The median of ``allImportSeconds``.
    let importSeconds: Double
    /// The times of every import of so many pairs, each into a new store, in order.
    let allImportSeconds: [Double]
    /// Processor seconds of the import, on all cores: what other work on the machine does not change.
    let importProcessorSeconds: Double
    /// Pairs a second of the last file, when the store was nearly full.
    let lastFilePairsPerSecond: Double
    let fileBytes: Int
    /// The median of ``allSnapshotSeconds``.
    let snapshotSeconds: Double
    /// The times of every snapshot, each of the whole store and divided in another way, in order.
    let allSnapshotSeconds: [Double]
    let snapshotProcessorSeconds: Double
    let checkSeconds: Double
    let backupSeconds: Double
    let queueSeconds: Double
    /// A change of one row: what the disk's commit costs.
    let commit: Spread
    let nextPair: Spread
    let answerKept: Spread
    let peakMebibytes: Double

    var pairsPerSecond: Double { Double(pairs) / importSeconds }
    var sizeOverText: Double { Double(fileBytes) / Double(textBytes) }

    /// Measures a store of so many pairs in a folder of its own, which is removed again.
    init(pairs count: Int) throws {
        let folder = try Self.newFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        pairs = count
        pairsAFile = min(count, 100_000)
        // Of the import the median of several, each into a new store: other work on the machine makes it vary by a third.
        var imports: [(textBytes: Int, seconds: Double, lastRate: Double, processor: Double)] = []
        let times = count <= 100_000 ? 5 : 1
        for index in 0..<times {
            let place = index == times - 1 ? folder : folder + "/import"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            imports.append(try Self.importing(count, pairsAFile, place))
            if place != folder { try FileManager.default.removeItem(atPath: place) }
        }
        allImportSeconds = imports.map(\.seconds).sorted()
        (textBytes, importSeconds, lastFilePairsPerSecond, importProcessorSeconds) =
            imports.sorted { $0.seconds < $1.seconds }[times / 2]
        let store = try PreferenceStore(at: folder + "/store.sqlite", actor: "benchmark")
        var snapshots = [try Self.snapshot(store, seed: 0)]
        checkSeconds = try seconds { try store.check() }
        let copy = folder + "/backup.sqlite"
        backupSeconds = try seconds { _ = try store.backup(to: copy) }
        fileBytes = Self.fileSize(copy)
        try FileManager.default.removeItem(atPath: copy)
        // The others are divided in another way: a second one of the same members would only be found.
        for seed in 1..<UInt64(times) { snapshots.append(try Self.snapshot(store, seed: seed)) }
        allSnapshotSeconds = snapshots.map(\.seconds).sorted()
        (snapshotSeconds, snapshotProcessorSeconds) = snapshots.sorted { $0.seconds < $1.seconds }[times / 2]
        (queueSeconds, commit, nextPair, answerKept) = try Self.judging(count, folder)
        peakMebibytes = Self.peakMemory()
    }

    /// Pairs a second of an import of so many into a new store, and its processor seconds.
    static func importing(_ count: Int) throws -> (pairsPerSecond: Double, processor: Double) {
        let folder = try newFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (_, seconds, _, processor) = try importing(count, min(count, 100_000), folder)
        return (Double(count) / seconds, processor)
    }

    private static func newFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.path + "/overread-bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private static func snapshot(
        _ store: PreferenceStore, seed: UInt64
    ) throws -> (seconds: Double, processor: Double) {
        let before = processorSeconds()
        let time = try seconds { _ = try store.makeSnapshot(SnapshotOptions(seed: seed)) }
        return (time, processorSeconds() - before)
    }

    /// Imports the pairs in files of at most `size`; the files are written before the clock runs.
    private static func importing(
        _ count: Int, _ size: Int, _ folder: String
    ) throws -> (textBytes: Int, seconds: Double, lastRate: Double, processor: Double) {
        let store = try PreferenceStore(at: folder + "/store.sqlite", actor: "benchmark")
        var textBytes = 0
        var total = 0.0
        var lastRate = 0.0
        var processor = 0.0
        for start in stride(from: 0, to: count, by: size) {
            let file = folder + "/pairs.jsonl"
            let range = start..<min(count, start + size)
            textBytes += try SyntheticCase.write(range, to: file)
            let before = processorSeconds()
            let one = try seconds { _ = try store.importPairs(from: file) }
            processor += processorSeconds() - before
            total += one
            lastRate = Double(range.count) / one
            try FileManager.default.removeItem(atPath: file)
        }
        return (textBytes, total, lastRate, processor)
    }

    /// Fills a reading queue, and measures what a reader waits for.
    private static func judging(
        _ count: Int, _ folder: String
    ) throws -> (filled: Double, commit: Spread, next: Spread, kept: Spread) {
        let queue = try PreferenceStore(at: folder + "/queue.sqlite", actor: "benchmark")
        for reader in ["a", "b"] { try queue.register(Reviewer(key: reader, credential: .attending)) }
        var filled = 0.0
        for start in stride(from: 0, to: count, by: 10_000) {
            let model = Candidate.Model(base: "base")
            let pairs = (start..<min(count, start + 10_000)).map { number in
                let one = SyntheticCase(number)
                return PairForJudging(
                    prompt: .text(one.prompt),
                    first: Candidate(text: .text(one.chosen), author: .model, model: model),
                    second: Candidate(text: .text(one.rejected), author: .model, model: model),
                    exam: Exam(key: "E\(number)", patient: "P\(number / 3)"), readersWanted: 2)
            }
            filled += try seconds { _ = try queue.createJudgingPairs(pairs) }
        }
        let commit = try (0..<200).map { index in
            try seconds { try queue.setActive(index % 2 == 1, reviewer: "b") }
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
        return (filled, Spread(commit), Spread(next), Spread(kept))
    }

    private static func fileSize(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber) ?? nil)?.intValue ?? 0
    }

    /// The most memory that this process ever held, in MiB.
    private static func peakMemory() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").compactMap { Double($0) }.first ?? 0) / 1024
    }
}

/// The processor time of this process so far, on all cores.
func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

/// How long a piece of work takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}
