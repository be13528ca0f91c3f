import Foundation
import Markup
import MarkupChecking
import StrictJSON
import Testing

@testable import Reporting

@Suite("The page")
struct PageTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\"\u{301} autofocus onfocus=alert(1) x=\"",
        "<\u{301}b>", "' onload='alert(1)", "</style><script>", "]]>", "&lt;b&gt; & &#60;", "{{7*7}}",
        "\u{0}\u{8}\u{1B}[31m",
        "\u{202E}gnp.exe", "\u{2028}", "--><b>", "\r\n",
    ]

    @Test("the page is well-formed, full and bare")
    func wellFormed() {
        for report in [SampleReport().report, SampleReport().minimal] {
            let page = MarkupChecker(report.html())
            #expect(page.faults.isEmpty, "\(page.faults.prefix(5))")
            #expect(page.skeleton.count > 100)
        }
    }

    @Test("the checker sees a stray sign, a crossing element and an unquoted attribute")
    func checker() {
        for bad in ["<p>a & b</p>", "<b><i></b></i>", "<p class=x></p>", "<p>", "<p>a > b</p>"] {
            #expect(!MarkupChecker("<!DOCTYPE html>\n" + bad).faults.isEmpty, "\(bad)")
        }
    }

    @Test("hostile text in every field adds no element and no attribute", arguments: hostile)
    func inert(_ payload: String) {
        let plain = MarkupChecker(SampleReport().report.html())
        let attacked = SampleReport(text: { $0 + payload }).report.html()
        let page = MarkupChecker(attacked)
        #expect(page.faults.isEmpty, "\(page.faults.prefix(5))")
        #expect(page.skeleton == plain.skeleton)
    }

    @Test("every text of the report is on the page")
    func complete() {
        let count = Counter()
        let page = SampleReport(text: { text in
            "\(text) @\(count.next())@"
        }).report
        let html = page.html()
        // Kinds of rejected text are grouped under one mark each, so their marks differ from case to case.
        let fields =
            page.rules.flatMap { [$0.id, $0.description] }
            + page.leakageChecks.flatMap { [$0.name, $0.method] } + page.limits
            + [page.title, page.runID, page.date, page.conventions] + page.provenance.facts.map(\.value)
            + page.provenance.stages.map(\.name)
            + (page.examples?.cases ?? []).flatMap { shown in
                [shown.id, shown.findings, shown.reference]
                    + shown.outputs.flatMap { [$0.text] + $0.ruleFindings + $0.contentErrors }
            }
        for field in fields { #expect(html.contains(HTMLText(field).markup), "\(field)") }
    }

    @Test("nothing on the page asks a host for anything or runs")
    func selfContained() {
        let html = SampleReport().report.html()
        let page = MarkupChecker(html)
        let loading: Set<String> = ["src", "href", "srcset", "action", "data", "poster", "background", "style"]
        #expect(!page.attributes.contains { loading.contains($0.name) || $0.name.hasPrefix("on") })
        #expect(
            !html.contains("url(") && !html.contains("@import") && !html.contains("<script")
                && !html.contains("http://"))
    }

    @Test("figures have a text alternative, headings do not skip, table headers have a scope")
    func accessible() {
        let page = MarkupChecker(SampleReport().report.html())
        for element in page.skeleton where element.hasPrefix("svg ") {
            #expect(element.contains("role") && element.contains("aria-label") || element.contains("aria-hidden"))
        }
        #expect(page.skeleton.allSatisfy { !$0.hasPrefix("th ") && $0 != "th" || $0.contains("scope") })
        var level = 0
        for name in page.skeleton.map({ String($0.prefix { $0 != " " }) })
        where ["h1", "h2", "h3", "h4"].contains(name) {
            let next = Int(name.dropFirst()) ?? 0
            #expect(next <= level + 1, "\(name) after h\(level)")
            level = next
        }
        #expect(page.skeleton.count { $0.hasPrefix("h1") } == 1)
    }

    @Test("the parts stand in their order")
    func order() {
        let html = SampleReport().report.html()
        let titles = [
            ">Verdict<", ">The systems<", ">Wins, ties and losses<", ">Content, for seen", ">Rules that changed most<",
            ">Training<", ">Implicit rewards of held-out", ">Side by side<", ">Leakage and power<",
            ">What this run was made of<",
        ]
        let places = titles.map { html.range(of: $0)?.lowerBound }
        #expect(!places.contains(nil))
        #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    }

    @Test("text colours keep 4.5 to 1 on their grounds, figures 3 to 1, light and dark")
    func contrast() throws {
        let sheet = StyleSheet.css.description
        let dark = try #require(sheet.range(of: "@media screen"))
        let blocks = [String(sheet[..<dark.lowerBound]), String(sheet[dark.lowerBound...])]
        for block in blocks {
            func luminance(_ name: String) throws -> Double {
                let start = try #require(block.range(of: "--\(name): #")).upperBound
                let value = try #require(Int(block[start...].prefix(6), radix: 16))
                func linear(_ byte: Int) -> Double {
                    let share = Double(byte) / 255
                    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
                }
                let parts = [linear(value >> 16 & 255), linear(value >> 8 & 255), linear(value & 255)]
                return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
            }
            func ratio(_ a: String, _ b: String) throws -> Double {
                let (x, y) = (try luminance(a), try luminance(b))
                return (max(x, y) + 0.05) / (min(x, y) + 0.05)
            }
            for text in ["ink", "muted", "alarm"] {
                for ground in ["ground", "panel", "column", "alarm-ground"] {
                    let found = try ratio(text, ground)
                    #expect(found >= 4.5, "\(text) on \(ground)")
                }
            }
            for mark in ["accent", "second", "third", "win", "loss"] {
                let found = try ratio(mark, "panel")
                #expect(found >= 3, "\(mark)")
            }
        }
    }
}

/// Counts up; the report's texts are asked for one after the other.
private final class Counter {
    private var value = 0
    func next() -> Int {
        value += 1
        return value
    }
}
