import Markup
import MarkupChecking
import Testing

@Suite("The escaper")
struct EscapingTests {
    /// What has broken escapers before, and what may stand in a report.
    static let pieces: [String] = [
        "<", ">", "&", "\"", "'", "\"\u{301}", "<\u{301}", "&\u{338}", "'\u{FE0F}", "\u{0}", "\u{8}", "\u{1B}[31m",
        "\u{7F}",
        "\r\n", "\r", "\n", "\t", "\u{202E}", "\u{2066}", "\u{200B}", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{10FFFF}",
        "</textarea>", "</script>", "<!--", "]]>", "&#60;", "&lt;", "{{x}}", "javascript:", " onload=x ", "/>", "=",
        "e\u{301}", "\u{E9}", "\u{1F469}\u{200D}\u{2695}", "IMPRESSION:", "3 mm",
    ]

    /// A repeatable source of texts: SplitMix64 (Steele, Lea & Flood 2014, OOPSLA).
    struct Source {
        var state: UInt64
        mutating func next(below bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((z ^ (z >> 31)) % UInt64(bound))
        }
        mutating func text() -> String {
            var text = ""
            for _ in 0..<next(below: 12) { text += pieces[next(below: pieces.count)] }
            // Bytes that are no UTF-8 become U+FFFD on the way into a String.
            if next(below: 4) == 0 {
                text += String(decoding: (0..<6).map { _ in UInt8(next(below: 256)) }, as: UTF8.self)
            }
            return text
        }
    }

    @Test("no text, whatever its bytes, adds an element, an attribute or a broken reference", arguments: 0..<40)
    func inert(_ seed: Int) {
        var source = Source(state: UInt64(seed))
        for _ in 0..<50 {
            let text = source.text()
            let page = HTMLText.document(
                language: "en",
                [
                    tag("p", ["title": "x" + text, "id": "a"], HTMLText(text)), tag("textarea", [:], HTMLText(text)),
                    "\(text)", data(text),
                ])
            let read = MarkupChecker(page.markup)
            #expect(read.faults.isEmpty, "\(Array(text.utf8)): \(read.faults)")
            #expect(read.skeleton == ["html lang", "p title id", "textarea", "bdi"], "\(Array(text.utf8))")
        }
    }

    @Test("reading the references back gives the text, byte for byte, but for what HTML forbids", arguments: 0..<20)
    func faithful(_ seed: Int) {
        var source = Source(state: UInt64(seed) &+ 7)
        for _ in 0..<50 {
            let text = source.text()
            let markup = Array(HTMLText(text).markup.utf8)
            #expect(Self.unescaped(markup) == Self.allowed(Array(text.utf8)))
        }
    }

    @Test("a quote under a combining mark is escaped, where an escaper of characters lets it through")
    func combining() {
        #expect(Array(HTMLText("\"\u{301}").markup.utf8) == Array("&quot;\u{301}".utf8))
        #expect("\"\u{301}".contains("\"") == false)
    }

    @Test("a text area keeps a line feed that its text begins with")
    func firstLineFeed() {
        #expect(tag("textarea", [:], "\na").markup == "<textarea>\n\na</textarea>\n")
    }

    private static func allowed(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            (byte < 0x20 && ![0x09, 0x0A, 0x0D].contains(byte)) || byte == 0x7F ? Array("\u{FFFD}".utf8) : [byte]
        }
    }

    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        let references: [(String, String)] = [
            ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#13;", "\r"),
        ]
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if let (name, value) = references.first(where: { bytes[index...].starts(with: $0.0.utf8) }) {
                result += value.utf8
                index += name.utf8.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
