import ArgumentParser
import Workflow

/// `overread arena …`.
struct ArenaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arena",
        abstract: "Have reviewers judge one system against another, blinded.",
        discussion: """
            Example:
              overread arena add --store store.sqlite --prompts held.jsonl \\
                --base base.jsonl --aligned aligned.jsonl
              overread arena verdicts --store store.sqlite --output verdicts.jsonl
            """,
        subcommands: [ArenaAddCommand.self, ArenaVerdictsCommand.self])
}

/// `overread arena add --store PATH --prompts FILE --base FILE --aligned FILE`.
struct ArenaAddCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put two systems' outputs on the same prompts into the arena's queue.",
        discussion: """
            The outputs are files of overread generate for the same prompts. What both wrote alike is a tie that nobody \
            is asked about. The pairs are held out: they go into no snapshot.

            Example:
              overread arena add --store store.sqlite --prompts held.jsonl \\
                --base base.jsonl --aligned aligned.jsonl
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The prompts that both answered, a JSONL file.", valueName: "file"))
    var prompts: String

    @Option(help: ArgumentHelp("What the base wrote.", valueName: "file"))
    var base: String

    @Option(help: ArgumentHelp("What the aligned model wrote.", valueName: "file"))
    var aligned: String

    @Option(help: ArgumentHelp("A name for this comparison.", valueName: "name"))
    var name = "arena"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Readers for each pair; the queue's overlap if left out.", valueName: "number"))
    var readers: Int?

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws { try requireReaders(readers) }

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ArenaStage.add(
            store: store, name: name, prompts: prompts, base: base, aligned: aligned, readers: readers,
            events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread arena verdicts --store PATH --output FILE`.
struct ArenaVerdictsCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verdicts",
        abstract: "Write what reviewers preferred, for overread compare --reviewer-verdicts.",
        discussion: """
            One item a line, with every reading and without any text of a report.

            Example:
              overread arena verdicts --store store.sqlite --output verdicts.jsonl
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("Which comparison, where the store has several.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var output: String

    @Flag(help: "Replace a file that is there and is no earlier result.")
    var force = false

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try ArenaStage.verdicts(
            store: store, name: name, output: output, replace: force, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// Refuses a number of readers that no pair may have.
func requireReaders(_ readers: Int?) throws {
    guard let readers, !(1...100).contains(readers) else { return }
    throw ValidationError("--readers is \(readers); allowed is 1 to 100")
}
