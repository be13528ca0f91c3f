import Diagnostics
import Foundation
import LoopbackClient
import Synchronization
import Testing

@testable import MessageListener

/// A conversation for the tests: a unit is a line, answered by the line in brackets once it was worked on.
private final class Lines: ListenerConversation {
    private struct State {
        var line: [UInt8] = []
        var ended = false
    }

    private let state = Mutex(State())
    /// Called for every line before it is answered.
    private let work: @Sendable (String) -> Void

    init(_ work: @escaping @Sendable (String) -> Void = { _ in }) { self.work = work }

    var hasEnded: Bool { state.withLock { $0.ended } }

    func receive(_ bytes: [UInt8]) -> ConversationAnswer {
        var answer = ConversationAnswer(bytes: [], finishedUnits: 0, awaitsMore: false)
        var rest = state.withLock { $0.line } + bytes
        if let end = rest.firstIndex(of: 0x0A) {
            let text = String(decoding: rest[..<end], as: UTF8.self)
            work(text)
            answer.bytes = Array("[\(text)]".utf8)
            answer.finishedUnits = 1
            rest.removeFirst(end + 1)
        }
        answer.hasMore = rest.contains(0x0A)
        answer.awaitsMore = !rest.isEmpty
        state.withLock { $0.line = rest }
        return answer
    }

    func end() { state.withLock { $0.ended = true } }
}

@Suite("A listener for bytes", .serialized)
struct ListenerTests {
    private func listener(_ settings: ListenerSettings = ListenerSettings(port: 0)) throws -> ByteListener {
        try ByteListener(settings) { _ in Lines() }
    }

    @Test("units are answered in order, however the bytes are cut, and connections do not mix")
    func order() throws {
        let listener = try listener()
        defer { listener.stop(graceSeconds: 0) }
        let clients = try (0..<4).map { _ in try LoopbackClient(port: listener.port) }
        for piece in ["on", "e\ntw", "o\n", "three\nfour\n"] {
            for client in clients { try client.send(piece) }
        }
        for client in clients { #expect(client.received(atLeast: 23) == "[one][two][three][four]") }
        #expect(listener.counts.open == 4 && listener.counts.taken == 4)
    }

    @Test("a sender that ends its side after sending still gets its answers")
    func halfClosed() throws {
        let listener = try listener()
        defer { listener.stop(graceSeconds: 0) }
        let client = try LoopbackClient(port: listener.port)
        try client.send("one\ntwo\n")
        try client.endSending()
        #expect(client.received(atLeast: 10) == "[one][two]")
        #expect(client.isClosed())
    }

    @Test("one connection more than allowed is closed at once, and there is room again when another has ended")
    func tooMany() throws {
        let listener = try listener(ListenerSettings(port: 0, maximumConnections: 1))
        defer { listener.stop(graceSeconds: 0) }
        let first = try LoopbackClient(port: listener.port)
        try first.send("a\n")
        #expect(first.received(atLeast: 3) == "[a]")
        let second = try LoopbackClient(port: listener.port)
        #expect(second.isClosed() && listener.counts.turnedAway == 1)
        try first.send("b\n")
        #expect(first.received(atLeast: 6) == "[a][b]")
        try first.endSending()
        #expect(first.isClosed())
        for _ in 0..<2000 where listener.counts.open > 0 { Thread.sleep(forTimeInterval: 0.01) }
        let third = try LoopbackClient(port: listener.port)
        try third.send("c\n")
        #expect(third.received(atLeast: 3) == "[c]")
    }

    @Test("a connection that finishes nothing is closed at its deadline, and so is one that drips a unit byte by byte")
    func deadlines() throws {
        let idle = try listener(ListenerSettings(port: 0, idleSeconds: 0.2))
        defer { idle.stop(graceSeconds: 0) }
        let silent = try LoopbackClient(port: idle.port)
        #expect(silent.isClosed() && idle.counts.timedOut == 1)
        let slow = try listener(ListenerSettings(port: 0, idleSeconds: 3600, unitSeconds: 0.2))
        defer { slow.stop(graceSeconds: 0) }
        let client = try LoopbackClient(port: slow.port)
        try client.send("whole\n")
        #expect(client.received(atLeast: 7) == "[whole]")
        for _ in 0..<40 {
            do { try client.send("x") } catch { break }
            Thread.sleep(forTimeInterval: 0.02)
        }
        #expect(client.isClosed() && slow.counts.timedOut == 1)
    }

    @Test("stopping lets the unit in hand be finished and answered, takes no new connection, and then closes")
    func stop() throws {
        let began = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)
        let conversation = Lines { _ in
            began.signal()
            goOn.wait()
        }
        let listener = try ByteListener(ListenerSettings(port: 0)) { _ in conversation }
        let client = try LoopbackClient(port: listener.port)
        try client.send("slow\n")
        began.wait()
        let stopped = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            listener.stop()
            stopped.signal()
        }
        var late: LoopbackClient?
        for _ in 0..<2000 {
            late = try? LoopbackClient(port: listener.port)
            if late == nil { break }
            Thread.sleep(forTimeInterval: 0.01)
        }
        #expect(late == nil)
        goOn.signal()
        #expect(client.received(atLeast: 6) == "[slow]")
        #expect(client.isClosed())
        stopped.wait()
        #expect(conversation.hasEnded && listener.counts.open == 0)
    }

    @Test("a unit of which only a part has come is waited for while stopping, and not for longer than the grace")
    func stopMidUnit() throws {
        let listener = try listener()
        let waiting = try LoopbackClient(port: listener.port)
        let dead = try LoopbackClient(port: listener.port)
        try waiting.send("first\nsec")
        try dead.send("first\nnever")
        #expect(waiting.received(atLeast: 7) == "[first]" && dead.received(atLeast: 7) == "[first]")
        let stopped = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            listener.stop(graceSeconds: 1)
            stopped.signal()
        }
        try waiting.send("ond\n")
        #expect(waiting.received(atLeast: 15) == "[first][second]")
        #expect(waiting.isClosed() && dead.isClosed())
        stopped.wait()
    }

    @Test(
        "an address that other machines reach is refused without TLS, unless a plain network is asked for",
        arguments: ["0.0.0.0", "::", "192.168.1.4", "ris.example", "127.0.0.1.example", "128.0.0.1"])
    func plainNetwork(host: String) throws {
        let refusal = #expect(throws: Refusal.self) { try listener(ListenerSettings(host: host, port: 0)) }
        #expect(refusal?.code == "listen.plain-network" && refusal?.remedy.contains("--plain-network") == true)
        var settings = ListenerSettings(host: host, port: 0, allowsPlainNetwork: true)
        try settings.check()
        settings.allowsPlainNetwork = false
        settings.certificate = .init(chain: "c", key: "k")
        try settings.check()
    }

    @Test("this machine's own addresses need no TLS", arguments: ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
    func loopback(host: String) throws { try ListenerSettings(host: host, port: 0).check() }

    @Test("a port that is in use is refused by number")
    func inUse() throws {
        let first = try listener()
        defer { first.stop(graceSeconds: 0) }
        let refusal = #expect(throws: Refusal.self) { try listener(ListenerSettings(port: first.port)) }
        #expect(refusal?.code == "listen.not-bound" && refusal?.location == "port \(first.port)")
        #expect(refusal?.kind == .environment)
    }

    @Test(
        "over TLS the same conversation is held, and a plain client gets nothing",
        .enabled(if: Certificate.isPossible, "needs the openssl program to make a certificate"))
    func tls() throws {
        let certificate = try Certificate()
        let listener = try listener(
            ListenerSettings(port: 0, certificate: .init(chain: certificate.chain, key: certificate.key)))
        defer { listener.stop(graceSeconds: 0) }
        let client = try LoopbackClient(port: listener.port, trusting: certificate.chain)
        try client.send("on")
        try client.send("e\ntwo\n")
        #expect(client.received(atLeast: 10) == "[one][two]")
        let plain = try LoopbackClient(port: listener.port)
        try plain.send("one\ntwo\nthree\n")
        #expect(plain.isClosed())
        #expect(!plain.received(atLeast: 0).contains("one"))
        let wrong = #expect(throws: Refusal.self) {
            try self.listener(
                ListenerSettings(port: 0, certificate: .init(chain: certificate.key, key: certificate.chain)))
        }
        #expect(wrong?.code == "listen.certificate")
    }
}

/// A self-signed certificate made for one test.
private final class Certificate {
    let chain: String
    let key: String
    private let folder: String
    private static let program = "/usr/bin/openssl"

    static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: program) }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/overread-certificate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        chain = folder + "/chain.pem"
        key = folder + "/key.pem"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-keyout", key, "-out", chain,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
