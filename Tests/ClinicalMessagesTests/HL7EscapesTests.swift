import Diagnostics
import Testing

@testable import ClinicalMessages

@Suite("HL7 v2: escape sequences")
struct HL7EscapesTests {
    let utf8 = HL7Escapes(separators: .usual, charset: .utf8)

    @Test(
        "known sequences are resolved once",
        arguments: [
            ("a\\F\\b", "a|b"), ("\\S\\\\T\\\\R\\\\E\\", "^&~\\"), ("end\\E\\", "end\\"), ("\\E\\T\\E\\", "\\T\\"),
            ("\\E\\.br\\E\\", "\\.br\\"), ("a\\.br\\b", "a\nb"), ("a\\.BR\\b", "a\nb"), ("a\\.sp\\b", "a\nb"),
            ("a\\.sp2\\b", "a\n\nb"), ("a\\.sp+3\\b", "a\n\n\nb"), ("a\\.ce\\b", "a\nb"), ("a\\.sk2\\b", "a  b"),
            ("\\.in+4\\a", "a"), ("a\\.ti-2\\b", "a b"), ("a\\.fi\\b\\.nf\\", "ab"), ("\\H\\bold\\N\\", "bold"),
            ("\\X41\\", "A"), ("\\X0D0A\\", "\r\n"), ("\\X0D\\\\X0A\\", "\r\n"), ("\\XC3A9\\", "é"),
            ("\\XC3\\\\XA9\\", "é"),
            ("\\Xc3a9\\", "é"), ("", ""), ("plain", "plain"),
        ])
    func known(raw: String, text: String) {
        #expect(utf8.decode(Array(raw.utf8)) == HL7Text(text: text, unknownEscapes: 0))
    }

    @Test(
        "unknown and unclosed sequences stay as they are and are counted",
        arguments: [
            ("\\Zabc\\ x", 1), ("C:\\temp", 1), ("tail\\", 1), ("\\\\", 2), ("\\X4\\", 1), ("\\XGG\\", 1),
            ("\\XFF\\", 1),
            ("\\C2842\\", 1), ("\\.xx\\", 1), ("\\.sp99999\\", 1), ("\\not a sequence\\", 2),
        ])
    func unknown(raw: String, count: Int) {
        #expect(utf8.decode(Array(raw.utf8)) == HL7Text(text: raw, unknownEscapes: count))
    }

    @Test("hexadecimal bytes are of the message's own character set")
    func hexadecimal() {
        let latin = HL7Escapes(separators: .usual, charset: .latin1)
        #expect(latin.decode(Array("\\XE9\\".utf8)).text == "é")
        #expect(utf8.decode(Array("\\XE9\\".utf8)).unknownEscapes == 1)
    }

    @Test("the repetition separator is a line end only when asked, and never when it was escaped")
    func repetition() {
        #expect(utf8.decode(Array("a~b\\R\\c".utf8), lineFeed: 0x7E).text == "a\nb~c")
        #expect(utf8.decode(Array("a~b\\R\\c".utf8)).text == "a~b~c")
    }

    @Test("any text comes back from what was written for it, with any separators and in any character set")
    func roundTrip() throws {
        var random = SeededGenerator(state: 11)
        let pool =
            Array("|^~\\&#*!$%@;:}{ \n\r\t.XHNFSTREPbr0Aab".unicodeScalars) + Array("éüß€½🫁\u{0}\u{7F}".unicodeScalars)
        for round in 0..<3000 {
            let marks = Array("|^~\\&#!$%*+;:@".utf8).shuffled(using: &random)
            let separators = try HL7Separators(
                field: marks[0], encodingCharacters: Array(marks[1...(round % 2 == 0 ? 4 : 5)]), at: "test")
            let charset = try #require(HL7Charset.allCases.randomElement(using: &random))
            let scalars = (0..<Int.random(in: 0...24, using: &random)).compactMap { _ in
                pool.randomElement(using: &random)
            }.filter { charset.encode(String($0)) != nil }
            let text = String(String.UnicodeScalarView(scalars))
            let escapes = HL7Escapes(separators: separators, charset: charset)
            let written = try escapes.encode(text, at: "test")
            #expect(
                !written.contains { $0 == 0x0D || $0 == 0x0A || $0 == separators.field || $0 == separators.repetition })
            let read = escapes.decode(written, lineFeed: separators.repetition)
            #expect(sameText(read.text, text) && read.unknownEscapes == 0, "round \(round)")
        }
    }

    @Test("what cannot be written is refused: a character that the set lacks, or no escape character")
    func cannotWrite() throws {
        let ascii = HL7Escapes(separators: .usual, charset: .ascii)
        #expect(throws: Refusal.self) { try ascii.encode("é", at: "test") }
        let bare = try HL7Separators(field: 0x7C, encodingCharacters: [0x5E, 0x7E], at: "test")
        #expect(throws: Refusal.self) { try HL7Escapes(separators: bare, charset: .utf8).encode("a|b", at: "test") }
        #expect(try HL7Escapes(separators: bare, charset: .utf8).encode("ab", at: "test") == Array("ab".utf8))
    }
}
