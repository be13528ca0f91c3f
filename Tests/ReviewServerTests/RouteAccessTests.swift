import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// Every route for every role: what a role may not do is not done.
@Suite struct RouteAccessTests {
    /// Paths as a client would ask for them.
    private static func path(_ route: Route) -> String {
        route.path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }.joined(separator: "/")
    }

    private static func ask(_ route: Route, _ browser: Browser) async throws -> Reply {
        let path = "/" + Self.path(route)
        guard route.method == .post else { return try await browser.get(path) }
        // An empty body: whoever may ask gets a refusal of its content, whoever may not is refused before.
        return route.body == .form ? try await browser.form(path, [:]) : try await browser.post(path, [:])
    }

    @Test func everyRouteAnswersThoseBelowItsRoleWithARefusal() async throws {
        let harness = try Harness()
        let sessions = try [Account.Role.reviewer, .lead, .administrator].map { ($0, try harness.logIn($0)) }
        try await harness.test { client in
            for route in ReviewRoutes.all {
                guard let needed = route.role else { continue }
                let stranger = try await Self.ask(route, Browser(client))
                #expect(
                    route.isAPI
                        ? stranger.status == 401 : stranger.status == 303 && stranger.headers[.location] == "/login",
                    "\(route.method) \(route.path) answered a stranger with \(stranger.status)")
                for (role, session) in sessions where role < needed {
                    let reply = try await Self.ask(route, Browser(client, session))
                    #expect(reply.status == 403, "\(route.method) \(route.path) answered \(role) with \(reply.status)")
                }
            }
        }
    }

    @Test func everyRouteAnswersItsOwnRole() async throws {
        for route in ReviewRoutes.all {
            guard let needed = route.role else { continue }
            let harness = try Harness(pairs: 1)
            let session = try harness.logIn(needed)
            try await harness.test { client in
                let reply = try await Self.ask(route, Browser(client, session))
                #expect(
                    ![401, 403, 405, 500].contains(reply.status),
                    "\(route.method) \(route.path) answered its own role with \(reply.status): \(reply.text.prefix(300))"
                )
            }
        }
    }

    @Test func theRoutesForAnybodyAreTheseAndNoOthers() {
        let open = ReviewRoutes.all.filter { $0.role == nil }.map { "\($0.method) \($0.path)" }.sorted()
        #expect(
            open == [
                "GET /", "GET /api/v1/health", "GET /api/v1/openapi.yaml", "GET /assets/icon.svg",
                "GET /assets/review.css", "GET /assets/review.js", "GET /login", "GET /setup", "POST /api/v1/session",
                "POST /login", "POST /setup",
            ])
    }

    @Test func everyChangeIsAPostAndNoGetTakesABody() {
        for route in ReviewRoutes.all {
            #expect(route.method == .get || route.method == .post)
            #expect((route.body == .none) == (route.method == .get), "\(route.path)")
        }
    }

    @Test func pathsThatAreNotInTheTableDoNotExist() async throws {
        let harness = try Harness()
        let session = try harness.logIn(.administrator)
        try await harness.test { client in
            let browser = Browser(client, session)
            for path in [
                "/.env", "/assets/../openapi.yaml", "/assets/..%2f..%2fetc%2fpasswd",
                "/assets/%2e%2e/%2e%2e/etc/passwd",
                "//etc/passwd", "/assets/review.css%00.html", "/assets/", "/api/v1/presentations/..%2f..%2fusers",
                "/api/v1/presentations/1/../../users", "/JUDGE", "/judge/", "/store.sqlite", "/api/v1",
            ] {
                let reply = try await browser.get(path)
                #expect(reply.status == 404, "\(path) answered \(reply.status)")
                #expect(!reply.text.contains("root:"))
            }
            #expect(try await browser.get("/api/v1/judge/next").status == 405)
            #expect(try await browser.get("/api/v1/judge/next").headers[.allow] == "POST")
        }
    }

    @Test func aReaderSeesNothingOfAnotherReadersCases() async throws {
        let harness = try Harness(pairs: 2, readers: 2)
        let (one, two) = (try harness.logIn(.reviewer), try harness.logIn(.reviewer))
        try await harness.test { client in
            let (owner, other) = (Browser(client, one), Browser(client, two))
            let shown = try await owner.next()
            let id = try #require(shown["presentation"]?.int)
            let number: JSONValue = .number(JSONNumber(id))
            #expect(try await other.get("/api/v1/presentations/\(id)").status == 404)
            #expect(try await other.judge(shown).status == 404)
            for path in ["leases/extend", "leases/release"] {
                #expect(try await other.post("/api/v1/\(path)", ["presentation": number]).status == 404, "\(path)")
            }
            #expect(
                try await other.post(
                    "/api/v1/judgements/undo", ["presentation": number, "revision": 1, "key": "k"]
                ).status == 404)
            #expect(
                try await other.post(
                    "/api/v1/presentations/\(id)/edit", ["side": "left", "text": "x", "key": "k"]
                ).status == 404)
            #expect(
                try await other.post(
                    "/api/v1/drafts", ["of": "presentation", "id": number, "text": "x", "revision": 0]
                ).status == 404)
            #expect(try await owner.get("/api/v1/presentations/\(id)").status == 200)
        }
    }
}
