import Diagnostics
import Testing

@testable import PrivacyScreen

@Suite("Site lists")
struct SiteListTests {
    private func parse(_ text: String) throws(Refusal) -> SiteList {
        try SiteList(parsing: Array(text.utf8), named: "sites.yaml")
    }

    @Test("names are read plain and quoted, with comments, and found in any case and spacing")
    func read() throws {
        let list = try parse(
            "# Ours\r\nsites: # all\n\n  - Lakeside Imaging  # main\n  - \"Quorn: North Campus\"\n  - 'St. Oda'\n")
        #expect(list.names == ["Lakeside Imaging", "Quorn: North Campus", "St. Oda"])
        let screener = PrivacyScreener(sites: list)
        #expect(
            found("from LAKESIDE  IMAGING and st. oda", screener) == [
                "geography: LAKESIDE  IMAGING", "geography: st. oda",
            ])
        #expect(screener.redact("Seen at lakeside imaging.") == "Seen at [FACILITY-1].")
        #expect(found("from lakeside imaging") == [])
    }

    @Test(
        "anything else is refused with its place",
        arguments: [
            ("", "yaml.empty  sites.yaml:"), ("sites:\n", "yaml.type  sites.yaml:1:7 "),
            ("sites: []\n", "sites.empty  sites.yaml:1:1:"), ("names:\n- A\n", "sites.unknown-key  sites.yaml:1:1:"),
            ("sites:\n- &a Lakeside\n", "yaml.indicator  sites.yaml:2:3:"),
            ("sites:\n- [A, B]\n", "yaml.type  sites.yaml:2:3 "), ("sites:\n- a: b\n", "yaml.type  sites.yaml:2:3 "),
            ("sites:\n  A\n", "yaml.type  sites.yaml:2:3 "), ("sites:\n- 'A' b\n", "yaml.malformed  sites.yaml:2:7:"),
            ("sites:\n- \"\"\n", "yaml.empty-text  sites.yaml:2:3 "),
            ("sites:\n- ' '\n", "sites.length  sites.yaml:2:3 "),
            ("sites:\n- Lakeside\n- LAKESIDE\n", "sites.repeated  sites.yaml:3:3 "),
        ])
    func refused(text: String, beginning: String) {
        let refusal = #expect(throws: Refusal.self) { try parse(text) }
        #expect(refusal?.description.hasPrefix(beginning) == true, "\(refusal?.description ?? "")")
    }

    @Test("a file that is not UTF-8 or not there is refused")
    func unreadable() {
        let refusal = #expect(throws: Refusal.self) { try SiteList(parsing: [0x73, 0xFF], named: "s") }
        #expect(refusal?.code == "yaml.not-utf8")
        let missing = #expect(throws: Refusal.self) { try SiteList.load(path: "/nowhere/sites.yaml") }
        #expect(missing?.code == "sites.unreadable")
    }
}
