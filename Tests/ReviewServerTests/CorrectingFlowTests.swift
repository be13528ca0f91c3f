import HummingbirdTesting
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// Drafts, hints and backups over the API.
@Suite struct CorrectingFlowTests {
    private static let draft = "IMPRESSION:\n1. No acute finding seen."

    private static func harness(_ change: (inout ServerOptions) -> Void = { _ in }) throws -> Harness {
        let harness = try Harness(change)
        let pair = Harness.pair(1)
        _ = try harness.store.createCorrectionTasks([
            DraftToCorrect(
                prompt: pair.prompt,
                candidate: Candidate(
                    text: .messages([PromptText.Message(role: "assistant", content: draft)]), author: .model,
                    model: Candidate.Model(base: "secret-base-model")), exam: pair.exam)
        ])
        return harness
    }

    @Test func aCorrectionIsKeptOnceAndItsAnswersHaveTheDocumentedFields() async throws {
        let harness = try Self.harness { $0.viewer = "https://viewer.example/?a={exam}" }
        let session = try harness.logIn(.reviewer)
        let checked = Checked(try APIDescription())
        try await harness.test { client in
            let browser = Browser(client, session)
            let next = try await browser.post("/api/v1/correct/next", [:])
            try checked.take("POST", "/api/v1/correct/next", next)
            #expect(!next.text.contains("secret-base-model"))
            let task = try #require(try next.json["task"])
            #expect(task["draft"]?.string == Self.draft)
            #expect(task["viewer"]?.string == "https://viewer.example/?a=E1")
            let id = try #require(task["task"])
            try checked.take(
                "POST", "/api/v1/correct/extend", try await browser.post("/api/v1/correct/extend", ["task": id]))
            try checked.take(
                "POST", "/api/v1/drafts",
                try await browser.post("/api/v1/drafts", ["of": "task", "id": id, "text": "half", "revision": 0]))
            let again = try await browser.post("/api/v1/correct/next", [:])
            try checked.take("POST", "/api/v1/correct/next", again)
            #expect(try again.json["task"]?["saved"]?["text"]?.string == "half")
            let nothing = try await browser.post(
                "/api/v1/corrections", ["task": id, "text": .string(Self.draft), "key": "same"])
            #expect(nothing.code == "edit.nothing-changed")
            let body: JSONObject = [
                "task": id, "text": "IMPRESSION:\n1. No acute finding.", "key": "k", "reason": "false_finding",
                "significant": false, "active_ms": 1234,
            ]
            let first = try await browser.post("/api/v1/corrections", body)
            try checked.take("POST", "/api/v1/corrections", first)
            let second = try await browser.post("/api/v1/corrections", body)
            #expect(second.bytes == first.bytes)
            #expect(try await browser.post("/api/v1/correct/next", [:]).json["task"]?.isNull == true)
        }
    }

    @Test func aDraftThatNobodyWasGivenIsNobodys() async throws {
        let harness = try Self.harness()
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            for (path, body) in [
                ("correct/extend", ["task": 1]), ("corrections", ["task": 1, "text": "x", "key": "k"]),
                ("corrections/close", ["task": 1, "outcome": "accepted", "key": "k"]),
                ("hints", ["task": 1, "text": "x"]), ("drafts", ["of": "task", "id": 1, "text": "x", "revision": 0]),
            ] as [(String, JSONObject)] {
                let reply = try await browser.post("/api/v1/\(path)", body)
                #expect([404, 409].contains(reply.status) || path == "hints", "\(path): \(reply.text)")
            }
        }
    }

    @Test func aDraftCanBeEndedWithoutACorrection() async throws {
        let harness = try Self.harness()
        let session = try harness.logIn(.reviewer)
        let checked = Checked(try APIDescription())
        try await harness.test { client in
            let browser = Browser(client, session)
            let id = try #require(try await browser.post("/api/v1/correct/next", [:]).json["task"]?["task"])
            try checked.take(
                "POST", "/api/v1/corrections/close",
                try await browser.post(
                    "/api/v1/corrections/close", ["task": id, "outcome": "accepted", "key": "k", "active_ms": 5]))
        }
    }

    @Test func hintsAreOfTheTextThatIsSentAndKeepNothing() async throws {
        let conventions = URLOfConventions.path
        let harness = try Self.harness { $0.conventions = conventions }
        let session = try harness.logIn(.reviewer)
        let checked = Checked(try APIDescription())
        try await harness.test { client in
            let browser = Browser(client, session)
            let id = try #require(try await browser.post("/api/v1/correct/next", [:]).json["task"]?["task"])
            let head = try harness.store.auditHead()
            let reply = try await browser.post(
                "/api/v1/hints", ["task": id, "text": "As an AI, I think there may possibly be something."])
            try checked.take("POST", "/api/v1/hints", reply)
            #expect(try reply.json["hints"]?.array?.isEmpty == false)
            #expect(try harness.store.auditHead() == head)
            #expect(try await browser.get("/api/v1/session").json["hints"]?.bool == true)
        }
    }

    @Test func aBackupIsMadeWhileTheServerRuns() async throws {
        let harness = try Self.harness()
        let other = try Harness { $0.backups = harness.folder }
        let (chief, lead) = (try other.logIn(.administrator), try other.logIn(.lead))
        let checked = Checked(try APIDescription())
        try await other.test { client in
            let reply = try await Browser(client, chief).post("/api/v1/backup", [:])
            try checked.take("POST", "/api/v1/backup", reply)
            let name = try #require(try reply.json["file"]?.string)
            let copy = try PreferenceStore(at: harness.folder + "/" + name)
            #expect(try copy.check().pairCount == 0)
            #expect(try await Browser(client, lead).post("/api/v1/backup", [:]).status == 403)
        }
        try await harness.test { client in
            let session = try harness.logIn(.administrator)
            #expect(try await Browser(client, session).post("/api/v1/backup", [:]).code == "backup.no-folder")
        }
    }
}
