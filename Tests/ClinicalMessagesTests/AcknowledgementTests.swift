import Diagnostics
import Testing

@testable import ClinicalMessages

@Suite("HL7 v2: acknowledgements")
struct AcknowledgementTests {
    let time = ReportTime(milliseconds: 1_772_358_600_000)

    func message(version: String = "2.5.1") throws -> HL7Message {
        let text = "MSH#*~\\&#RIS#SITE#OVERREAD#DEPT#20260301##ORU*R01#ID#7#P#\(version)\r"
        return try HL7Message(parsing: Array(text.replacing("ID#7", with: "ID-7").utf8), named: "x")
    }

    @Test("an acceptance turns the addresses round and gives the control id back, in the message's own separators")
    func accepted() throws {
        let answer = HL7Acknowledgement(to: try message(), .accepted, controlID: "A1", time: time)
        let read = try HL7Message(parsing: answer.bytes, named: "ack")
        #expect(read.segments.map(\.name) == ["MSH", "MSA"])
        #expect((3...6).map { read.value(read.header, $0) } == ["OVERREAD", "DEPT", "RIS", "SITE"])
        #expect(read.value(read.header, 7) == "20260301095000+0000")
        #expect((1...3).map { read.value(read.header, 9, component: $0) } == ["ACK", "R01", "ACK"])
        #expect(read.controlID == "A1")
        #expect(read.value(read.segments[1], 1) == "AA")
        #expect(read.value(read.segments[1], 2) == "ID-7")
    }

    @Test("an error carries the refusal, escaped, in ERR from v2.5 and in MSA-3 before, and nothing of the message")
    func refused() throws {
        let refusal = Refusal(code: "hl7.type", at: "f:byte 0", "found # and *", mend: "mend it")
        let new = try HL7Message(
            parsing: HL7Acknowledgement(to: try message(), .rejected, refusal: refusal, controlID: "A1", time: time)
                .bytes,
            named: "ack")
        #expect(new.segments.map(\.name) == ["MSH", "MSA", "ERR"])
        #expect(new.value(new.segments[1], 1) == "AR")
        #expect(new.value(new.segments[2], 3) == "200")
        #expect(new.text(new.segments[2].field(8)).text == "hl7.type: found # and *")
        let old = try HL7Message(
            parsing: HL7Acknowledgement(
                to: try message(version: "2.3"), .error, refusal: refusal, controlID: "A1", time: time
            ).bytes, named: "ack")
        #expect(old.segments.map(\.name) == ["MSH", "MSA"])
        #expect(old.text(old.segments[1].field(3)).text == "hl7.type: found # and *")
    }

    @Test(
        "the segment and field of a refusal go back in ERR-2 and in the words",
        arguments: [
            ("f:message 3:segment 4 (OBX):OBX-2", "OBX^2^2", "hl7.type: at OBX[2]-2: wrong"),
            ("f:message 3:segment 3 (OBX)", "OBX^1", "hl7.type: at OBX[1]: wrong"),
            ("connection 1:MSH-9", "MSH^1^9", "hl7.type: at MSH[1]-9: wrong"),
            ("connection 1:OBR-18", "OBR^1^18", "hl7.type: at OBR[1]-18: wrong"),
            ("connection 1:byte 12", "", "hl7.type: wrong"), ("f:segment 99 (OBX)", "", "hl7.type: wrong"),
        ])
    func place(location: String, expected: String, words: String) throws {
        let text =
            "MSH|^~\\&|RIS|SITE|OVERREAD|DEPT|20260301||ORU^R01|7|P|2.5.1\rOBR|1\rOBX|1|TX|||a\rOBX|2|TX|||b\r"
        let message = try HL7Message(parsing: Array(text.utf8), named: "x")
        let refusal = Refusal(code: "hl7.type", at: location, "wrong", mend: "mend it")
        let read = try HL7Message(
            parsing: HL7Acknowledgement(to: message, .error, refusal: refusal, controlID: "A1", time: time).bytes,
            named: "ack")
        #expect(ByteText.string(read.segments[2].field(2)) == expected)
        #expect(read.text(read.segments[2].field(8)).text == words)
    }

    @Test("bytes that are no message are rejected with the usual separators")
    func unreadable() throws {
        let refusal = Refusal(code: "hl7.no-msh", at: "x", "no\rheader", mend: "send it again")
        let bytes = HL7Acknowledgement(toUnreadable: refusal, controlID: "A2", time: time).bytes
        let read = try HL7Message(parsing: bytes, named: "ack")
        #expect(read.segments.map(\.name) == ["MSH", "MSA", "ERR"])
        #expect(read.value(read.segments[1], 1) == "AR")
        #expect(read.value(read.segments[1], 2) == "")
        #expect(read.text(read.segments[2].field(8)).text == "hl7.no-msh: noheader")
    }
}
