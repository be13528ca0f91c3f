import Diagnostics
import Testing

@testable import ClinicalMessages

@Suite("HL7 v2: one message")
struct HL7MessageTests {
    func parse(_ text: String, charset: HL7Charset? = nil) throws -> HL7Message {
        try HL7Message(parsing: Array(text.utf8), named: "x.hl7", charset: charset)
    }

    func refusal(_ bytes: [UInt8], charset: HL7Charset? = nil) -> Refusal? {
        #expect(throws: Refusal.self) { try HL7Message(parsing: bytes, named: "x.hl7", charset: charset) }
    }

    @Test("what does not begin with MSH is refused at its offset")
    func noHeader() {
        let found = refusal(Array("PID|1||X\r".utf8))
        #expect(found?.code == "hl7.no-msh")
        #expect(found?.location == "x.hl7:byte 0")
    }

    @Test("a header under eight bytes is refused", arguments: ["MSH", "MSH|", "MSH|^~\\", "MSH|^~\r|ORU|R01"])
    func shortHeader(text: String) {
        #expect(refusal(Array(text.utf8))?.code == "hl7.header-short")
    }

    @Test(
        "repeated separators, letters, digits and spaces are refused, and what was found is shown by class",
        arguments: [
            ("MSH|||||ORU\r", "|"), ("MSH|^^\\&|A|B\r", "^ ^"), ("MSHA^~\\&AB\r", "(letter)"),
            ("MSH|^7\\&|A|B\r", "(digit)"),
            ("MSH|^ \\&|A|B\r", "(space or control)"), ("MSH|^~\\&#!|A|B\r", "6 characters"),
        ])
    func separators(text: String, shown: String) {
        let found = refusal(Array(text.utf8))
        #expect(found?.code == "hl7.separators")
        #expect(found?.problem.contains(shown) == true)
    }

    @Test("other separators are read as declared, with v2.7's fifth character and with short MSH-2")
    func declared() throws {
        let other = try parse("MSH#*~\\&#A#B#C#D#20260101##ORU*R01#ID1#P#2.3\rOBX#1#TX#A&B*C##left|right^up\r")
        #expect(other.separators.field == 0x23)
        #expect(other.value(other.header, 9, component: 2) == "R01")
        #expect(other.value(other.segments[1], 3, subcomponent: 2) == "B")
        #expect(other.text(other.segments[1].field(5)).text == "left|right^up")
        let fifth = try parse("MSH|^~\\&#|A|B|C|D|20260101||ORU^R01|ID1|P|2.7\rOBX|1|TX|A||a\\P\\b\r")
        #expect(fifth.separators.truncation == 0x23)
        #expect(fifth.text(fifth.segments[1].field(5)).text == "a#b")
        let short = try parse("MSH|^~}|A|B|C|D|20260101||ORU^R01|ID1|P|2.2\rOBX|1|TX|A&B||a}F}b\r")
        #expect(short.separators.escape == 0x7D)
        #expect(short.separators.subcomponent == nil)
        #expect(short.value(short.segments[1], 3) == "A&B")
        #expect(short.text(short.segments[1].field(5)).text == "a|b")
    }

    @Test("a carriage return ends a segment; a line feed inside such a message is text")
    func lineEnds() throws {
        let returns = try parse("MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3\rOBX|1|TX|A||one\ntwo\r")
        #expect(returns.notices.isEmpty)
        #expect(returns.text(returns.segments[1].field(5)).text == "one\ntwo")
        let feeds = try parse("MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3\nOBX|1|TX|A||one\n")
        #expect(feeds.segments.count == 2)
        #expect(feeds.notices.map(\.code) == ["hl7.line-feeds"])
        let pairs = try parse("MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3\r\nOBX|1|TX|A||one\ntwo\r\n")
        #expect(pairs.segments.count == 2)
        #expect(pairs.text(pairs.segments[1].field(5)).text == "one\ntwo")
        #expect(pairs.notices.map(\.code) == ["hl7.line-feeds"])
    }

    @Test("a line that begins no segment is refused at its offset, quoting nothing of it")
    func strayLine() {
        let found = refusal(Array("MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3\rOBX|1|TX|A||one\rsecret words||||||F\r".utf8))
        #expect(found?.code == "hl7.segment")
        #expect(found?.location == "x.hl7:byte 52")
        #expect(found?.description.contains("secret") == false)
    }

    @Test("bytes that are not of MSH-18's set are refused at their offset, and --charset mends it")
    func wrongCharset() throws {
        let head = Array("MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3||||||UNICODE UTF-8\rOBX|1|TX|A||gr".utf8)
        let bytes = head + [0xFC, 0xDF, 0x65, 0x0D]
        let found = refusal(bytes)
        #expect(found?.code == "hl7.charset")
        #expect(found?.location == "x.hl7:byte \(head.count)")
        #expect(found?.remedy.contains("--charset") == true)
        let mended = try HL7Message(parsing: bytes, named: "x.hl7", charset: .latin1)
        #expect(mended.text(mended.segments[1].field(5)).text == "grüße")
        #expect(mended.notices.map(\.code) == ["hl7.charset"])
        let ascii = Array("MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3||||||ASCII\rOBX|1|TX|A||".utf8)
        #expect(refusal(ascii + [0xC3, 0xA9, 0x0D])?.location == "x.hl7:byte \(ascii.count)")
    }

    @Test("a cut character of UTF-8 is found where it begins or ends, and valid text is not refused")
    func offsets() {
        #expect(HL7Charset.utf8.firstWrongByte(in: Array("aé€😀".utf8)) == nil)
        #expect(HL7Charset.utf8.firstWrongByte(in: Array("aé€".utf8) + [0xFF, 0x61]) == 6)
        #expect(HL7Charset.utf8.firstWrongByte(in: [0x61, 0xC3, 0x28]) == 2)
        #expect(HL7Charset.utf8.firstWrongByte(in: [0x61, 0xE2, 0x82]) == 2)
    }

    @Test("an empty MSH-18 is UTF-8 where that fits, else 8859/1 with a notice; an unknown name is refused")
    func unnamedCharset() throws {
        let head = "MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3"
        let tail = Array("\rOBX|1|TX|A||".utf8)
        #expect(try HL7Message(parsing: Array(head.utf8) + tail + Array("é\r".utf8), named: "x").charset == .utf8)
        let latin = try HL7Message(parsing: Array(head.utf8) + tail + [0xE9, 0x0D], named: "x")
        #expect(latin.charset == .latin1)
        #expect(latin.notices.map(\.code) == ["hl7.charset"])
        #expect(latin.text(latin.segments[1].field(5)).text == "é")
        #expect(refusal(Array("\(head)||||||GB 18030-2000\r".utf8))?.code == "hl7.charset")
    }

    @Test("character sets read back what they write")
    func charsets() {
        for charset in HL7Charset.allCases {
            let all = (0x20...0xFF as ClosedRange<UInt8>).compactMap { charset.decode([$0]) }.joined()
            #expect(charset.encode(all).flatMap(charset.decode) == all)
            #expect(HL7Charset(named: charset.rawValue) == charset)
        }
        #expect(HL7Charset.latin9.decode([0xA4]) == "€")
        #expect(HL7Charset.windows1252.decode([0x93]) == "“")
        #expect(HL7Charset.windows1252.decode([0x81]) == nil)
        #expect(HL7Charset.latin1.encode("€") == nil)
    }

    @Test("a message is written back as it was read")
    func writtenBack() throws {
        let text = syntheticMessage(lines: ["one \\T\\ two", "", "three"])
        #expect(try parse(text).bytes == Array(text.utf8))
    }
}
