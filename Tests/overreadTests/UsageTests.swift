import Foundation
import StrictJSON
import Testing

@Suite("Usage, help and JSON of the program", .serialized)
struct UsageTests {
    static let commands = [
        "import", "import-reports", "listen", "snapshot", "export", "train", "score", "generate", "compare", "check",
        "backup", "audit", "screen", "suspects", "agreement", "queue", "reviewer", "arena", "serve", "doctor",
    ]

    @Test(
        "a wrong command line ends with 64 and one line that names the command's help",
        arguments: [
            (["frobnicate"], "overread"), (["train"], "overread train"), (["train", "a", "b"], "overread train"),
            (["score", "--modle", "m"], "overread score"), (["score", "--model"], "overread score"),
            (
                ["generate", "--model", "m", "--prompts", "p", "--output", "o", "--temperature", "-1"],
                "overread generate"
            ),
            (
                ["generate", "--model", "m", "--prompts", "p", "--output", "o", "--max-new-tokens", "0"],
                "overread generate"
            ),
            (
                ["generate", "--model", "m", "--prompts", "p", "--output", "o", "--temperature", "nan"],
                "overread generate"
            ),
            (["snapshot", "--store", "s", "--output", "o", "--held-out-fraction", "1.5"], "overread snapshot"),
            (["score", "--model", "m", "--pairs", "p", "--output", "o", "--max-length", "1"], "overread score"),
            (["export", "--format", "csv", "--output", "o"], "overread export"),
            (["import-reports", "--store", "s", "--feed", "f"], "overread import-reports"),
            (["serve"], "overread serve"), (["serve", "--store", "s", "--prot", "1"], "overread serve"),
            (["serve", "--store", "s", "--certificate", "c"], "overread serve"),
            (["serve", "--store", "s", "--idle-minutes", "0"], "overread serve"),
            (["listen", "--port", "70000", "--store", "s", "--feed", "f"], "overread listen"),
            (["listen", "--port", "1", "--store", "s", "--feed", "f", "--key", "k"], "overread listen"),
            (["check"], "overread check"), (["import", "--store", "s"], "overread import"),
            (["--frobnicate"], "overread"),
        ])
    func usage(arguments: [String], command: String) throws {
        let work = try Workplace()
        let outcome = try Program.run(arguments, in: work)
        #expect(outcome.status == 64, "\(outcome.error)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1, "\(outcome.error)")
        #expect(outcome.error.hasPrefix("usage  \(command): "), "\(outcome.error)")
        #expect(outcome.error.hasSuffix(". Mend: see \(command) --help.\n"), "\(outcome.error)")
        #expect(try work.listing().isEmpty)
    }

    @Test("a mistyped command is answered with the nearest one, and a negative number with the numbers allowed")
    func nearest() throws {
        let work = try Workplace()
        let command = try Program.run(["trian", "recipe.yaml"], in: work)
        #expect(
            command.error == "usage  overread: the first word is not a command. "
                + "Mend: write train, the nearest, or see overread --help.\n")
        let number = try Program.run(
            ["generate", "--model", "m", "--prompts", "p", "--output", "o", "--temperature", "-1"], in: work)
        #expect(
            number.error == "usage  overread generate: --temperature is -1.0; allowed is 0 to 10. "
                + "Mend: see overread generate --help.\n")
    }

    @Test("every command has help with an example, on standard output", arguments: commands)
    func help(command: String) throws {
        let outcome = try Program.run([command, "--help"], in: try Workplace())
        #expect(outcome.status == 0 && outcome.error.isEmpty)
        #expect(outcome.output.contains("USAGE: overread \(command)"))
        #expect(outcome.output.contains("\n  overread \(command) "), "no example")
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.hasPrefix("USAGE: ") || $0.count <= 80 })
        // An example that the help wraps is one that cannot be copied.
        let example = lines.drop { !$0.hasPrefix("Example") }.dropFirst().prefix { !$0.isEmpty }
        #expect(example.allSatisfy { $0.hasPrefix("  ") }, "\(example)")
    }

    @Test("the program's own help names every command and every exit status; its version is one line")
    func rootHelp() throws {
        let outcome = try Program.run(["--help"], in: try Workplace())
        #expect(outcome.status == 0)
        for command in Self.commands { #expect(outcome.output.contains("  \(command) ")) }
        let words = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("0 done, 2 bad input, 3 the machine, 4 training stopped itself, 64 usage, 70 our fault"))
        let version = try Program.run(["--version"], in: try Workplace())
        #expect(version.output == "overread 0.1.0\n" && version.status == 0)
    }

    @Test("with --json each command writes one JSON object to standard output and nothing else")
    func json() throws {
        let work = try Workplace()
        try work.addModel()
        try work.write("pairs.jsonl", InventedPairs.conversational)
        try work.addRecipe("max_steps: 2")
        let conventions = Program.root.appending(path: "Preferences/conventions/house-style.yaml").path
        let commands: [([String], [String])] = [
            (["import", "pairs.jsonl", "--store", "store.sqlite"], ["store", "pairs", "files"]),
            (
                ["snapshot", "--store", "store.sqlite", "--output", "snapshot"],
                ["snapshot", "sha256", "train", "held_out", "excluded"]
            ),
            (
                ["train", "recipe.yaml", "--set", "dataset=snapshot"],
                ["output_dir", "skipped", "steps", "final_metrics"]
            ),
            (
                [
                    "score", "--model", "tiny.gguf", "--adapter", "runs/adapter", "--pairs", "pairs.jsonl", "--output",
                    "scores.jsonl",
                ], ["output", "pairs", "skipped"]
            ),
            (
                [
                    "generate", "--model", "tiny.gguf", "--prompts", "pairs.jsonl", "--output", "out.jsonl",
                    "--max-new-tokens", "2",
                ], ["output", "prompts", "skipped"]
            ),
            (
                [
                    "compare", "--model", "tiny.gguf", "--adapter", "runs/adapter", "--snapshot", "snapshot",
                    "--conventions", conventions, "--run-dir", "report", "--max-new-tokens", "4",
                ], ["report", "skipped", "verdict", "win_rate", "interval", "wins_ties_losses"]
            ),
            (["doctor", "--model", "tiny.gguf", "--store", "store.sqlite"], ["program", "well", "findings"]),
        ]
        for (arguments, keys) in commands {
            let outcome = try Program.run(arguments + ["--json"], in: work)
            #expect(outcome.status == 0, "\(arguments) \(outcome.error)")
            #expect(outcome.output.utf8.count { $0 == 10 } == 1 && outcome.output.hasSuffix("\n"))
            let object = try #require(try outcome.json().object)
            for key in keys { #expect(object[key] != nil, "\(arguments[0]): \(key)") }
        }
        let again = try Program.run(["train", "recipe.yaml", "--set", "dataset=snapshot", "--json"], in: work)
        #expect(try again.json()["skipped"]?.bool == true)
        #expect(again.error.contains("Skipped: runs/adapter holds the adapter of this recipe, model and data."))
    }

    @Test("a log of a short step holds its end and not its every step")
    func sparseProgress() throws {
        let work = try Workplace()
        try work.addModel()
        try work.addPairs()
        try work.addRecipe("max_steps: 20")
        let outcome = try Program.run(["train", "recipe.yaml"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        let training = outcome.errorLines.filter { $0.hasPrefix("Training: ") }
        #expect(training.last?.hasPrefix("Training: 34/34 pairs") == true, "\(outcome.error)")
        #expect(training.count <= 3, "\(training.count) lines for 20 steps")
        #expect(!outcome.error.contains("\r") && !outcome.error.contains("\u{1B}"))
    }
}
