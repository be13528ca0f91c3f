import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// What a request must be before any route sees it.
@Suite struct RequestGateTests {
    @Test func aChangeWithoutTheSessionsTokenIsRefused() async throws {
        let harness = try Harness(pairs: 1)
        let (mine, others) = (try harness.logIn(.administrator), try harness.logIn(.administrator))
        try await harness.test { client in
            for given in [nil, "", "x", others.session.csrfToken, mine.token] {
                var browser = Browser(client, mine)
                browser.csrf = given
                let (call, form) = (
                    try await browser.post("/api/v1/judge/next", [:]), try await browser.form("/logout", [:])
                )
                #expect(call.code == "request.csrf")
                #expect(form.status == 403)
            }
            let right = try await Browser(client, mine).post("/api/v1/judge/next", [:])
            #expect(right.status == 200)
        }
    }

    @Test func everyChangeWithASessionNeedsItsToken() async throws {
        let harness = try Harness()
        let session = try harness.logIn(.administrator)
        try await harness.test { client in
            var browser = Browser(client, session)
            browser.csrf = nil
            for route in ReviewRoutes.all where route.method == .post && route.role != nil {
                let path = route.path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
                    .joined(separator: "/")
                let reply =
                    route.body == .form
                    ? try await browser.form("/" + path, [:]) : try await browser.post("/" + path, [:])
                #expect(reply.status == 403, "\(route.path) answered \(reply.status) without a token")
            }
        }
    }

    @Test(arguments: ["cross-site", "same-site", "none", "x"])
    func aChangeFromAnotherSitesPageIsRefused(site: String) async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let reply = try await Browser(client, session).post(
                "/api/v1/judge/next", [:], HTTPFields("sec-fetch-site", site))
            #expect(reply.code == "request.foreign-page")
            let entry = try await Browser(client).form(
                "/login", ["name": "a", "password": "b"], HTTPFields("sec-fetch-site", site))
            #expect(entry.status == 403)
        }
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://localhost:80", true), ("https://localhost", false),
        ("http://localhost:8080", false), ("http://evil.example", false), ("null", false),
        ("http://localhost.evil.example", false), ("", false),
    ])
    func theOriginMustBeTheServersOwn(origin: String, isAllowed: Bool) async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let reply = try await Browser(client, session).post(
                "/api/v1/judge/next", [:], HTTPFields("origin", origin))
            #expect((reply.status == 200) == isAllowed, "\(reply.status)")
        }
    }

    @Test func aFormOfOurOwnPagesIsTaken() async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            var headers = HTTPFields("sec-fetch-site", "same-origin")
            headers[.origin] = "null"
            let reply = try await Browser(client, session).form("/logout", [:], headers)
            #expect(reply.status == 303)
        }
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", nil,
    ])
    func jsonSentAsSomethingElseIsRefused(type: String?) async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let reply = try await browser.post("/api/v1/judge/next", bytes: Array("{}".utf8), type: type)
            #expect(reply.status == 415)
            let own = try await browser.post(
                "/api/v1/judge/next", bytes: Array("{}".utf8), type: "application/json; charset=utf-8")
            #expect(own.status == 200)
        }
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{\"holding\":[],\"holding\":[1]}", "{\"holding\":[1,]}", "{\"holding\":\"x\"}",
        "{\"unknown\":1}", "{\"holding\":[-1]}", "{\"holding\":[1e400]}", "\u{FEFF}{}",
    ])
    func bodiesThatAreNotWhatIsDocumentedAreRefused(text: String) async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let reply = try await browser.post("/api/v1/judge/next", bytes: Array(text.utf8), type: "application/json")
            #expect(reply.status == 400, "\(text) was answered with \(reply.status)")
        }
    }

    @Test func theSecurityHeadersStandOnEveryAnswer() async throws {
        let harness = try Harness()
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            var replies = [
                try await Browser(client).get("/nothing"), try await Browser(client).post("/api/v1/session", [:]),
                try await Browser(client, session).get("/users"),
            ]
            for route in ReviewRoutes.all where route.method == .get {
                replies.append(try await Browser(client, session).get(route.path))
            }
            for reply in replies {
                #expect(reply.headers[.contentSecurityPolicy] == SecurityHeaders.policy)
                #expect(reply.headers[.xContentTypeOptions] == "nosniff")
                for (name, value) in [
                    ("referrer-policy", "no-referrer"), ("cross-origin-opener-policy", "same-origin"),
                    ("cross-origin-resource-policy", "same-origin"),
                ] {
                    #expect(HTTPField.Name(name).flatMap { reply.headers[$0] } == value)
                }
                let isAsset = reply.headers[.eTag] != nil
                #expect(reply.headers[.cacheControl] == (isAsset ? "no-cache" : "no-store"))
            }
        }
    }

    @Test func thePolicyAllowsNoScriptOrStyleInThePage() {
        #expect(!SecurityHeaders.policy.contains("unsafe"))
        #expect(SecurityHeaders.policy.hasPrefix("default-src 'none'; script-src 'self';"))
        for word in ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            #expect(SecurityHeaders.policy.contains(word))
        }
    }

    @Test func assetsCanBeAskedForAgainByTheirTag() async throws {
        let harness = try Harness()
        try await harness.test { client in
            let first = try await Browser(client).get("/assets/review.css?v=1")
            #expect(first.headers[.contentType] == "text/css; charset=utf-8")
            #expect(first.headers[.cacheControl]?.contains("immutable") == true)
            let tag = try #require(first.headers[.eTag])
            let again = try await Browser(client).get("/assets/review.css", HTTPFields("if-none-match", tag))
            #expect(again.status == 304)
            #expect(again.bytes.isEmpty)
        }
    }
}
