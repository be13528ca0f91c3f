import Diagnostics
import Foundation
import Preferences
import Testing

@testable import ReviewServer

/// What the server refuses to start with.
@Suite struct ServerOptionsTests {
    private static func code(_ change: (inout ServerOptions) -> Void) -> String? {
        var options = ServerOptions()
        change(&options)
        do throws(Refusal) {
            try options.check()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func plainHTTPIsForThisMachineOnly() {
        #expect(Self.code { _ in } == nil)
        #expect(Self.code { $0.host = "::1" } == nil)
        for host in ["0.0.0.0", "192.168.1.4", "::", "review.example"] {
            #expect(Self.code { $0.host = host } == "serve.plain-http", "\(host)")
        }
        #expect(
            Self.code {
                $0.host = "0.0.0.0"
                $0.isBehindProxy = true
                $0.names = ["review.example"]
            } == nil)
    }

    @Test func anOpenAddressNeedsANameAndANameIsNoAddressLine() {
        #expect(Self.code { $0.isBehindProxy = true } == "serve.no-name")
        for name in ["https://review.example", "review.example:443", "review example", "", "a/b"] {
            #expect(Self.code { $0.names = [name] } == "serve.bad-name", "\(name)")
        }
        #expect(Self.code { $0.port = 70_000 } == "serve.bad-port")
        #expect(Self.code { $0.backups = "/nowhere/at/all" } == "serve.no-folder")
    }

    @Test func aKeyOrStoreThatOthersMayReadIsRefused() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/overread-options-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.sqlite"
        _ = try PreferenceStore(at: path)
        #expect(throws: Never.self) {
            try ReviewServer(store: path, options: ServerOptions(), log: RequestLog { _ in })
        }
        for mode in [0o644, 0o640, 0o606] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let refusal = #expect(throws: Refusal.self) {
                try ReviewServer(store: path, options: ServerOptions(), log: RequestLog { _ in })
            }
            #expect(refusal?.code == "serve.open-store")
            #expect(Self.code { $0.certificate = .init(chain: path, key: path) } == "serve.open-key")
        }
        let missing = #expect(throws: Refusal.self) {
            try ReviewServer(store: folder + "/other.sqlite", options: ServerOptions(), log: RequestLog { _ in })
        }
        #expect(missing?.code == "serve.no-store")
        #expect(!FileManager.default.fileExists(atPath: folder + "/other.sqlite"))
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:8350", true), ("127.0.0.1:1", true), ("[::1]:8350", true),
        ("review.example", true), ("Review.Example:443", true), ("evil.example", false),
        ("localhost.evil.example", false),
        ("localhost:", false), ("localhost:x", false), ("", false), ("local host", false), ("user@localhost", false),
        ("[::1", false), ("localhost:80:80", false),
    ])
    func namesAreComparedWhole(authority: String, isOwn: Bool) {
        #expect(HostNames(["review.example"]).contains(host: authority) == isOwn)
    }
}
