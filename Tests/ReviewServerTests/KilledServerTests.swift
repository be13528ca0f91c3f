import Foundation
import HummingbirdTesting
import Preferences
import StrictJSON
import Synchronization
import Testing

/// A server that is killed in the middle of its work.
@Suite struct KilledServerTests {
    /// The server's program beside the test bundle, where `swift build` puts both.
    private static var program: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            var folder = URL(filePath: bundle).deletingLastPathComponent()
            while folder.path.count > 1 {
                let candidate = folder.appending(path: "ReviewProbe").path
                if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
                folder = folder.deletingLastPathComponent()
            }
            return try #require(nil as String?, "no program ReviewProbe beside \(bundle)")
        }
    }

    @Test func everyAcknowledgedAnswerIsThereAfterSIGKILL() async throws {
        // The harness makes the store; it is closed before the program opens it.
        var harness: Harness? = try Harness(pairs: 400)
        let sessions = try (0..<4).map { _ in try #require(harness).logIn(.reviewer) }
        let folder = FileManager.default.temporaryDirectory.path + "/overread-killed-" + UUID().uuidString
        try FileManager.default.moveItem(atPath: #require(harness).folder, toPath: folder)
        harness = nil
        defer { try? FileManager.default.removeItem(atPath: folder) }

        let process = Process()
        process.executableURL = URL(filePath: try Self.program)
        process.arguments = ["serve", folder + "/store.sqlite"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A { line.append(byte) }
        let url = try #require(try JSONValue(parsing: line, named: "address")["url"]?.string)
        let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })

        let (kept, program) = (Acknowledged(), process.processIdentifier)
        await withTaskGroup(of: Void.self) { group in
            for session in sessions {
                group.addTask {
                    // Ends with an error when the server is gone.
                    try? await TestClient.withClient(
                        host: "127.0.0.1", port: port, configuration: .init(timeout: .seconds(600))
                    ) { client in
                        let reader = Browser(client, session)
                        while true {
                            let shown = try await reader.next()
                            let reply = try await reader.judge(shown)
                            guard reply.status == 200, let id = try reply.json["presentation"]?.int else { continue }
                            let count = kept.add(id)
                            if count == 40 { kill(program, SIGKILL) }
                        }
                    }
                }
            }
        }
        kill(program, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        let acknowledged = kept.all
        #expect(!acknowledged.isEmpty)
        let store = try PreferenceStore(at: folder + "/store.sqlite")
        for answer in acknowledged {
            let events = try store.judgements(ofPresentation: Int64(answer))
            #expect(events.map(\.revision) == [1], "an acknowledged answer is gone")
        }
        _ = try store.check()
    }
}

/// The presentations whose answers were acknowledged.
private final class Acknowledged: Sendable {
    private let presentations = Mutex<Set<Int>>([])
    var all: Set<Int> { presentations.withLock { $0 } }

    /// Adds one; gives how many there are.
    func add(_ presentation: Int) -> Int {
        presentations.withLock {
            $0.insert(presentation)
            return $0.count
        }
    }
}
