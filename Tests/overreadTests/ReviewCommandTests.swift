import Foundation
import StrictJSON
import Testing

@Suite("Commands for the review page", .serialized)
struct ReviewCommandTests {
    private func json(_ arguments: [String], in work: Workplace) throws -> JSONValue {
        let outcome = try Program.run(arguments + ["--json"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try outcome.json()
    }

    @Test("an account is made with a one-time link and no password; it is listed, closed, opened, and invited again")
    func accounts() throws {
        let work = try Workplace()
        let added = try json(
            [
                "reviewer", "add", "--store", "s.sqlite", "--name", "Anna", "--role", "administrator", "--subspecialty",
                "neuro",
            ],
            in: work)
        let link = try #require(added["link"]?.string)
        #expect(link.hasPrefix("/setup?token=") && link.utf8.count == 56)
        let again = try json(["reviewer", "link", "--store", "s.sqlite", "--name", "anna"], in: work)
        #expect(again["link"]?.string != link)
        _ = try json(["reviewer", "add", "--store", "s.sqlite", "--name", "ben", "--role", "reviewer"], in: work)
        _ = try json(["reviewer", "disable", "--store", "s.sqlite", "--name", "ben"], in: work)
        func accounts() throws -> [JSONValue] {
            try json(["reviewer", "list", "--store", "s.sqlite"], in: work)["accounts"]?.array ?? []
        }
        #expect(try accounts().map { $0["name"]?.string } == ["anna", "ben"])
        #expect(try accounts().map { $0["active"]?.bool } == [true, false])
        #expect(try accounts().allSatisfy { $0["has_password"]?.bool == false })
        _ = try json(["reviewer", "enable", "--store", "s.sqlite", "--name", "ben"], in: work)
        #expect(try accounts().map { $0["active"]?.bool } == [true, true])
        let list = try Program.run(["reviewer", "list", "--store", "s.sqlite"], in: work)
        #expect(list.output.contains("anna: administrator, other (neuro), reads as r-"))
        for file in try work.listing().keys {
            #expect(try Data(work.bytes(file)).range(of: Data(link.dropFirst(13).utf8)) == nil)
        }
    }

    @Test(
        "no command takes a password, and wrong words are refused by name",
        arguments: [
            (["add", "--name", "a.b", "--role", "reviewer", "--password", "secret"], 64, "usage  overread reviewer"),
            (["add", "--name", "a.b", "--role", "boss"], 2, "reviewer.unknown-role  --role: "),
            (["add", "--name", "a b", "--role", "lead"], 2, "account.bad-name  account: "),
            (["link", "--name", "nobody"], 2, ""), (["disable", "--name", "nobody"], 2, ""),
        ])
    func refused(arguments: [String], status: Int, beginning: String) throws {
        let work = try Workplace()
        let outcome = try Program.run(["reviewer"] + arguments + ["--store", "s.sqlite"], in: work)
        #expect(outcome.status == Int32(status) && outcome.output.isEmpty)
        #expect(outcome.error.hasPrefix(beginning) && !outcome.error.contains("secret"), "\(outcome.error)")
    }

    @Test("outputs go into the arena, and what readers said so far comes out without any text")
    func arena() throws {
        let work = try Workplace()
        try work.write("p.jsonl", #"{"id": "1", "prompt": "Invented findings."}"# + "\n")
        try work.write("b.jsonl", #"{"id": "1", "text": "Invented base."}"# + "\n")
        try work.write("a.jsonl", #"{"id": "1", "text": "Invented aligned."}"# + "\n")
        _ = try json(["reviewer", "add", "--store", "s.sqlite", "--name", "ann", "--role", "lead"], in: work)
        let add = [
            "arena", "add", "--store", "s.sqlite", "--prompts", "p.jsonl", "--base", "b.jsonl", "--aligned", "a.jsonl",
        ]
        let added = try json(add, in: work)
        #expect(added["pairs"]?.int == 1 && added["readers"]?.int == 2)
        let verdicts = try json(["arena", "verdicts", "--store", "s.sqlite", "--output", "v.jsonl"], in: work)
        #expect(verdicts["open"]?.int == 1 && verdicts["items"]?.int == 1)
        #expect(try !work.text("v.jsonl").contains("Invented") && work.lines("v.jsonl")[0]["verdict"] == .null)
        let wrong = try Program.run(add + ["--readers", "0"], in: work)
        #expect(wrong.status == 64)
        let queue = try json(["queue", "set", "--store", "s.sqlite", "--order", "random", "--seed", "5"], in: work)
        #expect(queue["policy"]?["seed"]?.string == "5")
        #expect(queue["progress"]?.array?[1]["waiting"]?.int == 2)
    }
}
