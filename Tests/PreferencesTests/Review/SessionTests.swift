import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("Sessions")
struct SessionTests {
    @Test("every log-in makes a new token of 256 bits, whose SHA-256 alone is stored")
    func tokens() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.makeAccount("anna")
        var tokens: Set<String> = []
        for _ in 0..<20 { tokens.insert(try #require(try store.tryLogIn("anna", goodPassword)).token) }
        #expect(tokens.count == 20)
        let stored = try store.reading { try Data.fetchAll($0, sql: "SELECT token_sha256 FROM session") }
        for token in tokens {
            let bytes = Data(
                base64Encoded: token.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
                    + "=")
            #expect(bytes?.count == 32)
            #expect(stored.contains(SecretToken.digest(of: token)))
        }
    }

    @Test("a session ends after the idle time without activity, and after the absolute time whatever happens")
    func expiry() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.reviewStore(clock)
        _ = try store.makeAccount("anna")
        let idle = try #require(try store.tryLogIn("anna", goodPassword))
        clock.advance(seconds: 899)
        #expect(try store.session(token: idle.token, isActivity: false) != nil)
        clock.advance(seconds: 1)
        #expect(try store.session(token: idle.token) == nil)
        let busy = try #require(try store.tryLogIn("anna", goodPassword))
        for _ in 0..<47 {
            clock.advance(seconds: 600)
            #expect(try store.session(token: busy.token) != nil)
        }
        clock.advance(seconds: 600)
        #expect(try store.session(token: busy.token) == nil)
    }

    @Test("looking a session up writes at most once a minute, and looks that are no activity never")
    func touches() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.reviewStore(clock)
        let token = try store.makeAccount("anna").token
        func seen() throws -> Int64? {
            try store.reading { try Int64.fetchOne($0, sql: "SELECT seen_ms FROM session") }
        }
        let first = try seen()
        for _ in 0..<59 {
            clock.advance(seconds: 1)
            #expect(try store.session(token: token) != nil)
        }
        #expect(try seen() == first)
        clock.advance(seconds: 1)
        #expect(try store.session(token: token, isActivity: false) != nil)
        #expect(try seen() == first)
        #expect(try store.session(token: token) != nil)
        #expect(try seen() == first.map { $0 + 60_000 })
    }

    @Test("the token against forgery follows from the session's own and from no other")
    func forgery() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let one = try store.makeAccount("anna")
        let two = try #require(try store.tryLogIn("anna", goodPassword))
        let again = try #require(try store.session(token: one.token))
        #expect(again.hasCSRFToken(one.session.csrfToken) && again.csrfToken.utf8.count == 43)
        for wrong in [two.session.csrfToken, one.token, "", String(one.session.csrfToken.dropLast())] {
            #expect(!again.hasCSRFToken(wrong))
        }
    }

    @Test("log-out ends one session, a list shows the others, and they end one by one or all at once")
    func ending() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let other = try store.makeAccount("berta")
        let sessions =
            [try store.makeAccount("anna")]
            + (try (0..<3).map { _ in try #require(try store.tryLogIn("anna", goodPassword)) })
        try store.endSession(token: sessions[0].token)
        #expect(try store.session(token: sessions[0].token) == nil)
        #expect(try Set(store.sessions(of: "anna").map(\.digest)) == Set(sessions.dropFirst().map(\.session.digest)))
        // Somebody else's session cannot be named.
        try store.endSession(digest: other.session.digest, of: "anna")
        #expect(try store.session(token: other.token) != nil)
        try store.endSession(digest: sessions[1].session.digest, of: "anna")
        #expect(try store.session(token: sessions[1].token) == nil && store.session(token: sessions[2].token) != nil)
        try store.endSessions(of: "anna")
        #expect(try store.sessions(of: "anna").isEmpty && store.session(token: other.token) != nil)
        for token in ["", "x", sessions[0].token, "' OR 1=1 --"] { #expect(try store.session(token: token) == nil) }
    }

    @Test("a new role ends the account's sessions")
    func roles() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let session = try store.makeAccount("anna")
        try store.setRole(.reviewer, account: "anna")
        #expect(try store.session(token: session.token) != nil)
        try store.setRole(.lead, account: "anna")
        #expect(try store.session(token: session.token) == nil)
        #expect(try store.tryLogIn("anna", goodPassword)?.session.account.role == .lead)
    }
}
