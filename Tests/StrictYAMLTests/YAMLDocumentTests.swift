import Diagnostics
import StrictYAML
import Testing

@Suite("Strict YAML")
struct YAMLDocumentTests {
    func root(_ text: String) throws(Refusal) -> YAMLValue {
        try YAMLDocument(Array(text.utf8), named: "f.yaml", area: "settings").root
    }

    @Test("values are read with their place")
    func values() throws {
        let root = try root("a: text\nb: [x, 'y']\nc: 7\n")
        #expect(try root.member("a").text() == "text")
        #expect(try root.member("b").entries().map { try $0.text() } == ["x", "y"])
        #expect(try root.member("c").integer(in: 1...9) == 7)
        #expect(try root.members().map(\.key) == ["a", "b", "c"])
        #expect(root.optionalMember("d")?.location == nil)
        #expect(try root.member("b").entries()[1].location == "f.yaml:2:8 (b[1])")
    }

    @Test("refusals about keys and ranges carry the caller's area, with the place")
    func area() throws {
        let root = try root("colour: 7\n")
        let unknown = #expect(throws: Refusal.self) { try root.allowOnly(["color", "size"], what: "key") }
        #expect(unknown?.code == "settings.unknown-key" && unknown?.remedy == "write 'color'")
        #expect(unknown?.location == "f.yaml:1:1")
        let missing = #expect(throws: Refusal.self) { try root.member("size") }
        #expect(missing?.code == "settings.missing-key")
        let range = #expect(throws: Refusal.self) { try root.member("colour").integer(in: 1...2) }
        #expect(range?.code == "settings.range" && range?.location == "f.yaml:1:9 (colour)")
    }

    @Test(
        "what could mean something else is refused before the parser runs",
        arguments: [
            ("a: &x 1\n", "yaml.indicator"), ("a: *x\n", "yaml.indicator"), ("a: !!str 1\n", "yaml.indicator"),
            ("a: |\n  b\n", "yaml.indicator"), ("a: 1\na: 2\n", "yaml.repeated-key"), ("", "yaml.empty"),
            ("a: [1\n", "yaml.malformed"),
        ])
    func refused(text: String, code: String) {
        let refusal = #expect(throws: Refusal.self) { try root(text) }
        #expect(refusal?.code == code)
    }

    @Test("bytes that are not UTF-8 are refused")
    func encoding() {
        let refusal = #expect(throws: Refusal.self) {
            try YAMLDocument([0x61, 0x3A, 0x20, 0xFF], named: "f.yaml", area: "settings")
        }
        #expect(refusal?.code == "yaml.not-utf8")
    }
}
