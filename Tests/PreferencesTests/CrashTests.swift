import Diagnostics
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

#if canImport(Glibc)
    import Glibc
#endif

/// A running `StoreCrashProbe`.
final class Probe {
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// The program that lies beside the tests, or nil where it was not built.
    static var program: URL? {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return [folder, Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
            .map { $0.appendingPathComponent("StoreCrashProbe") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Starts the probe; `limits` are shell commands before it, such as `ulimit -f 64`, `environment` is added to ours.
    init(_ arguments: [String], limits: String? = nil, environment: [String: String] = [:]) throws {
        let program = try #require(Self.program)
        if let limits {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", limits + "; exec \"$0\" \"$@\"", program.path] + arguments
        } else {
            process.executableURL = program
            process.arguments = arguments
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// Waits for the end; what it acknowledged in whole lines, and what it complained of.
    func finish() -> (lines: [String], complaint: String) {
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        // The last piece has no line feed: it was cut off or is empty.
        if !lines.isEmpty { lines.removeLast() }
        return (lines.map(String.init), complaint)
    }

    /// Waits for the first line.
    func firstLine() -> String {
        var bytes = Data()
        while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data([0x0A]) {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite("Durability: killed, full, read-only, locked", .serialized)
struct CrashTests {
    /// How often each kind of work is killed: `STORE_CRASH_KILLS`, 7 without it.
    static let kills = ProcessInfo.processInfo.environment["STORE_CRASH_KILLS"].flatMap { Int($0) } ?? 7

    /// Kills the probe after a random time and gives what it had acknowledged.
    func killed(_ arguments: [String], afterMilliseconds range: ClosedRange<Int>) throws -> [String] {
        let probe = try Probe(arguments)
        usleep(UInt32(Int.random(in: range) * 1000))
        kill(probe.process.processIdentifier, SIGKILL)
        return probe.finish().lines
    }

    @Test("killed at any moment of an import, the store opens, checks, and holds every acknowledged file whole")
    func killedImporting() throws {
        for round in 0..<Self.kills {
            let scratch = try Scratch()
            let files = try (0..<40).map { file in
                try scratch.file(
                    "f\(file).jsonl", (0..<50).map { record(file * 50 + $0, patient: "P\(file)") }.joined())
            }
            let path = scratch.path("store.sqlite")
            let lines = try killed([path, "import"] + files, afterMilliseconds: 20...600)
            let acknowledged = lines.filter { $0.hasPrefix("import 50 ") }.map { String($0.dropFirst(10)) }
            let store = try PreferenceStore(at: path, lockPatienceSeconds: 5)
            let report = try store.check()
            #expect(report.pairCount % 50 == 0, "round \(round): half a file")
            #expect(report.pairCount >= 50 * acknowledged.count, "round \(round)")
            for file in acknowledged { #expect(try store.importPairs(from: file).takenCount == 0, "round \(round)") }
        }
    }

    @Test(
        "killed or interrupted at any moment of a large first import, the store holds all of it or nothing, and takes it"
    )
    func killedLarge() throws {
        for round in 0..<Self.kills {
            let scratch = try Scratch()
            let path = scratch.path("store.sqlite")
            let lines = LargeImportTests.large()
            let file = try scratch.file("a.jsonl", lines.joined())
            do { _ = try PreferenceStore(at: path) }
            let probe = try Probe([path, "import", file])
            _ = probe.firstLine()
            usleep(UInt32(Int.random(in: 0...250) * 1000))
            kill(probe.process.processIdentifier, round % 2 == 0 ? SIGKILL : SIGINT)
            let acknowledged = probe.finish().lines.contains { $0.hasPrefix("import ") }
            let store = try PreferenceStore(at: path, lockPatienceSeconds: 5)
            let count = try store.check().pairCount
            #expect(count == lines.count || (count == 0 && !acknowledged), "round \(round): \(count) pairs")
            #expect(try store.importPairs(from: file).takenCount == lines.count - count, "round \(round)")
            #expect(try store.check().pairCount == lines.count, "round \(round)")
        }
    }

    @Test("what a kill in a store's first moments leaves, the migrator's empty table alone, becomes a store")
    func killedAtFirst() throws {
        let scratch = try Scratch()
        try DatabaseQueue(path: scratch.path("store.sqlite")).inDatabase {
            try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        }
        #expect(try scratch.store().check().pairCount == 0)
    }

    @Test("what a kill before the write-ahead log leaves, a rollback journal to play back, becomes a store")
    func killedBeforeTheLog() throws {
        let scratch = try Scratch()
        try leaveUnfinished(after: "", in: scratch)
        #expect(try scratch.bytes("store.sqlite").count > 8192)
        #expect(try scratch.store().check().pairCount == 0)
    }

    @Test("another program's database is left as it is with its rollback journal, and called no store")
    func anothersJournal() throws {
        let scratch = try Scratch()
        try leaveUnfinished(after: "CREATE TABLE theirs (text TEXT);", in: scratch)
        let before = try (scratch.bytes("store.sqlite"), scratch.bytes("store.sqlite-journal"))
        #expect { try scratch.store() } throws: { ($0 as? Refusal)?.code == "store.not-a-store" }
        #expect(try (scratch.bytes("store.sqlite"), scratch.bytes("store.sqlite-journal")) == before)
    }

    /// Makes `store.sqlite` as a program leaves it that is killed while it writes with a rollback journal.
    private func leaveUnfinished(after setUp: String, in scratch: Scratch) throws {
        let path = scratch.path("unfinished.sqlite")
        // Few pages are kept in memory, so the open transaction has already written to the file.
        try DatabaseQueue(path: path).inDatabase { database in
            try database.execute(
                sql: setUp + "PRAGMA cache_size = 1; BEGIN; CREATE TABLE unfinished (text TEXT)")
            for _ in 0..<100 {
                try database.execute(sql: "INSERT INTO unfinished VALUES (hex(randomblob(2000)))")
            }
            for ending in ["", "-journal"] {
                try FileManager.default.copyItem(atPath: path + ending, toPath: scratch.path("store.sqlite" + ending))
            }
            try database.execute(sql: "ROLLBACK")
        }
    }

    @Test("killed at any moment of judging, every acknowledged answer is there with all its parts")
    func killedJudging() throws {
        let scratch = try Scratch()
        let path = scratch.path("store.sqlite")
        do {
            let store = try PreferenceStore(at: path)
            try store.register(Reviewer(key: "a", credential: .attending))
            _ = try store.createJudgingPairs((0..<2000).map { judgingPair($0) })
        }
        for round in 0..<Self.kills {
            let lines = try killed([path, "judge", "a"], afterMilliseconds: 20...600)
            let store = try PreferenceStore(at: path, lockPatienceSeconds: 5)
            try store.check()
            for line in lines where line.hasPrefix("judge ") {
                let words = line.split(separator: " ").compactMap { Int($0) }
                let all = try store.judgements(ofPresentation: Int64(words[0]))
                let kept = try #require(all.first { $0.revision == words[1] }, "round \(round): \(line)")
                guard let judgement = kept.judgement else { continue }
                #expect(judgement.criteria.count == 1 && judgement.errors.count == 1 && judgement.comment == "probe")
            }
        }
    }

    @Test("killed at any moment of freezing snapshots, every acknowledged one is there whole, and no half one is")
    func killedSnapshotting() throws {
        let scratch = try Scratch()
        let path = scratch.path("store.sqlite")
        let file = try scratch.file("a.jsonl", (0..<300).map { record($0, patient: "P\($0 / 3)") }.joined())
        do { _ = try PreferenceStore(at: path).importPairs(from: file) }
        for round in 0..<Self.kills {
            let lines = try killed([path, "snapshot", "\(round * 1000)"], afterMilliseconds: 20...600)
            let store = try PreferenceStore(at: path, lockPatienceSeconds: 5)
            let report = try store.check()
            let kept = Set(try store.snapshots().map(\.digest))
            #expect(report.snapshotCount == kept.count)
            for line in lines where line.hasPrefix("snapshot ") {
                #expect(kept.contains(String(line.dropFirst(9))), "round \(round)")
            }
        }
    }

    @Test("two processes at once: one imports, the other is told which process holds the store, and nothing is lost")
    func twoProcesses() throws {
        let scratch = try Scratch()
        let path = scratch.path("store.sqlite")
        let holder = try Probe([path, "hold", "30"])
        #expect(holder.firstLine() == "open")
        let file = try scratch.file("a.jsonl", record(1) + record(2))
        let (lines, complaint) = try Probe([path, "import", file]).finish()
        #expect(lines.isEmpty && complaint.hasPrefix("store.locked"))
        #expect(complaint.contains("process \(holder.process.processIdentifier) since"))
        kill(holder.process.processIdentifier, SIGKILL)
        _ = holder.finish()
        #expect(try Probe([path, "import", file]).finish().lines.last == "end")
        #expect(try PreferenceStore(at: path).check().pairCount == 2)
    }

    @Test("a disk that fills up during an import is said so, the store is as it was, and goes on when there is room")
    func diskFull() throws {
        let scratch = try Scratch()
        let path = scratch.path("store.sqlite")
        let small = try scratch.file("a.jsonl", record(1) + record(2))
        do { _ = try PreferenceStore(at: path).importPairs(from: small) }
        let large = try scratch.file("b.jsonl", (10..<6000).map { record($0) }.joined())
        // 1,024 blocks of 512 bytes: the log cannot grow past 512 KiB. SIGXFSZ would kill; ignored, the write fails.
        let limited = try Probe([path, "import", large], limits: "trap '' XFSZ; ulimit -f 1024")
        let (lines, complaint) = limited.finish()
        #expect(lines == ["open"])
        #expect(complaint.hasPrefix("store.disk-full") || complaint.hasPrefix("store.disk-error"), "\(complaint)")
        let store = try PreferenceStore(at: path)
        #expect(try store.check().pairCount == 2)
        #expect(try store.importPairs(from: large).takenCount == 5990)
    }

    @Test(
        "a small disk that is really full is said so, and nothing is lost",
        .enabled(if: SmallDisk.isPossible, "only root mounts a small disk; the test before this one stands for it"))
    func smallDisk() throws {
        let scratch = try Scratch()
        let disk = try SmallDisk(at: scratch.path("disk"))
        defer { disk.unmount() }
        let path = disk.path + "/store.sqlite"
        let small = try scratch.file("a.jsonl", record(1) + record(2))
        let large = try scratch.file("b.jsonl", (10..<6000).map { record($0) }.joined())
        let store = try PreferenceStore(at: path)
        _ = try store.importPairs(from: small)
        let refusal = #expect(throws: Refusal.self) { try store.importPairs(from: large) }
        #expect(refusal?.code == "store.disk-full" && refusal?.kind == .environment)
        #expect(try store.check().pairCount == 2)
        #expect(throws: Refusal.self) { try store.backup(to: disk.path + "/backup.sqlite") }
        let files = try FileManager.default.contentsOfDirectory(atPath: disk.path)
        #expect(!files.contains { $0.hasPrefix("backup") })
    }

    @Test(
        "a store on a disk that may not be written is refused by name and stays byte for byte as it was",
        .enabled(if: SmallDisk.isPossible, "only root mounts a disk"))
    func readOnlyDisk() throws {
        let scratch = try Scratch()
        let disk = try SmallDisk(at: scratch.path("disk"))
        defer { disk.unmount() }
        let path = disk.path + "/store.sqlite"
        do { _ = try PreferenceStore(at: path).importPairs(from: try scratch.file("a.jsonl", record(1))) }
        let before = try scratch.bytes("disk/store.sqlite")
        #expect(SmallDisk.shell("mount -o remount,ro \"$0\"", disk.path))
        let refusal = #expect(throws: Refusal.self) { try PreferenceStore(at: path) }
        #expect(refusal?.code == "store.not-writable" && refusal?.kind == .environment)
        #expect(try scratch.bytes("disk/store.sqlite") == before)
        #expect(SmallDisk.shell("mount -o remount,rw \"$0\"", disk.path))
        #expect(try PreferenceStore(at: path).check().pairCount == 1)
    }

    @Test(
        "a store that this account may not write is refused by name and stays byte for byte as it was",
        .enabled(if: geteuid() != 0, "root may write everything"))
    func readOnly() throws {
        let scratch = try Scratch()
        do { _ = try scratch.store().importPairs(from: try scratch.file("a.jsonl", record(1))) }
        let before = try scratch.bytes("store.sqlite")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o400], ofItemAtPath: scratch.path("store.sqlite"))
        let refusal = #expect(throws: Refusal.self) { try scratch.store() }
        #expect(refusal?.code == "store.not-writable")
        #expect(try scratch.bytes("store.sqlite") == before)
    }
}

/// A disk of 1 MiB in memory, where this account may mount one.
private struct SmallDisk {
    let path: String

    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        let trial = FileManager.default.temporaryDirectory.path + "/overread-disk-" + UUID().uuidString
        let command = "mkdir \"$0\" && mount -t tmpfs -o size=3m tmpfs \"$0\" && umount \"$0\""
        defer { try? FileManager.default.removeItem(atPath: trial) }
        return shell(command, trial)
    }()

    init(at path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try #require(Self.shell("mount -t tmpfs -o size=3m tmpfs \"$0\"", path))
    }

    func unmount() { _ = Self.shell("umount \"$0\"", path) }

    /// Runs a shell command on a path, silently; whether it went well.
    static func shell(_ command: String, _ path: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command, path]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
