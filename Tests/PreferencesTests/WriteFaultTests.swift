import Diagnostics
import Foundation
import Testing

@testable import Preferences

@Suite("Durability: writes that fail", .serialized, .enabled(if: WriteFaults.isPossible, "needs a C compiler"))
struct WriteFaultTests {
    /// How many places of each kind of work are tried: `STORE_WRITE_FAULTS`, 6 without it, `all` for every one.
    static let places: Int? = {
        let wanted = ProcessInfo.processInfo.environment["STORE_WRITE_FAULTS"]
        return wanted == "all" ? nil : wanted.flatMap { Int($0) } ?? 6
    }()

    /// Numbers spread over `1...count`, the first and the last among them.
    static func spread(_ count: Int) -> [Int] {
        guard let places, places < count else { return Array(1...count) }
        return (0..<places).map { 1 + $0 * (count - 1) / max(1, places - 1) }
    }

    /// Runs a piece of work once whole, and then with its n-th write failing in each of four ways.
    private func sweep(
        _ prepare: (Scratch) throws -> Void, _ work: (Scratch) -> [String],
        check: (_ store: PreferenceStore, _ acknowledged: [String], _ place: String) throws -> Void
    ) throws {
        let faults = try WriteFaults()
        let whole = try Scratch()
        try prepare(whole)
        let untouched = try Probe(work(whole), environment: faults.environment(count: whole.path("count")))
        #expect(untouched.finish().lines.last == "end")
        let total = try #require(
            Int(String(contentsOfFile: whole.path("count"), encoding: .utf8).filter(\.isNumber)))
        try #require(total > 5, "the library saw \(total) writes")
        var refusedCount = 0
        for number in Self.spread(total) {
            for error in [EIO, ENOSPC] {
                for isLasting in [false, true] {
                    let place = "write \(number) of \(total), error \(error)\(isLasting ? " from then on" : "")"
                    let scratch = try Scratch()
                    try prepare(scratch)
                    let probe = try Probe(
                        work(scratch), environment: faults.environment(at: number, error: error, isLasting: isLasting))
                    let (lines, complaint) = probe.finish()
                    #expect(probe.process.terminationReason == .exit, "\(place): ended by a signal")
                    if lines.last == "end" {
                        #expect(complaint.isEmpty && probe.process.terminationStatus == 0, "\(place): \(complaint)")
                    } else {
                        refusedCount += 1
                        #expect(probe.process.terminationStatus == 3, "\(place): \(complaint)")
                        #expect(Self.isSaid(complaint), "\(place): \(complaint)")
                    }
                    let store = try PreferenceStore(at: scratch.path("store.sqlite"))
                    try store.check()
                    try check(store, lines, place)
                }
            }
        }
        #expect(refusedCount > 0, "no failing write was ever noticed")
    }

    /// Whether a complaint names the disk and what to do.
    private static func isSaid(_ complaint: String) -> Bool {
        ["store.disk-full  ", "store.disk-error  ", "store.not-writable  ", "file."].contains {
            complaint.hasPrefix($0)
        } && complaint.contains("Mend: ")
    }

    @Test("whichever write of an import fails, it is said, and the store holds all of the file or nothing")
    func importing() throws {
        try sweep({ scratch in
            _ = try scratch.store().importPairs(from: scratch.file("a.jsonl", record(1) + record(2)))
            _ = try scratch.file("b.jsonl", (10..<60).map { record($0, patient: "P\($0)") }.joined())
        }) { scratch in
            [scratch.path("store.sqlite"), "import", scratch.path("b.jsonl")]
        } check: { store, lines, place in
            let count = try store.pairCount()
            #expect(count == 2 || count == 52, "\(place): half a file, \(count) pairs")
            if lines.contains(where: { $0.hasPrefix("import 50 ") }) { #expect(count == 52, "\(place)") }
        }
    }

    @Test("whichever write of a new store's first import fails, what is left opens and takes the file")
    func creating() throws {
        try sweep({ scratch in
            _ = try scratch.file("b.jsonl", LargeImportTests.large().joined())
        }) { scratch in
            [scratch.path("store.sqlite"), "import", scratch.path("b.jsonl")]
        } check: { store, lines, place in
            let count = try store.pairCount()
            #expect(count == 0 || count == LargeImportTests.count, "\(place): half a file, \(count) pairs")
            if lines.contains(where: { $0.hasPrefix("import \(LargeImportTests.count) ") }) {
                #expect(count == LargeImportTests.count, "\(place)")
            }
        }
    }

    @Test("whichever write of a snapshot fails, it is said, and the snapshot is there whole or not at all")
    func freezing() throws {
        try sweep({ scratch in
            let file = try scratch.file("a.jsonl", (0..<60).map { record($0, patient: "P\($0 / 3)") }.joined())
            _ = try scratch.store().importPairs(from: file)
        }) { scratch in
            [scratch.path("store.sqlite"), "snapshot", "1", "2"]
        } check: { store, lines, place in
            let kept = Set(try store.snapshots().map(\.digest))
            for line in lines where line.hasPrefix("snapshot ") {
                #expect(kept.contains(String(line.dropFirst(9))), "\(place)")
            }
        }
    }
}

/// The library that makes writes fail, compiled for one test.
private final class WriteFaults {
    private static let compiler = "/usr/bin/cc"
    private let scratch: Scratch
    private let library: String

    static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: compiler) && Probe.program != nil }

    init() throws {
        scratch = try Scratch()
        library = scratch.path("writefaults.so")
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("WriteFaults/writefaults.c").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.compiler)
        process.arguments = ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// The environment of a run that only counts.
    func environment(count: String) -> [String: String] {
        ["LD_PRELOAD": library, "WRITE_FAULT_PATH": "store.sqlite", "WRITE_FAULT_COUNT": count]
    }

    /// The environment of a run whose n-th write fails.
    func environment(at number: Int, error: Int32, isLasting: Bool) -> [String: String] {
        var values = [
            "LD_PRELOAD": library, "WRITE_FAULT_PATH": "store.sqlite", "WRITE_FAULT_AT": String(number),
            "WRITE_FAULT_ERROR": String(error),
        ]
        if isLasting { values["WRITE_FAULT_LASTING"] = "1" }
        return values
    }
}
