import Foundation
import Glibc
import StrictJSON
import Testing

@Suite("The review server as a program", .serialized)
struct ServeTests {
    private func workplace() throws -> Workplace {
        let work = try Workplace()
        try work.write("pairs.jsonl", InventedPairs.conversational)
        let outcome = try Program.run(["import", "pairs.jsonl", "--store", "store.sqlite"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return work
    }

    @Test(
        "it says where it listens, with a link for the first administrator; SIGTERM ends it well",
        arguments: [SIGTERM, SIGINT])
    func listens(signal: Int32) throws {
        let work = try workplace()
        let process = try Program.start(["serve", "--store", "store.sqlite", "--port", "0", "--json"], in: work)
        var said = ""
        while process.isRunning, !said.hasSuffix("\n") {
            usleep(20_000)
            said = try work.logged("output")
        }
        let address = try JSONValue(parsing: Array(said.utf8), named: "address")
        let url = try #require(address["url"]?.string)
        #expect(url.hasPrefix("http://127.0.0.1:") && !url.hasSuffix(":0"))
        #expect(try #require(address["set_up_link"]?.string).hasPrefix(url + "/setup?token="))
        // The store is the server's while it runs.
        let other = try Program.run(["check", "--store", work.path("store.sqlite")], in: try Workplace())
        #expect(other.status == 3 && other.error.hasPrefix("store.locked"), "\(other.error)")
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(!work.exists("store.sqlite-wal"), "the store was not closed")
        let check = try Program.run(["check", "--store", "store.sqlite"], in: work)
        #expect(check.status == 0, "\(check.error)")
    }

    @Test("it refuses an address that other machines reach without TLS, and a store that others may read")
    func refuses() throws {
        let work = try workplace()
        let open = try Program.run(["serve", "--store", "store.sqlite", "--host", "0.0.0.0"], in: work)
        #expect(open.status == 2 && open.error.hasPrefix("serve.plain-http"), "\(open.error)")
        let proxy = try Program.run(["serve", "--store", "store.sqlite", "--behind-proxy"], in: work)
        #expect(proxy.status == 2 && proxy.error.hasPrefix("serve.no-name"), "\(proxy.error)")
        let missing = try Program.run(["serve", "--store", "other.sqlite"], in: work)
        #expect(missing.status == 2 && missing.error.hasPrefix("serve.no-store"), "\(missing.error)")
        #expect(!work.exists("other.sqlite"))
        chmod(work.path("store.sqlite"), 0o644)
        let readable = try Program.run(["serve", "--store", "store.sqlite"], in: work)
        #expect(readable.status == 3 && readable.error.hasPrefix("serve.open-store"), "\(readable.error)")
    }
}
