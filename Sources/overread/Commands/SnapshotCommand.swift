import ArgumentParser
import Workflow

/// `overread snapshot make | diff`.
struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Freeze a store's pairs into an immutable set, split by patient; compare two such sets.",
        discussion: """
            Example:
              overread snapshot --store store.sqlite --output snapshot
              overread snapshot diff snapshot-may snapshot-june
            """,
        subcommands: [SnapshotMakeCommand.self, SnapshotDiffCommand.self],
        defaultSubcommand: SnapshotMakeCommand.self)
}

/// `overread snapshot make --store PATH --output DIR`.
struct SnapshotMakeCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Freeze a store's pairs into an immutable set, split by patient.",
        discussion: """
            The folder gets train.jsonl, held_out.jsonl and snapshot.json with counts, exclusions and digests. A split \
            that the records name is kept; other patients are divided by a hash of their key, so that they stay on \
            their side when more are imported. Training prompts that are nearly copies of held-out ones are left out. \
            Options that name what is taken may be given again for more.

            Example:
              overread snapshot --store store.sqlite --output snapshot
              overread snapshot --store store.sqlite --output chest-ct --modality CT --body-part chest \\
                --require-screening --curated-size 500
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

    @Option(help: ArgumentHelp("Take pairs of this modality only.", valueName: "code"))
    var modality: [String] = []

    @Option(help: ArgumentHelp("Take pairs of this body part only.", valueName: "name"))
    var bodyPart: [String] = []

    @Option(
        help: ArgumentHelp("Take pairs of this source only; judged and edited are the store's own.", valueName: "name"))
    var source: [String] = []

    @Option(help: ArgumentHelp("Take pairs of this reviewer only.", valueName: "key"))
    var reviewer: [String] = []

    @Option(
        help: ArgumentHelp(
            "Take pairs with this kind of rejected text only: off_style, content_error, base_output.",
            valueName: "kind"))
    var rejectedKind: [String] = []

    @Option(
        help: ArgumentHelp("Of judged pairs and edits, take those of this version of the guideline.", valueName: "name")
    )
    var guideline: [String] = []

    @Option(
        help: ArgumentHelp(
            "Of judged pairs, take those at least so strong: negligible, slight, better, significant.",
            valueName: "strength"))
    var minStrength: String?

    @Flag(help: "Leave out pairs with a text that was never screened for identifiers.")
    var requireScreening = false

    @Option(
        help: ArgumentHelp(
            "Train on so many pairs at most, chosen by agreement, strength and difference.", valueName: "pairs"))
    var curatedSize: Int?

    @Option(
        help: ArgumentHelp(
            "From which similarity on, above 0 to 1, a training prompt is a copy of a held-out one.",
            valueName: "share"))
    var nearDuplicates = 0.5

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws {
        guard heldOutFraction >= 0, heldOutFraction <= 0.9 else {
            throw ValidationError("--held-out-fraction is \(heldOutFraction); allowed is 0 to 0.9")
        }
        guard nearDuplicates > 0, nearDuplicates <= 1 else {
            throw ValidationError("--near-duplicates is \(nearDuplicates); allowed is above 0, at most 1")
        }
        guard curatedSize ?? 1 > 0 else { throw ValidationError("--curated-size is \(curatedSize ?? 0); at least 1") }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        var filters = SnapshotStage.Filters()
        filters.modalities = modality
        filters.bodyParts = bodyPart
        filters.sources = source
        filters.reviewers = reviewer
        filters.rejectedKinds = rejectedKind
        filters.guidelines = guideline
        filters.minimumStrength = minStrength
        filters.requiresScreening = requireScreening
        filters.curatedSize = curatedSize
        filters.nearDuplicateThreshold = nearDuplicates
        let result = try SnapshotStage.run(
            store: store, output: output, heldOutFraction: heldOutFraction, seed: seed, filters: filters,
            events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread snapshot diff OLDER NEWER`.
struct SnapshotDiffCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say which pairs one snapshot's folder has that another has not, by id.",
        discussion: """
            Example:
              overread snapshot diff snapshot-may snapshot-june
            """)

    @Argument(help: ArgumentHelp("The folder of the older snapshot.", valueName: "older"))
    var older: String

    @Argument(help: ArgumentHelp("The folder of the newer one.", valueName: "newer"))
    var newer: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try SnapshotStage.difference(from: older, to: newer)
        console.result(json ? result.json : result.text)
    }
}
