import Foundation
import HTTPTypes
import HummingbirdTesting
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// Texts that would run or break something if they were taken for anything but text.
@Suite struct HostileTextTests {
    static let texts = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onfocus='alert(1)' autofocus='",
        "\"\u{301} onfocus=alert(1) x=\"\u{301}", "<\u{301}script>", "</textarea><svg/onload=alert(1)>",
        "javascript:alert(1)", "{{7*7}}", "'; DROP TABLE judgement; --", "1 OR 1=1",
        "x' UNION SELECT content FROM prompt --",
        "../../etc/passwd", "\u{202E}gnp.exe", "a\u{0}b", "%00", "\r\nSet-Cookie: a=b",
    ]

    /// No page may hold what opens an element or ends an attribute.
    private static func check(_ page: Reply, sourceLocation: SourceLocation = #_sourceLocation) {
        let text = Array(page.bytes)
        for piece in [
            "<script>alert", "<img src=x", "<svg/onload", "' onfocus='", "\"\u{301} onfocus", "<\u{301}script",
        ] {
            let needle = Array(piece.utf8)
            #expect(!text.contains(needle), "a page holds \(piece)", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: texts) func textsAreOnlyTextEverywhere(text: String) async throws {
        let clean = text.replacing("\u{0}", with: "")
        let harness = try Harness(pairs: 2, text: clean)
        let chief = try harness.logIn(.administrator)
        try await harness.test { client in
            let browser = Browser(client, chief)
            // Report text comes over the API, as JSON, with a type that no browser takes for a page.
            let case1 = try await browser.post("/api/v1/judge/next", [:])
            #expect(case1.headers[.contentType] == "application/json")
            let shown = try #require(try case1.json["case"])
            #expect(shown["left"]?.string?.contains(clean) == true)
            // A reader's comment, and an answer's mark.
            let reply = try await browser.judge(
                shown, "left",
                [
                    "comment": .string(text),
                    "errors": [
                        ["side": "left", "category": "false_finding", "significant": true, "note": .string(text)]
                    ],
                ])
            #expect(reply.status == (text.utf8.contains(0) ? 400 : 200), "\(reply.text)")
            // A shown name, a log-in name, a guideline and its version.
            let named = try await browser.post(
                "/api/v1/users", ["name": "person", "display_name": .string(text), "role": "reviewer"])
            #expect([200, 400].contains(named.status))
            #expect(
                [200, 400].contains(
                    try await browser.post("/api/v1/users", ["name": .string(text), "role": "reviewer"]).status))
            #expect(try await browser.form("/guideline", ["version": text, "text": text]).status == 303)
            _ = try await browser.form("/login", ["name": text, "password": text])
            for path in ["/users", "/guideline", "/mine", "/progress", "/judge", "/api/v1/mine/export"] {
                let page = try await browser.get(path)
                #expect(page.status == 200, "\(path)")
                if path.hasPrefix("/api/") {
                    #expect(page.headers[.contentType] != "text/html; charset=utf-8")
                } else {
                    Self.check(page)
                }
            }
            let entry = try await browser.get("/setup?token=\(Browser.encoded(text))")
            Self.check(entry)
            Self.check(try await browser.get("/guideline?version=\(Browser.encoded(text))"))
            Self.check(try await browser.get("/\(Browser.encoded(text))"))
            #expect(try await browser.get("/api/v1/presentations/\(Browser.encoded(text))").status == 404)
            let user = try await browser.post("/api/v1/users/\(Browser.encoded(text))/role", ["role": "lead"])
            #expect(user.status == 404)
            for field in entry.headers { #expect(!field.value.contains("a=b")) }
        }
        // Whatever was tried, the store is sound and the pairs are there.
        #expect(try harness.store.check().judgementCount == (text.utf8.contains(0) ? 0 : 1))
        #expect(try harness.store.judgingPairCount() == 2)
        _ = try harness.store.verifyAudit()
    }

    @Test func theLogHoldsNoTextOfReportsAndNoTokens() async throws {
        let harness = try Harness(pairs: 1, text: "zebrafinding")
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let shown = try await browser.next()
            _ = try await browser.judge(shown, "left", ["comment": "zebracomment"])
            _ = try await browser.get("/setup?token=zebratoken")
            _ = try await browser.get("/zebrapath")
            _ = try await browser.post("/api/v1/session", ["name": "zebraname", "password": "zebrapassword-long"])
        }
        #expect(harness.log.all.count >= 5)
        for line in harness.log.all {
            #expect(!line.contains("zebra"), "\(line)")
            #expect(!line.contains(session.token))
            #expect(!line.contains(session.session.csrfToken))
            #expect(throws: Never.self) { try JSONValue(parsing: Array(line.utf8), named: "log") }
        }
    }

    @Test func theAuditChainHasEveryViewOfReportText() async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        let before = try harness.store.auditHead().sequence
        try await harness.test { client in
            let browser = Browser(client, session)
            let id = try #require(try await browser.next()["presentation"]?.int)
            let shown = try harness.store.auditHead().sequence
            #expect(shown > before)
            _ = try await browser.get("/api/v1/presentations/\(id)")
            let again = try harness.store.auditHead().sequence
            #expect(again > shown)
            _ = try await browser.get("/api/v1/mine/export")
            #expect(try harness.store.auditHead().sequence > again)
        }
    }
}
