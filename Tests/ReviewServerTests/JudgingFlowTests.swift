import Foundation
import HummingbirdTesting
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// A reader's work over the API.
@Suite struct JudgingFlowTests {
    @Test func anAnswerIsKeptAsItWasGiven() async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let shown = try await browser.next()
            let reply = try await browser.judge(
                shown, "right", key: "once",
                [
                    "strength": 2, "confidence": 3, "comment": "short",
                    "criteria": [
                        ["criterion": "accuracy", "winner": "right"], ["criterion": "style", "winner": nil],
                    ],
                    "errors": [
                        [
                            "side": "left", "category": "omitted_finding", "significant": true,
                            "actionability": "urgent", "start": 0, "end": 10, "note": "n",
                        ]
                    ],
                    "circumstances": [
                        "first_action_ms": 900, "active_ms": 5000, "hidden_ms": 10, "idle_ms": 20,
                        "diff_visible": true, "image_opened": false,
                    ],
                ])
            #expect(reply.status == 200, "\(reply.text)")
            let id = try #require(shown["presentation"]?.int)
            let kept = try #require(try harness.store.judgements(ofPresentation: Int64(id)).last?.judgement)
            #expect(kept.choice == .right)
            #expect(kept.strength == .better)
            #expect(kept.criteria.count == 2)
            #expect(kept.errors.first?.bytes == 0..<10)
            #expect(kept.comment == "short")
            #expect(kept.circumstances.activeMilliseconds == 5000)
            let again = try await browser.get("/api/v1/presentations/\(id)")
            #expect(try again.json["answer"]?["choice"]?.string == "right")
        }
    }

    @Test func theSameRequestTwiceIsOneAnswer() async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let shown = try await browser.next()
            let first = try await browser.judge(shown, key: "k")
            let second = try await browser.judge(shown, key: "k")
            #expect(first.status == 200)
            #expect(first.bytes == second.bytes)
            #expect(try await browser.judge(shown, "right", key: "k").code == "judgement.key-reused")
            let id = Int64(try #require(shown["presentation"]?.int))
            #expect(try harness.store.judgements(ofPresentation: id).count == 1)
        }
    }

    @Test func anAnswerToAnOldScreenIsRefused() async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let shown = try await browser.next()
            #expect(try await browser.judge(shown).status == 200)
            let stale = try await browser.judge(shown, "right")
            #expect(stale.status == 409)
            #expect(stale.code == "judgement.stale")
        }
    }

    @Test func undoBringsTheCaseBackAndKeepsBothEvents() async throws {
        let harness = try Harness(pairs: 2)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let shown = try await browser.next()
            let id = try #require(shown["presentation"]?.int)
            #expect(try await browser.judge(shown).status == 200)
            let undone = try await browser.post(
                "/api/v1/judgements/undo",
                ["presentation": .number(JSONNumber(id)), "revision": 1, "key": "u"])
            #expect(undone.status == 200, "\(undone.text)")
            let back = try #require(try undone.json["case"])
            #expect(back["left"]?.string == shown["left"]?.string)
            #expect(back["revision"]?.int == 2)
            #expect(try await browser.judge(back, "right").status == 200)
            #expect(try harness.store.judgements(ofPresentation: Int64(id)).count == 3)
        }
    }

    @Test func theNextCaseCanBeLoadedAheadAndIsAnotherOne() async throws {
        let harness = try Harness(pairs: 3)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let first = try #require(try await browser.next()["presentation"]?.int)
            let second = try #require(try await browser.next(holding: [first])["presentation"]?.int)
            #expect(first != second)
            let same = try await browser.next()["presentation"]?.int
            #expect(same == first || same == second)
        }
    }

    @Test func twoReadersNeverGetTheSamePlace() async throws {
        let harness = try Harness(pairs: 20)
        let sessions = try (0..<4).map { _ in try harness.logIn(.reviewer) }
        try await harness.test { client in
            let seen = try await withThrowingTaskGroup(of: [String].self) { group in
                for session in sessions {
                    group.addTask {
                        let browser = Browser(client, session)
                        var texts: [String] = []
                        while true {
                            let shown = try await browser.next()
                            guard let left = shown["left"]?.string, let right = shown["right"]?.string else { break }
                            texts.append([left, right].sorted().joined())
                            #expect(try await browser.judge(shown).status == 200)
                        }
                        return texts
                    }
                }
                var all: [String] = []
                for try await texts in group { all += texts }
                return all
            }
            #expect(seen.count == 20)
            #expect(Set(seen).count == 20)
        }
    }

    @Test func nothingTellsWhoWroteAnAnswer() async throws {
        let harness = try Harness(pairs: 5)
        let (session, chief) = (try harness.logIn(.reviewer), try harness.logIn(.lead))
        try await harness.test { client in
            let browser = Browser(client, session)
            var texts: [String] = []
            for _ in 0..<5 {
                let reply = try await browser.post("/api/v1/judge/next", [:])
                texts.append(reply.text)
                let shown = try #require(try reply.json["case"])
                let id = try #require(shown["presentation"]?.int)
                texts.append(try await browser.judge(shown).text)
                texts.append(try await browser.get("/api/v1/presentations/\(id)").text)
            }
            for path in ["/judge", "/mine", "/api/v1/mine/export", "/api/v1/judgements"] {
                texts.append(try await browser.get(path).text)
            }
            texts.append(try await Browser(client, chief).get("/progress").text)
            for text in texts + harness.log.all {
                for secret in ["secret-base-model", "secret-adapter", "secret-author", "human_attending", "candidate"] {
                    #expect(!text.contains(secret), "\(secret) is told")
                }
            }
        }
    }

    @Test func theOrderIsDrawnBothWays() async throws {
        let harness = try Harness(pairs: 60)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            var plainLeft = 0
            for _ in 0..<60 {
                let shown = try await browser.next()
                if shown["left"]?.string?.contains("Plain") == true { plainLeft += 1 }
                #expect(try await browser.judge(shown, "both_good").status == 200)
            }
            // Beyond these bounds less than once in a hundred million runs.
            #expect((8...52).contains(plainLeft), "\(plainLeft) of 60")
        }
    }

    @Test func aCommentThatWasSavedComesBackWithTheCase() async throws {
        let harness = try Harness(pairs: 1)
        let session = try harness.logIn(.reviewer)
        try await harness.test { client in
            let browser = Browser(client, session)
            let id = try #require(try await browser.next()["presentation"])
            @Sendable func save(_ text: String, _ revision: Int) async throws -> Reply {
                try await browser.post(
                    "/api/v1/drafts",
                    [
                        "of": "presentation", "id": id, "text": .string(text),
                        "revision": .number(JSONNumber(revision)),
                    ])
            }
            #expect(try await save("one", 0).json["revision"]?.int == 1)
            #expect(try await save("two", 1).json["revision"]?.int == 2)
            #expect(try await save("two", 1).status == 200, "the same again, after a lost answer")
            #expect(try await save("from another window", 0).code == "draft.older")
            #expect(try await browser.next()["note"]?.string == "two")
        }
    }
}
