import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("Logging in")
struct LogInTests {
    @Test("a wrong name, a wrong password, a closed and an unfinished account are refused in the same words")
    func sameWords() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.makeAccount("root", .administrator)
        _ = try store.makeAccount("anna")
        _ = try store.makeAccount("closed")
        try store.setDisabled(true, account: "closed")
        _ = try store.createAccount(name: "unfinished", displayName: "x", role: .reviewer)
        let refusals = [("nobody", goodPassword), ("anna", "wrong"), ("closed", goodPassword), ("unfinished", "")].map {
            name, password in #expect(throws: Refusal.self) { try store.tryLogIn(name, password) }?.description
        }
        #expect(Set(refusals).count == 1 && refusals[0]?.contains("login.refused") == true)
    }

    @Test("a name that does not exist is checked against a key of the same cost as one that does")
    func unknownNames() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.makeAccount("anna")
        guard case .attempt(let known) = try store.beginLogIn(name: "anna", address: nil, cost: .cheap),
            case .attempt(let unknown) = try store.beginLogIn(name: "nobody", address: nil, cost: .cheap)
        else {
            Issue.record("both may be tried")
            return
        }
        #expect(known.stored?.cost == PasswordHash.decoy(cost: unknown.cost).cost)
        #expect(known.check(goodPassword).isRight && !unknown.check(goodPassword).isRight)
        // Even the decoy's own key does not log anybody in.
        #expect(!unknown.check("").isRight)
    }

    @Test("the wait doubles with every failure of one name, whatever the address, and survives reopening the store")
    func throttling() throws {
        let scratch = try Scratch()
        let clock = Clock()
        var store: PreferenceStore? = try scratch.reviewStore(clock)
        _ = try store?.makeAccount("anna")
        for number in 0..<4 {
            #expect(throws: Refusal.self) { try store?.tryLogIn("anna", "wrong", address: "10.0.0.\(number)") }
        }
        var waits: [Int] = []
        for round in 0..<12 {
            #expect(throws: Refusal.self) { try store?.tryLogIn("Anna", "wrong", address: "10.0.1.\(round)") }
            guard case .wait(let seconds) = try store?.beginLogIn(name: "anna", address: "x", cost: .cheap) else {
                Issue.record("no wait after \(round + 5) failures")
                return
            }
            waits.append(seconds)
            clock.advance(seconds: Int64(seconds) - 1)
            #expect(try store?.tryLogIn("anna", goodPassword) == nil)
            clock.advance(seconds: 1)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
        #expect(throws: Refusal.self) { try store?.tryLogIn("anna", "wrong") }
        store = nil
        store = try scratch.reviewStore(clock)
        #expect(try store?.tryLogIn("anna", goodPassword) == nil)
        clock.advance(seconds: 900)
        #expect(try store?.tryLogIn("anna", goodPassword) != nil)
        // After a success the count begins anew.
        #expect(throws: Refusal.self) { try store?.tryLogIn("anna", "wrong") }
        #expect(try store?.tryLogIn("anna", goodPassword) != nil)
    }

    @Test("names that do not exist are slowed down in the same way, and so are many names from one address")
    func throttlingUnknown() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.reviewStore(clock)
        for _ in 0..<5 { #expect(throws: Refusal.self) { try store.tryLogIn("nobody", "wrong") } }
        #expect(try store.tryLogIn("nobody", "wrong") == nil)
        for number in 0..<61 {
            #expect(throws: Refusal.self) { try store.tryLogIn("name\(number)", "wrong", address: "10.0.0.9") }
        }
        #expect(try store.tryLogIn("fresh", "wrong", address: "10.0.0.9") == nil)
        #expect(throws: Refusal.self) { try store.tryLogIn("fresh", "wrong", address: "10.0.0.8") }
        clock.advance(seconds: 86_401)
        #expect(throws: Refusal.self) { try store.tryLogIn("nobody", "wrong", address: "10.0.0.9") }
        let rows = try store.reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM log_in_delay") }
        #expect(rows == 2)
    }

    @Test("attempts that begin at the same time do not slip past the wait")
    func concurrentAttempts() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.makeAccount("anna")
        var begun = 0
        for _ in 0..<50 {
            if case .attempt = try store.beginLogIn(name: "anna", address: nil, cost: .cheap) { begun += 1 }
        }
        #expect(begun == 5)
    }

    @Test("a password that was hashed at an older cost is hashed anew when its owner logs in")
    func rehash() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.makeAccount("anna")
        let dearer = PasswordHash.Cost(rounds: 32, blockSize: 8, parallelism: 1)
        func rounds() throws -> Int? {
            try store.reading { try Int.fetchOne($0, sql: "SELECT cost_rounds FROM account") }
        }
        guard case .attempt(let wrong) = try store.beginLogIn(name: "anna", address: nil, cost: dearer),
            case .attempt(let right) = try store.beginLogIn(name: "anna", address: nil, cost: dearer)
        else { return }
        #expect(throws: Refusal.self) { try store.finishLogIn(wrong.check("wrong"), address: nil) }
        #expect(try rounds() == 16)
        _ = try store.finishLogIn(right.check(goodPassword), address: nil)
        #expect(try rounds() == 32)
        #expect(try store.tryLogIn("anna", goodPassword) != nil)
    }

    @Test("changing the password needs the old one, ends every other session and locks the old password out")
    func change() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let first = try store.makeAccount("anna")
        let other = try #require(try store.tryLogIn("anna", goodPassword))
        let next = try PasswordHash(of: "nine quiet owls dance", forAccount: "anna", cost: .cheap)
        guard case .attempt(let attempt) = try store.beginLogIn(name: "anna", address: nil, cost: .cheap) else {
            return
        }
        #expect(throws: Refusal.self) { try store.changePassword(attempt.check("wrong"), to: next, address: nil) }
        let new = try store.changePassword(attempt.check(goodPassword), to: next, address: nil)
        #expect(try store.session(token: first.token) == nil && store.session(token: other.token) == nil)
        #expect(try store.session(token: new.token) != nil)
        #expect(throws: Refusal.self) { try store.tryLogIn("anna", goodPassword) }
        #expect(try store.tryLogIn("anna", "nine quiet owls dance") != nil)
        // A log-in whose password was checked before the change does not finish after it.
        #expect(throws: Refusal.self) { try store.finishLogIn(attempt.check(goodPassword), address: nil) }
    }
}
