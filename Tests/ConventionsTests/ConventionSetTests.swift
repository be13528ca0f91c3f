import Conventions
import Diagnostics
import Testing

@Suite("Reading a convention set")
struct ConventionSetTests {
    static let head = "name: test\nversion: 1\ndescription: \"A test.\"\n"
    static let length = "  - id: length\n    description: Short.\n    severity: style\n"

    func refusal(_ text: String) -> Refusal? {
        do throws(Refusal) {
            _ = try ConventionSet(parsing: Array(text.utf8), named: "set.yaml")
            return nil
        } catch {
            return error
        }
    }

    @Test("the house style has the fourteen rules with their severities")
    func houseStyle() throws {
        let set = try ConventionSet.load(path: ShippedData.conventions)
        #expect(set.name == "house-style" && set.version == 1)
        #expect(Set(set.rules.map(\.kind)) == Set(ConventionRule.Kind.allCases))
        let safety = set.rules.filter { $0.severity == .safety }.map(\.id)
        #expect(safety == ["laterality", "measurement-agreement", "no-leftovers"])
        #expect(set.rules.allSatisfy { $0.description.hasSuffix(".") })
    }

    @Test("a small set is read")
    func small() {
        #expect(
            refusal(Self.head + "rules:\n" + Self.length + "    parameters: {max_items: 3, max_words: 20}\n") == nil)
    }

    @Test("a slip in a key, a rule or a severity is answered with the nearest name and its place")
    func slips() throws {
        let key = try #require(refusal(Self.head + "rulez:\n" + Self.length))
        #expect(
            key.code == "conventions.unknown-key" && key.location == "set.yaml:4:1" && key.remedy == "write 'rules'")
        let rule = try #require(
            refusal(Self.head + "rules:\n  - id: lenght\n    description: D.\n    severity: style\n"))
        #expect(rule.code == "conventions.unknown-rule" && rule.remedy == "write 'length'")
        #expect(rule.location == "set.yaml:5:9 (rules[0].id)")
        let severity = Self.length.replacing("style", with: "stile") + "    parameters: {max_items: 3, max_words: 20}\n"
        #expect(refusal(Self.head + "rules:\n" + severity)?.remedy == "write 'style'")
        let parameter = Self.length + "    parameters: {max_item: 3, max_words: 20}\n"
        #expect(refusal(Self.head + "rules:\n" + parameter)?.remedy == "write 'max_items'")
    }

    @Test(
        "each unfit file is refused with its code",
        arguments: [
            ("", "yaml.empty"),
            ("name: a\nname: b\n", "yaml.repeated-key"),
            ("name: [a\n", "yaml.malformed"),
            ("- a\n", "yaml.type"),
            ("name: test\n", "conventions.missing-key"),
            ("name: no\nversion: 1\ndescription: D.\nrules: []\n", "yaml.type"),
            ("name: test\nversion: 0\ndescription: D.\nrules: []\n", "conventions.range"),
            ("name: test\nversion: 012\ndescription: D.\nrules: []\n", "yaml.type"),
            ("name: test\nversion: \"1\"\ndescription: D.\nrules: []\n", "yaml.type"),
            (head + "rules: []\n", "conventions.no-rules"),
            (head + "rules:\n" + length, "conventions.missing-key"),
            (head + "rules:\n" + length + "    parameters: {max_items: 101, max_words: 9}\n", "conventions.range"),
            (
                head
                    + "rules:\n  - id: laterality\n    description: D.\n    severity: safety\n    parameters: {a: 1}\n",
                "conventions.unknown-key"
            ),
            (
                head
                    + "rules:\n  - id: no-hedging\n    description: D.\n    severity: style\n    parameters: {hedges: []}\n",
                "conventions.empty-list"
            ),
            (
                head + "rules:\n"
                    + String(repeating: "  - id: laterality\n    description: D.\n    severity: style\n", count: 2),
                "conventions.repeated-rule"
            ),
        ])
    func unfit(_ text: String, _ code: String) {
        #expect(refusal(text)?.code == code)
    }

    @Test(
        "anchors, aliases, tags and block texts are refused before the parser runs",
        arguments: [
            "a: &x [1]\nb: *x\n", "a: {b: *x}\n", "a: {b:*x}\n", "- *x\n", "? *x\n", "a: !!str 1\n", "a: |\n  text\n",
            "a: >\n  text\n", "a: [b, &x c]\n", "a: [b\n 'c, &x d']\n", "a: \"x\ny\"\nb: &x 1\n", "*x : 1\n",
        ])
    func indicators(_ text: String) {
        #expect(refusal(text)?.code == "yaml.indicator")
    }

    @Test("such marks inside texts and comments are no indicators")
    func harmlessMarks() {
        let text = "# a & b: *c 'd\nname: a & b\nversion: 1\ndescription: 'It: *is* \"fine\" & well'\nrules: []\n"
        #expect(refusal(text)?.code == "conventions.no-rules")
    }

    @Test("an alias bomb is refused at once")
    func bomb() {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...9 {
            let inner = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            text += "a\(level): &a\(level) [\(inner)]\n"
        }
        #expect(refusal(text)?.code == "yaml.indicator")
    }

    @Test("bytes that are not UTF-8 and files that are not there are refused")
    func unreadable() {
        #expect(throws: Refusal.self) { try ConventionSet(parsing: [0x61, 0x3A, 0x20, 0xFF], named: "set.yaml") }
        #expect(throws: Refusal.self) { try ConventionSet.load(path: "/nowhere/house-style.yaml") }
    }
}
