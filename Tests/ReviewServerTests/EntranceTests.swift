import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// Set-up, log-in, log-out, passwords.
@Suite struct EntranceTests {
    /// The log-in or set-up page's own cookie and token, as a browser has them.
    private static func visit(_ client: any TestClientProtocol, _ path: String) async throws -> (String, String) {
        let page = try await Browser(client).get(path)
        try #require(page.status == 200, "\(page.text)")
        let visit = try #require(page.cookie("overread-visit"))
        let mark = try #require(page.text.range(of: "name=\"csrf\" value=\""))
        return (visit, String(page.text[mark.upperBound...].prefix { $0 != "\"" }))
    }

    private static func form(
        _ client: any TestClientProtocol, _ path: String, _ fields: [String: String], from page: String? = nil,
        cookie: String? = nil
    ) async throws -> Reply {
        let (visit, csrf) = try await Self.visit(client, page ?? path)
        var browser = Browser(client)
        browser.csrf = csrf
        let session = cookie.map { "; overread=\($0)" } ?? ""
        return try await browser.form(path, fields, HTTPFields("cookie", "overread-visit=\(visit)\(session)"))
    }

    @Test func theFirstAdministratorComesInByTheLinkOnce() async throws {
        let harness = try Harness()
        let token = try #require(try harness.server.openFirstLink())
        try await harness.test { client in
            #expect(try await Browser(client).get("/setup?token=wrong").status == 404)
            #expect(try await Browser(client).get("/setup").status == 404)
            let fields = ["token": token, "name": "chief", "password": goodPassword, "again": goodPassword]
            var wrong = fields
            wrong["again"] = "another-password-entirely"
            let differ = try await Self.form(client, "/setup", wrong, from: "/setup?token=\(token)")
            #expect(differ.status == 400)
            var short = fields
            short["password"] = "short"
            short["again"] = "short"
            #expect(try await Self.form(client, "/setup", short, from: "/setup?token=\(token)").status == 400)
            let done = try await Self.form(client, "/setup", fields, from: "/setup?token=\(token)")
            #expect(done.status == 303)
            var browser = Browser(client)
            browser.token = done.cookie("overread")
            #expect(try await browser.get("/users").status == 200)
            #expect(try await Browser(client).get("/setup?token=\(token)").status == 404)
        }
        #expect(try harness.store.accounts().map(\.role) == [.administrator])
        #expect(try harness.server.openFirstLink() == nil)
    }

    @Test func aFormWithoutItsVisitsTokenLogsNobodyIn() async throws {
        let harness = try Harness()
        _ = try harness.logIn(.reviewer, as: "reader")
        try await harness.test { client in
            let fields = ["name": "reader", "password": goodPassword]
            let (visit, csrf) = try await Self.visit(client, "/login")
            let (other, _) = try await Self.visit(client, "/login")
            for (cookie, token) in [(visit, "x"), (other, csrf), ("", csrf)] {
                var browser = Browser(client)
                browser.csrf = token
                let reply = try await browser.form("/login", fields, HTTPFields("cookie", "overread-visit=\(cookie)"))
                #expect(reply.status == 403)
                #expect(reply.cookie("overread") == nil)
            }
        }
    }

    @Test func loggingInMakesANewSessionAndEndsTheOneThatWasThere() async throws {
        let harness = try Harness()
        let old = try harness.logIn(.reviewer, as: "reader")
        try await harness.test { client in
            let planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            for cookie in [planted, old.token] {
                let reply = try await Self.form(
                    client, "/login", ["name": "reader", "password": goodPassword], cookie: cookie)
                #expect(reply.status == 303)
                let token = try #require(reply.cookie("overread"))
                #expect(token != cookie)
                #expect(token.utf8.count >= 43)
                var before = Browser(client)
                before.token = cookie
                #expect(try await before.get("/api/v1/session").status == 401)
                var after = Browser(client)
                after.token = token
                #expect(try await after.get("/api/v1/session").status == 200)
            }
        }
    }

    @Test func cookiesAreOutOfReachOfScriptsAndOtherSites() async throws {
        for isSecure in [false, true] {
            let harness = try Harness { options in
                options.isBehindProxy = isSecure
                options.names = ["localhost"]
            }
            _ = try harness.logIn(.reviewer, as: "reader")
            try await harness.test { client in
                let reply = try await Browser(client).post(
                    "/api/v1/session", ["name": "reader", "password": .string(goodPassword)])
                let field = try #require(reply.headers[.setCookie])
                #expect(field.hasPrefix(isSecure ? "__Host-overread=" : "overread="))
                #expect(field.contains("; Path=/; HttpOnly; SameSite=Strict"))
                #expect(field.contains("; Secure") == isSecure)
                #expect(!field.lowercased().contains("domain"))
            }
        }
    }

    @Test func guessingIsSlowedDownAndToldHowLong() async throws {
        // The clock stands: how long the machine takes for the attempts does not matter.
        let harness = try Harness(standing: UTCTime.current())
        _ = try harness.logIn(.reviewer, as: "reader")
        try await harness.test { client in
            var throttled: Reply?
            for _ in 0..<12 where throttled == nil {
                let reply = try await Browser(client).post(
                    "/api/v1/session", ["name": "reader", "password": "wrong-password-here"])
                if reply.status == 429 { throttled = reply } else { #expect(reply.code == "login.refused") }
            }
            let reply = try #require(throttled)
            let seconds = try #require(reply.headers[.retryAfter])
            #expect(Int(seconds).map { $0 > 0 } == true)
            // The right password is not looked at either while the account waits.
            let right = try await Browser(client).post(
                "/api/v1/session", ["name": "reader", "password": .string(goodPassword)])
            #expect(right.status == 429)
        }
        #expect(harness.log.all.contains { $0.contains("log-in.throttled") })
    }

    @Test func nothingTellsWhetherANameExists() async throws {
        let harness = try Harness()
        _ = try harness.logIn(.reviewer, as: "reader")
        try await harness.test { client in
            let known = try await Browser(client).post(
                "/api/v1/session", ["name": "reader", "password": "wrong-password-here"])
            let unknown = try await Browser(client).post(
                "/api/v1/session", ["name": "nobody", "password": "wrong-password-here"])
            #expect(known.status == unknown.status)
            #expect(known.bytes == unknown.bytes)
        }
    }

    @Test func loggingOutEndsTheSession() async throws {
        let harness = try Harness()
        let (one, two) = (try harness.logIn(.reviewer), try harness.logIn(.reviewer))
        try await harness.test { client in
            let reply = try await Browser(client, one).form("/logout", [:])
            #expect(reply.status == 303)
            #expect(reply.headers[.setCookie]?.contains("Max-Age=0") == true)
            #expect(try await Browser(client, one).get("/api/v1/session").status == 401)
            #expect(try await Browser(client, two).post("/api/v1/session/end", [:]).status == 200)
            #expect(try await Browser(client, two).get("/api/v1/session").status == 401)
        }
    }

    @Test func anotherPasswordEndsEverySessionButGivesANewOne() async throws {
        let harness = try Harness()
        let session = try harness.logIn(.reviewer, as: "reader")
        try await harness.test { client in
            let fields = ["current": goodPassword, "password": "granite-velvet-harbor-17"]
            let reply = try await Browser(client, session).form(
                "/account", fields.merging(["again": "granite-velvet-harbor-17"]) { $1 })
            #expect(reply.status == 303)
            let token = try #require(reply.cookie("overread"))
            #expect(try await Browser(client, session).get("/api/v1/session").status == 401)
            var browser = Browser(client)
            browser.token = token
            #expect(try await browser.get("/account").status == 200)
        }
    }

    @Test func closingAnAccountEndsItsSessions() async throws {
        let harness = try Harness()
        let (chief, reader) = (try harness.logIn(.administrator), try harness.logIn(.reviewer, as: "reader"))
        try await harness.test { client in
            #expect(try await Browser(client, reader).get("/api/v1/session").status == 200)
            let reply = try await Browser(client, chief).post("/api/v1/users/reader/active", ["active": false])
            #expect(reply.status == 200)
            #expect(try await Browser(client, reader).get("/api/v1/session").status == 401)
        }
    }
}
