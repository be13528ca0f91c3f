import Diagnostics
import Testing

@testable import ClinicalMessages

@Suite("HL7 v2: files, batches and MLLP")
struct HL7FileTests {
    func message(_ number: Int) -> [UInt8] {
        Array(syntheticMessage(control: "CTRL000\(number)", lines: ["Line \(number)."]).utf8)
    }

    func read(_ bytes: [UInt8]) throws -> HL7File { try HL7File(parsing: bytes, named: "f.hl7") }

    func controls(_ file: HL7File) -> [String] { file.messages.map(\.message.controlID) }

    @Test("several messages of one file are all read, with MLLP's characters left in or not")
    func several() throws {
        #expect(controls(try read(message(1) + message(2) + message(3))) == ["CTRL0001", "CTRL0002", "CTRL0003"])
        let framed = try read(MLLPDecoder.frame(message(1)) + MLLPDecoder.frame(message(2)))
        #expect(controls(framed) == ["CTRL0001", "CTRL0002"])
        #expect(framed.quarantined.isEmpty)
        #expect(framed.messages.allSatisfy { $0.message.segments.count == 4 })
    }

    @Test("two messages without a line end between them are split, and a notice says so")
    func glued() throws {
        let file = try read(Array(message(1).dropLast()) + message(2))
        #expect(controls(file) == ["CTRL0001", "CTRL0002"])
        #expect(file.messages[0].message.bytes == message(1))
        #expect(file.notices.map(\.code) == ["hl7.glued"])
    }

    @Test("files with carriage returns and files with line feeds may be joined")
    func mixedLineEnds() throws {
        let feeds = message(2).map { $0 == 0x0D ? 0x0A : $0 }
        let file = try read(message(1) + feeds + message(3))
        #expect(controls(file) == ["CTRL0001", "CTRL0002", "CTRL0003"])
        #expect(file.messages.allSatisfy { $0.message.segments.count == 4 })
    }

    @Test("a gene named MSH in text, even after a line feed, begins no message")
    func geneName() throws {
        let text = syntheticMessage(lines: ["Known mutation:\nMSH2, MSH-6 and\nMSH-2 loss"])
        let file = try read(Array(text.utf8))
        #expect(file.messages.count == 1)
        #expect(file.quarantined.isEmpty)
    }

    @Test("a batch whose counts agree is read in silence; a wrong count is a problem and loses no message")
    func batches() throws {
        func batch(_ messages: String, _ batches: String) -> [UInt8] {
            Array("FHS|^~\\&|A|B\rBHS|^~\\&|A|B\r".utf8) + message(1) + message(2)
                + Array("BTS|\(messages)\rFTS|\(batches)\r".utf8)
        }
        let right = try read(batch("2", "1"))
        #expect(controls(right) == ["CTRL0001", "CTRL0002"])
        #expect(right.batchProblems.isEmpty && right.quarantined.isEmpty)
        #expect(try read(batch("", "")).batchProblems.isEmpty)
        let wrong = try read(batch("3", "2"))
        #expect(controls(wrong) == ["CTRL0001", "CTRL0002"])
        #expect(wrong.batchProblems.map(\.code) == ["hl7.batch-count", "hl7.batch-count"])
        #expect(wrong.batchProblems[0].problem.contains("counts 3 messages; 2 are there"))
        let open = try read(Array("BHS|^~\\&|A|B\r".utf8) + message(1))
        #expect(open.batchProblems.map(\.code) == ["hl7.batch"])
        #expect(controls(open) == ["CTRL0001"])
    }

    @Test("a malformed message is quarantined with its place; its neighbours are read")
    func quarantine() throws {
        let bad = Array("MSH|^^\\&|A|B\rOBX|1|TX|A||secret\r".utf8)
        let file = try read(message(1) + bad + message(2))
        #expect(controls(file) == ["CTRL0001", "CTRL0002"])
        #expect(file.quarantined.count == 1)
        #expect(file.quarantined[0].index == 1)
        #expect(file.quarantined[0].bytes == message(1).count..<(message(1).count + bad.count))
        #expect(file.quarantined[0].refusal.code == "hl7.separators")
    }

    @Test("a header that lost its name does not give its lines to the message before it")
    func damagedHeader() throws {
        for damage in ["XSH|^~\\&|", "SH|^~\\&|", "|^~\\&|", "MS\rH|^~\\&|", "xMSQ|^~\\&|"] {
            let bad = Array("\(damage)A|B|C|D|1||ORU^R01|I9|P|2.3\rOBX|1|TX|A||of another patient\r".utf8)
            let file = try read(message(1) + bad + message(2))
            #expect(controls(file) == ["CTRL0001", "CTRL0002"], "\(damage)")
            #expect(file.messages[0].message.bytes == message(1), "\(damage)")
            #expect(!file.quarantined.isEmpty)
        }
    }

    @Test("bytes that belong to no message are quarantined, blank ones passed over")
    func stray() throws {
        let parts: [[UInt8]] = [
            Array("log line 1\r".utf8), message(1), [0x1C, 0x0D], Array("tail\r".utf8), message(2),
        ]
        let file = try read(parts.flatMap { $0 })
        #expect(controls(file) == ["CTRL0001", "CTRL0002"])
        #expect(file.quarantined.map(\.refusal.code) == ["hl7.stray-bytes", "hl7.stray-bytes"])
        let blank: [[UInt8]] = [[0x0D, 0x0A, 0x0B], message(1), [0x1C, 0x0D, 0x0A]]
        #expect(try read(blank.flatMap { $0 }).quarantined.isEmpty)
    }

    @Test("UTF-16, an empty file and a file without any message are refused; a byte order mark is passed over")
    func wholeFile() throws {
        #expect(throws: Refusal.self) { try read([]) }
        #expect(throws: Refusal.self) { try read([0xFF, 0xFE, 0x4D, 0x00]) }
        #expect(#expect(throws: Refusal.self) { try read(Array("PID|1\r".utf8)) }?.code == "hl7.no-msh")
        let marked = try read([0xEF, 0xBB, 0xBF] + message(1))
        #expect(controls(marked) == ["CTRL0001"])
        #expect(marked.notices.map(\.code) == ["hl7.byte-order-mark"])
    }

    @Test("blocks come out of any pieces of the stream, and what is between them is counted")
    func mllpPieces() {
        let parts: [[UInt8]] = [
            Array("junk".utf8), MLLPDecoder.frame(message(1)), [0x0A], MLLPDecoder.frame(message(2)).dropLast(),
        ]
        let stream = parts.flatMap { $0 }
        let whole: [MLLPEvent] = [.skipped(4), .block(message(1)), .block(message(2))]
        for size in [1, 2, 3, 7, 64, stream.count] {
            var decoder = MLLPDecoder()
            var events: [MLLPEvent] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                events += decoder.append(Array(stream[start..<min(start + size, stream.count)]))
            }
            #expect(events == whole)
            #expect(decoder.finish().isEmpty)
        }
    }

    @Test("a block that is too long, or never ended, is refused and the next one is read")
    func mllpRefusals() {
        var small = MLLPDecoder(limit: 16)
        let events = small.append(MLLPDecoder.frame(Array(repeating: 0x41, count: 17)) + MLLPDecoder.frame([0x42]))
        guard case .refused(let refusal) = events.first else { Issue.record("no refusal"); return }
        #expect(refusal.code == "mllp.too-long")
        #expect(refusal.problem.hasPrefix("a block of 17 bytes"))
        #expect(events.last == .block([0x42]))
        var cut = MLLPDecoder()
        let restarted = cut.append([0x0B] + Array("MSH|half".utf8) + MLLPDecoder.frame(message(1)))
        #expect(restarted.count == 2 && restarted[1] == .block(message(1)))
        _ = cut.append([0x0B, 0x4D])
        guard case .refused(let unfinished) = cut.finish().first else { Issue.record("no refusal"); return }
        #expect(unfinished.code == "mllp.unfinished")
    }

    @Test("a vertical tab inside text stays in the block")
    func mllpVerticalTab() {
        var decoder = MLLPDecoder()
        let content = Array("MSH|a".utf8) + [0x0B, 0x0B, 0x4D] + Array("b".utf8) + [0x0B]
        #expect(decoder.append(MLLPDecoder.frame(content)) == [.block(content)])
    }
}
