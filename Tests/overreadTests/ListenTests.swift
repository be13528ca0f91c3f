import Foundation
import Glibc
import LoopbackClient
import StrictJSON
import Testing

/// Synthetic reports as MLLP blocks, invented for these tests.
private enum Invented {
    static func message(_ id: String, accession: String, status: String, impression: String, type: String = "ORU^R01")
        -> String
    {
        var order = [String](repeating: "", count: 33)
        order[0] = "1"
        order[2] = accession
        order[3] = "71020^Chest^CPT"
        order[21] = status == "P" ? "20260126101500" : "20260126111500"
        order[24] = status
        order[status == "P" ? 32 : 31] = status == "P" ? "R1&TRAINEE" : "A1&READER"
        return "MSH|^~\\&|RIS|H|O|L|20260126101500||\(type)|\(id)|P|2.5.1\rPID|1||M\(accession)^^^H^MR\r"
            + "OBR|" + order.joined(separator: "|") + "\r"
            + "OBX|1|TX|71020&GDT||There is an effusion of the left side, case \(accession).||||||\(status)\r"
            + "OBX|2|TX|71020&IMP||\(impression)||||||\(status)\r"
    }

    static func draft(_ number: Int) -> String {
        message("D\(number)", accession: "A\(number)", status: "P", impression: "Something is seen on the left.")
    }

    static func final(_ number: Int) -> String {
        message("F\(number)", accession: "A\(number)", status: "F", impression: "Small left pleural effusion.")
    }

    static func block(_ message: String) -> [UInt8] { [0x0B] + Array(message.utf8) + [0x1C, 0x0D] }
}

/// A running `overread listen`.
private final class Listening {
    let work: Workplace
    let process: Process
    let port: Int

    init(_ work: Workplace, _ more: [String] = []) throws {
        self.work = work
        try work.write("feed.yaml", "name: ris\naccession_field: OBR-3\n")
        process = try Program.start(
            ["listen", "--port", "0", "--store", "store.sqlite", "--feed", "feed.yaml", "--json"] + more, in: work)
        var found: Int?
        for _ in 0..<1200 where found == nil && process.isRunning {
            Thread.sleep(forTimeInterval: 0.05)
            let said = try Program.outcomeSoFar(in: work)
            let line = said.split(separator: "\n").first { $0.hasPrefix("Listening on ") && $0.hasSuffix(".") }
            found = line.flatMap { $0.split(separator: " ").compactMap { Int($0.filter(\.isNumber)) }.last }
        }
        let said = try Program.outcomeSoFar(in: work)
        port = try #require(found, "\(said)")
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func stop(_ signal: Int32 = SIGTERM) throws -> Program.Outcome {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return try Program.outcome(of: process, in: work)
    }
}

/// A connection that counts the acknowledgements that come back.
private struct Sender {
    let client: LoopbackClient

    init(_ port: Int) throws { client = try LoopbackClient(port: port) }

    func send(_ bytes: [UInt8]) throws { try client.send(bytes) }

    /// The first so many acknowledgements: each its MSA as `AA ID`.
    func answers(_ count: Int) -> [String] { Self.codes(answers(raw: count)) }

    func answers(raw count: Int) -> [String] {
        let bytes = client.received { $0.count { $0 == 0x1C } >= count }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\u{1C}").map(String.init).filter {
            $0.contains("MSA")
        }
    }

    static func codes(_ answers: [String]) -> [String] {
        answers.map { answer in
            let lines = answer.split { $0 == "\r" }
            let fields = lines.first { $0.hasPrefix("MSA") }?.split(separator: "|") ?? []
            return fields.dropFirst().prefix(2).joined(separator: " ")
        }
    }
}

@Suite("overread listen", .serialized)
struct ListenTests {
    private func check(_ work: Workplace) throws -> JSONValue {
        let outcome = try Program.run(["check", "--store", "store.sqlite", "--json"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try outcome.json()
    }

    /// Gives messages to `import-reports`, which says what of them the store knows.
    private func importing(_ messages: [String], _ work: Workplace) throws -> JSONValue {
        try work.write("again.hl7", messages.joined())
        let outcome = try Program.run(
            ["import-reports", "again.hl7", "--store", "store.sqlite", "--feed", "feed.yaml", "--json"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try outcome.json()
    }

    @Test("a draft and its final become a pair, however cut; a repeat is acknowledged again and changes nothing")
    func pair() throws {
        let listening = try Listening(try Workplace())
        let sender = try Sender(listening.port)
        let noise = Array("noise".utf8)
        let bytes = noise + Invented.block(Invented.draft(1)) + [0x0A] + Invented.block(Invented.final(1))
        for start in stride(from: 0, to: bytes.count, by: 97) {
            try sender.send(Array(bytes[start..<min(bytes.count, start + 97)]))
        }
        #expect(sender.answers(2) == ["AA D1", "AA F1"])
        try sender.send(Invented.block(Invented.draft(1)) + Invented.block(Invented.final(1)))
        #expect(sender.answers(4) == ["AA D1", "AA F1", "AA D1", "AA F1"])
        let outcome = try listening.stop()
        #expect(outcome.status == 130, "\(outcome.error)")
        let result = try outcome.json()
        #expect(result["accepted"]?.int == 4 && result["pairs"]?["new"]?.int == 1, "\(result)")
        #expect(result["versions"]?["new"]?.int == 2 && result["versions"]?["known"]?.int == 2)
        #expect(result["skipped_bytes"]?.int == 5)
        #expect(try check(listening.work)["pairs"]?.int == 1)
    }

    @Test("what is wrong with a message is answered with its field, another type is rejected, and neighbours are taken")
    func wrong() throws {
        let listening = try Listening(try Workplace())
        let sender = try Sender(listening.port)
        let untyped = Invented.draft(2).replacing("OBX|2|TX|", with: "OBX|2|QQ|")
        let gap = Invented.draft(3).replacing("OBR|1||A3|", with: "OBR|1|||")
        let broken = Invented.draft(4).replacing("left side", with: "left\rside")
        try sender.send(Invented.block(Invented.draft(1)) + Invented.block(untyped) + Invented.block(gap))
        try sender.send(Invented.block(broken) + Invented.block("no message"))
        try sender.send(
            Invented.block(Invented.draft(5) + Invented.draft(6))
                + Invented.block(Invented.message("X", accession: "A", status: "P", impression: "x", type: "ADT^A08"))
                + Invented.block(Invented.final(1)))
        let answers = sender.answers(raw: 8)
        #expect(
            Sender.codes(answers)
                == ["AA D1", "AE D2", "AE D3", "AE D4", "AR", "AE D5", "AR X", "AA F1"], "\(answers)")
        #expect(answers[1].contains("ERR||OBX^2^2|103^"), "\(answers[1])")
        #expect(answers[1].contains("oru.value-type: at OBX[2]-2: "), "\(answers[1])")
        #expect(answers[2].contains("ERR||OBR^1^3|"), "\(answers[2])")
        #expect(answers[6].contains("ERR||MSH^1^9|200^"), "\(answers[6])")
        let outcome = try listening.stop(SIGINT)
        let result = try outcome.json()
        #expect(result["accepted"]?.int == 2 && result["errors"]?.int == 4 && result["rejected"]?.int == 2)
        #expect(result["versions"]?["new"]?.int == 2 && result["pairs"]?["new"]?.int == 1)
        for text in ["left side", "effusion", "MA2", "READER"] { #expect(!outcome.error.contains(text)) }
    }

    @Test("killed outright, every message that was acknowledged to either of two senders is in the store")
    func killed() throws {
        let work = try Workplace()
        for round in 0..<3 {
            let listening = try Listening(work)
            let senders = try (0..<2).map { _ in try Sender(listening.port) }
            let messages = (0..<2).map { sender in
                (0..<40).flatMap { number -> [String] in
                    let id = round * 1000 + sender * 100 + number
                    return [Invented.draft(id), Invented.final(id)]
                }
            }
            for (sender, own) in zip(senders, messages) { try sender.send(own.flatMap(Invented.block)) }
            _ = senders[round % 2].answers(5 + 7 * round)
            #expect(try listening.stop(SIGKILL).status == 128 + SIGKILL)
            var acknowledged: [String] = []
            for (sender, own) in zip(senders, messages) {
                // All that came back before the connection broke.
                #expect(sender.client.isClosed())
                let answers = sender.answers(0)
                #expect(answers.allSatisfy { $0.hasPrefix("AA ") })
                acknowledged += own.prefix(answers.count)
            }
            #expect(acknowledged.count >= 5 + 7 * round && acknowledged.count < 160)
            _ = try check(work)
            let result = try importing(acknowledged, work)
            #expect(result["versions"]?["new"]?.int == 0, "round \(round): \(result)")
            #expect(result["versions"]?["known"]?.int == acknowledged.count)
        }
    }

    @Test("while nothing comes, other commands can use the store, and the listener takes it again")
    func quiet() throws {
        let listening = try Listening(try Workplace())
        let sender = try Sender(listening.port)
        try sender.send(Invented.block(Invented.draft(1)))
        #expect(sender.answers(1) == ["AA D1"])
        var status: Int32 = -1
        for _ in 0..<6 where status != 0 {
            status = try Program.run(["check", "--store", listening.work.path("store.sqlite")], in: Workplace()).status
        }
        #expect(status == 0)
        try sender.send(Invented.block(Invented.final(1)))
        #expect(sender.answers(2) == ["AA D1", "AA F1"])
        #expect(try listening.stop().json()["pairs"]?["new"]?.int == 1)
    }

    @Test("a store that another process holds is answered with AE, and the message is taken once it is free")
    func locked() throws {
        let listening = try Listening(try Workplace())
        let sender = try Sender(listening.port)
        let lock = open(listening.work.path("store.sqlite.lock"), O_RDWR)
        try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        try sender.send(Invented.block(Invented.draft(1)))
        let answers = sender.answers(raw: 1)
        #expect(Sender.codes(answers) == ["AE D1"] && answers[0].contains("store.locked"), "\(answers)")
        close(lock)
        try sender.send(Invented.block(Invented.draft(1)))
        #expect(sender.answers(2) == ["AE D1", "AA D1"])
        #expect(try listening.stop().json()["versions"]?["new"]?.int == 1)
    }

    @Test("a block over the limit is rejected and the next is taken; an address for all without TLS is refused")
    func limits() throws {
        let work = try Workplace()
        let listening = try Listening(work, ["--message-bytes", "2048"])
        let sender = try Sender(listening.port)
        try sender.send(Invented.block(String(repeating: "x", count: 5000)) + Invented.block(Invented.draft(1)))
        #expect(sender.answers(2) == ["AR", "AA D1"])
        _ = try listening.stop()
        let open = try Program.run(
            ["listen", "--port", "0", "--host", "0.0.0.0", "--store", "s.sqlite", "--feed", "feed.yaml"], in: work)
        #expect(open.status == 2 && open.error.hasPrefix("listen.plain-network  --host: "), "\(open.error)")
        #expect(!work.exists("s.sqlite"))
    }
}
