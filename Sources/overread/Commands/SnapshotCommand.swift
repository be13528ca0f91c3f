import ArgumentParser
import Workflow

/// `overread snapshot --store PATH --output DIR`.
struct SnapshotCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Freeze a store's pairs into an immutable set, split by patient.",
        discussion: """
            The folder gets train.jsonl, held_out.jsonl and snapshot.json with counts, exclusions and digests. A split \
            that the records name is kept; other patients are divided by a hash of their key, so that they stay on \
            their side when more are imported. Training prompts that are nearly copies of held-out ones are left out.

            Example:
              overread snapshot --store store.sqlite --output snapshot
            """)

    @Option(help: ArgumentHelp("The store to read.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The folder to make.", valueName: "folder"))
    var output: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The share of patients to hold out where no record says, 0 to 0.9.", valueName: "share"))
    var heldOutFraction = 0.2

    @Option(parsing: .unconditional, help: ArgumentHelp("The seed of the division.", valueName: "number"))
    var seed: UInt64 = 17

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws {
        guard heldOutFraction >= 0, heldOutFraction <= 0.9 else {
            throw ValidationError("--held-out-fraction is \(heldOutFraction); allowed is 0 to 0.9")
        }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try SnapshotStage.run(
            store: store, output: output, heldOutFraction: heldOutFraction, seed: seed,
            events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}
