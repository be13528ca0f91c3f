import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("Accounts and passwords")
struct AccountTests {
    @Test("a password is kept as a salted key at the current cost, and the file holds neither it nor a token")
    func atRest() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let session = try store.makeAccount("anna")
        let token = try store.makeSetUpLink(account: "anna").token
        _ = try store.makeAccount("berta")
        let kept = try store.reading {
            try Row.fetchAll(
                $0, sql: "SELECT password_key, password_salt, cost_rounds FROM account ORDER BY account_id")
        }
        #expect(kept[0]["password_key"] as Data? != kept[1]["password_key"] as Data?)
        #expect(kept[0]["password_salt"] as Data? != kept[1]["password_salt"] as Data?)
        #expect(kept.allSatisfy { ($0["password_salt"] as Data?)?.count == 16 && ($0["cost_rounds"] as Int?) == 16 })
        #expect(PasswordHash.Cost.current == PasswordHash.Cost(rounds: 131_072, blockSize: 8, parallelism: 1))
        for file in ["review.sqlite", "review.sqlite-wal"] {
            let bytes = try scratch.bytes(file)
            for secret in [goodPassword, session.token, token, session.session.csrfToken] {
                #expect(!bytes.contains(secret), "\(file) holds a secret")
            }
        }
        try store.check()
    }

    @Test("the key of a password is scrypt's: an HMAC-SHA256 under the key that another program derives")
    func scrypt() throws {
        // hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride", n=16384, r=8, p=1, dklen=32), RFC 7914 section 12,
        // whose first 32 bytes are 7023bdcb3afd7348461c06cd81fd38eb…; then hmac.new(key, b"overread password v1", "sha256").
        let hash = try #require(
            PasswordHash.derive(
                "pleaseletmein", salt: Array("SodiumChloride".utf8),
                cost: PasswordHash.Cost(rounds: 16_384, blockSize: 8, parallelism: 1)))
        #expect(ContentDigest.hex(hash.key) == "582f16f76e9d48c569b8e0e0fe55460244318556c07acc36bd057aabb12ebda6")
        #expect(hash.matches("pleaseletmein") && !hash.matches("pleaseletmeIn"))
    }

    @Test(
        "short passwords, and those built of the name, the product or few characters, are refused",
        arguments: [
            ("short words", "password.too-short"), ("aaaaaaaaaaaaaaaa", "password.too-easy"),
            ("abababababababab", "password.too-easy"), ("123456789012345", "password.too-easy"),
            ("annamaria.bell1", "password.too-easy"), ("overreadoverread", "password.too-easy"),
            ("password-radiology", "password.too-easy"), ("abcdefghijklmnop", "password.too-easy"),
            (String(repeating: "ab1!x ", count: 200), "password.too-long"),
        ])
    func rules(password: String, code: String) throws {
        let refusal = #expect(throws: Refusal.self) {
            try PasswordHash(of: password, forAccount: "annamaria.bell", cost: .cheap)
        }
        #expect(refusal?.code == code)
        #expect(refusal?.description.contains(password) == false)
    }

    @Test("long passwords of any characters are taken, and both Unicode forms of one open the account")
    func unicode() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.makeAccount("anna", password: "zw\u{00F6}lf gr\u{00FC}ne Schafe")
        #expect(try store.tryLogIn("Anna ", "zwo\u{0308}lf gru\u{0308}ne Schafe") != nil)
    }

    @Test("a set-up link works once, until it is over, and only the newest one of an account")
    func links() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.reviewStore(clock)
        #expect(try !store.hasAccounts())
        _ = try store.createAccount(name: "Anna", displayName: "Anna B", role: .administrator)
        #expect(try store.hasAccounts() && store.account(named: "ANNA")?.hasPassword == false)
        let first = try store.makeSetUpLink(account: "anna").token
        let second = try store.makeSetUpLink(account: "anna", lifetimeSeconds: 60).token
        #expect(first.utf8.count == 43 && first != second)
        let hash = try PasswordHash(of: goodPassword, forAccount: "anna", cost: .cheap)
        func refused(_ token: String) -> String? {
            #expect(throws: Refusal.self) { try store.finishSetUp(token: token, password: hash, address: nil) }?.code
        }
        #expect(try store.setUpAccount(token: first) == nil && refused(first) == "setup.bad-link")
        #expect(try store.setUpAccount(token: second)?.name == "anna")
        clock.advance(seconds: 60)
        #expect(try store.setUpAccount(token: second) == nil && refused(second) == "setup.bad-link")
        let third = try store.makeSetUpLink(account: "anna", lifetimeSeconds: 60).token
        let session = try store.finishSetUp(token: third, password: hash, address: "10.0.0.1")
        #expect(session.session.account.hasPassword && session.session.account.role == .administrator)
        #expect(refused(third) == "setup.bad-link")
        #expect(try store.tryLogIn("anna", goodPassword) != nil)
    }

    @Test(
        "closing an account ends its sessions, link and leases; opened again it may log in, but the last administrator stays"
    )
    func disabling() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.makeAccount("root", .administrator)
        let session = try store.makeAccount("anna")
        let reader = session.session.account.reviewer
        _ = try store.createJudgingPairs([judgingPair(1)])
        let held = try #require(try store.nextCase(.judge, for: reader))
        let link = try store.makeSetUpLink(account: "anna").token
        try store.setDisabled(true, account: "anna")
        #expect(try store.session(token: session.token) == nil && store.setUpAccount(token: link) == nil)
        #expect(throws: Refusal.self) { try store.tryLogIn("anna", goodPassword) }
        #expect(throws: Refusal.self) { try store.nextCase(.judge, for: reader) }
        #expect(throws: Refusal.self) { try store.makeSetUpLink(account: "anna") }
        #expect(try store.nextCase(.judge, for: "a")?.pair == held.pair)
        try store.setDisabled(false, account: "anna")
        #expect(try store.session(token: session.token) == nil && store.setUpAccount(token: link) == nil)
        #expect(try store.tryLogIn("anna", goodPassword) != nil)
        for change in [
            { try store.setDisabled(true, account: "root") }, { try store.setRole(.lead, account: "root") },
        ] {
            #expect(#expect(throws: Refusal.self) { try change() }?.code == "account.last-administrator")
        }
        _ = try store.makeAccount("second", .administrator)
        try store.setRole(.lead, account: "root")
        #expect(try store.account(named: "root")?.role == .lead)
        try store.check()
    }

    @Test("names have one spelling, occur once, and say nothing in the reader's key")
    func names() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let anna = try store.createAccount(
            name: "  Anna.B ", displayName: "Anna B", role: .lead, credential: .fellow, subspecialties: ["neuro"])
        #expect(anna.name == "anna.b" && anna.credential == .fellow && anna.subspecialties == ["neuro"])
        #expect(anna.reviewer.hasPrefix("r-") && !anna.reviewer.contains("anna"))
        let twice = #expect(throws: Refusal.self) {
            try store.createAccount(name: "ANNA.b", displayName: "x", role: .reviewer)
        }
        #expect(twice?.code == "account.exists")
        for name in ["", "a", "anna b", "анна", "a\u{0}b", "a'b", String(repeating: "a", count: 65)] {
            let refusal = #expect(throws: Refusal.self) {
                try store.createAccount(name: name, displayName: "x", role: .reviewer)
            }
            #expect(refusal?.code == "account.bad-name")
        }
        #expect(Account.Role.reviewer < .lead && Account.Role.lead < .administrator)
    }

    @Test("every change of an account is in the audit chain under who made it, with session and address")
    func audit() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let root = try store.makeAccount("root", .administrator)
        let acting = store.acting(
            as: root.session.account.reviewer, session: root.session.digest, address: "10.0.0.7")
        _ = try acting.createAccount(name: "anna", displayName: "Anna", role: .reviewer)
        _ = try acting.makeSetUpLink(account: "anna")
        try acting.setDisabled(true, account: "anna")
        let events = try store.reading {
            try Row.fetchAll(
                $0, sql: "SELECT * FROM audit_event WHERE actor = ? AND source_address = '10.0.0.7' ORDER BY sequence",
                arguments: [root.session.account.reviewer])
        }
        #expect(
            events.map { $0["action"] as String } == ["register", "create", "make set-up link of", "disable"])
        #expect(events.allSatisfy { ($0["session_sha256"] as String?) == root.session.digest })
        _ = try store.verifyAudit()
    }
}

extension [UInt8] {
    /// Whether a text's bytes occur.
    func contains(_ text: String) -> Bool { Data(self).range(of: Data(text.utf8)) != nil }
}
