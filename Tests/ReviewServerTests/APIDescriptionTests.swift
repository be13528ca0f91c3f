import HTTPTypes
import HummingbirdTesting
import Preferences
import StrictJSON
import Synchronization
import Testing

@testable import ReviewServer

/// The OpenAPI file says what the server does, and nothing else.
@Suite struct APIDescriptionTests {
    @Test func theFileAndTheRouterHaveTheSameOperations() throws {
        let documented = Set(try APIDescription().operations.map { "\($0.method) \($0.path)" })
        let served = Set(ReviewRoutes.all.filter(\.isAPI).map { "\($0.method.rawValue) \($0.path)" })
        #expect(documented.subtracting(served).sorted() == [])
        #expect(served.subtracting(documented).sorted() == [])
    }

    @Test func operationsForAnybodyAreMarkedAsSuch() throws {
        let open = Set(
            try APIDescription().operations.filter { $0.operation["security"]?.array?.isEmpty == true }.map(\.path))
        let served = Set(ReviewRoutes.all.filter { $0.isAPI && $0.role == nil }.map(\.path))
        // GET and POST of the session share a path.
        #expect(open == served)
    }

    @Test func answersHaveExactlyTheDocumentedFields() async throws {
        let harness = try Harness(pairs: 4, readers: 2) { $0.backups = nil }
        let chief = try harness.logIn(.administrator, as: "chief")
        let (one, two) = (try harness.logIn(.reviewer), try harness.logIn(.reviewer))
        let description = try APIDescription()
        let checked = Checked(description)
        try await harness.test { client in
            let (browser, first, second) = (Browser(client, chief), Browser(client, one), Browser(client, two))
            @Sendable func take(_ method: String, _ template: String, _ reply: Reply) throws {
                try checked.take(method, template, reply)
            }
            try take("GET", "/api/v1/health", try await browser.get("/api/v1/health"))
            try take("GET", "/api/v1/session", try await browser.get("/api/v1/session"))
            try take(
                "POST", "/api/v1/session",
                try await Browser(client).post("/api/v1/session", ["name": "chief", "password": .string(goodPassword)]))
            try take(
                "POST", "/api/v1/guideline",
                try await browser.post("/api/v1/guideline", ["version": "1", "text": "Read both."]))
            // Two readers disagree about the same pair.
            for (reader, word) in [(first, "Plain"), (second, "Other")] {
                let next = try await reader.post("/api/v1/judge/next", ["screen": ["theme": "dark", "width": 1280]])
                try take("POST", "/api/v1/judge/next", next)
                let shown = try #require(try next.json["case"])
                let id = try #require(shown["presentation"])
                try take(
                    "POST", "/api/v1/leases/extend",
                    try await reader.post("/api/v1/leases/extend", ["presentation": id]))
                try take(
                    "POST", "/api/v1/drafts",
                    try await reader.post(
                        "/api/v1/drafts", ["of": "presentation", "id": id, "text": "so far", "revision": 0]))
                let side = shown["left"]?.string?.contains(word) == true ? "left" : "right"
                try take(
                    "POST", "/api/v1/judgements",
                    try await reader.judge(
                        shown, side,
                        [
                            "strength": 2, "criteria": [["criterion": "style", "winner": "left"]],
                            "errors": [
                                [
                                    "side": "left", "category": "false_finding", "significant": false, "start": 0,
                                    "end": 3, "section": "impression", "actionability": "none", "note": "n",
                                ]
                            ],
                        ]))
                try take(
                    "GET", "/api/v1/presentations/{presentation}",
                    try await reader.get("/api/v1/presentations/\(id.int ?? 0)"))
                try take(
                    "POST", "/api/v1/presentations/{presentation}/edit",
                    try await reader.post(
                        "/api/v1/presentations/\(id.int ?? 0)/edit",
                        ["side": "left", "text": "IMPRESSION:\n1. Better.", "key": .string("e\(id.int ?? 0)")]))
                try take("GET", "/api/v1/judgements", try await reader.get("/api/v1/judgements"))
                try take("GET", "/api/v1/mine", try await reader.get("/api/v1/mine"))
            }
            let list = try await browser.get("/api/v1/conflicts")
            try take("GET", "/api/v1/conflicts", list)
            let pair = try #require(try list.json["conflicts"]?.array?.first?["pair"])
            let conflict = try await browser.get("/api/v1/conflicts/\(pair.int ?? 0)")
            try take("GET", "/api/v1/conflicts/{pair}", conflict)
            try take("GET", "/api/v1/progress", try await browser.get("/api/v1/progress"))
            try take(
                "POST", "/api/v1/adjudications",
                try await browser.post(
                    "/api/v1/adjudications",
                    [
                        "pair": pair, "revision": 0, "outcome": "left", "basis": "third_reader",
                        "error_source": "preference", "strength": 1, "note": "n",
                    ]))
            // Taking an answer back.
            let shown = try await first.next()
            let id = try #require(shown["presentation"])
            #expect(try await first.judge(shown, "skip").status == 200)
            try take(
                "POST", "/api/v1/judgements/undo",
                try await first.post("/api/v1/judgements/undo", ["presentation": id, "revision": 1, "key": "u"]))
            try take(
                "POST", "/api/v1/leases/release",
                try await first.post("/api/v1/leases/release", ["presentation": id]))
            try take("POST", "/api/v1/arena/next", try await first.post("/api/v1/arena/next", [:]))
            try take("GET", "/api/v1/guideline", try await first.get("/api/v1/guideline"))
            try take("GET", "/api/v1/queue", try await browser.get("/api/v1/queue"))
            try take(
                "POST", "/api/v1/queue",
                try await browser.post("/api/v1/queue", ["order": "informative", "gold_percent": 10]))
            try take("GET", "/api/v1/users", try await browser.get("/api/v1/users"))
            try take(
                "POST", "/api/v1/users",
                try await browser.post(
                    "/api/v1/users",
                    ["name": "new", "role": "reviewer", "credential": "fellow", "subspecialties": ["chest"]]))
            try take(
                "POST", "/api/v1/users/{account}/role",
                try await browser.post("/api/v1/users/new/role", ["role": "lead"]))
            try take(
                "POST", "/api/v1/users/{account}/active",
                try await browser.post("/api/v1/users/new/active", ["active": false]))
            _ = try await browser.post("/api/v1/users/new/active", ["active": true])
            try take("POST", "/api/v1/users/{account}/invite", try await browser.post("/api/v1/users/new/invite", [:]))
            try take("POST", "/api/v1/session/end", try await second.post("/api/v1/session/end", [:]))
            let refused = try await Browser(client).get("/api/v1/session")
            #expect(
                description.problems(of: try refused.json, ["$ref": "#/components/schemas/Problem"]) == [])
        }
        checked.missing(besides: [
            // These have tests of their own.
            "/api/v1/backup", "/api/v1/correct/next", "/api/v1/correct/extend", "/api/v1/corrections",
            "/api/v1/corrections/close", "/api/v1/hints",
        ])
    }
}

/// Replies that were compared with the file.
final class Checked: Sendable {
    private let description: APIDescription
    private let seen = Mutex<Set<String>>([])

    init(_ description: APIDescription) { self.description = description }

    func take(_ method: String, _ path: String, _ reply: Reply) throws {
        _ = seen.withLock { $0.insert("\(method) \(path)") }
        #expect(reply.status == 200, "\(method) \(path): \(reply.text)")
        let schema = try #require(description.answer(method, path), "\(path) has no answer in the file")
        #expect(description.problems(of: try reply.json, schema) == [], "\(method) \(path)")
    }

    /// Fails for JSON answers that no test took.
    func missing(besides others: [String]) {
        for (method, path, _) in description.operations
        where description.answer(method, path) != nil && !others.contains(path) {
            #expect(seen.withLock { $0.contains("\(method) \(path)") }, "\(method) \(path) was not compared")
        }
    }
}
