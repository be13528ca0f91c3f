import ArgumentParser
import Workflow

/// `overread queue …`.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Fill and order the queue of the review page.",
        discussion: """
            Example:
              overread queue add --store store.sqlite --prompts p.jsonl \\
                --first a.jsonl --second b.jsonl
              overread queue set --store store.sqlite --order informative
            """,
        subcommands: [
            QueueShowCommand.self, QueueSetCommand.self, QueueAddCommand.self, QueueDraftsCommand.self,
            QueuePairsCommand.self, QueueMarginsCommand.self,
        ])
}

/// `overread queue show --store PATH`.
struct QueueShowCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Say how the queue stands and by which policy it is ordered.",
        discussion: """
            Example:
              overread queue show --store store.sqlite
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try QueueStage.show(store: store, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread queue set --store PATH …`.
struct QueueSetCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change how the queue is ordered and mixed; what is not given stays.",
        discussion: """
            fifo takes pairs as they came, random by chance from a seed, informative those of small implicit-reward \
            margin first, then those whose readers disagree. Every presentation records the policy that chose it.

            Example:
              overread queue set --store store.sqlite \\
                --order informative --gold-rate 0.05
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("fifo, random or informative.", valueName: "word"))
    var order: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The seed of the random order.", valueName: "number"))
    var seed: UInt64?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Readers for each pair added from now on.", valueName: "number"))
    var overlap: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("The share of known answers, 0 to 1.", valueName: "share"))
    var goldRate: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("The share of swapped repeats, 0 to 1.", valueName: "share"))
    var repeatRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The share of even draws in the informative order, 0 to 1.", valueName: "share"))
    var uniformShare: Double?

    @Option(help: ArgumentHelp("Subspecialties: ignored, preferred or required.", valueName: "word"))
    var specialties: String?

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        var changes = QueueStage.Changes()
        (changes.order, changes.seed, changes.overlap, changes.specialties) = (order, seed, overlap, specialties)
        (changes.goldRate, changes.repeatRate, changes.uniformShare) = (goldRate, repeatRate, uniformShare)
        let result = try QueueStage.show(store: store, changes: changes, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread queue add --store PATH --prompts FILE --first FILE --second FILE`.
struct QueueAddCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put two files of outputs on the same prompts into the queue, to be judged.",
        discussion: """
            The outputs are files of overread generate. With --purpose gold the text of the first file is the known \
            answer; calibration is practice that every reader gets first.

            Example:
              overread queue add --store store.sqlite --prompts p.jsonl \\
                --first a.jsonl --second b.jsonl --purpose train
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The prompts that both answer, a JSONL file.", valueName: "file"))
    var prompts: String

    @Option(help: ArgumentHelp("One answer to each.", valueName: "file"))
    var first: String

    @Option(help: ArgumentHelp("The other answer to each.", valueName: "file"))
    var second: String

    @Option(help: ArgumentHelp("train, gold or calibration.", valueName: "word"))
    var purpose = "train"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Readers for each pair; the queue's overlap if left out.", valueName: "number"))
    var readers: Int?

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws { try requireReaders(readers) }

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try QueueStage.add(
            store: store, prompts: prompts, first: first, second: second, purpose: purpose, readers: readers,
            events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread queue drafts --store PATH --prompts FILE --drafts FILE`.
struct QueueDraftsCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "drafts",
        abstract: "Put a file of outputs among the drafts that reviewers correct.",
        discussion: """
            Example:
              overread queue drafts --store store.sqlite \\
                --prompts p.jsonl --drafts a.jsonl
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The prompts that the drafts answer, a JSONL file.", valueName: "file"))
    var prompts: String

    @Option(help: ArgumentHelp("The drafts, as overread generate writes them.", valueName: "file"))
    var drafts: String

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try QueueStage.addDrafts(
            store: store, prompts: prompts, drafts: drafts, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread queue pairs --store PATH --output FILE`.
struct QueuePairsCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "pairs",
        abstract: "Write the pairs that wait for readers, to be scored for their margins.",
        discussion: """
            The file holds report text, and its writing is entered in the audit chain.

            Example:
              overread queue pairs --store store.sqlite --output waiting.jsonl
              overread score --model M.gguf --pairs waiting.jsonl --output base.jsonl
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var output: String

    @Flag(help: "Replace a file that is there and is no earlier result.")
    var force = false

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try QueueStage.pairs(
            store: store, output: output, replace: force, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}

/// `overread queue margins --store PATH --base FILE --aligned FILE`.
struct QueueMarginsCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "margins",
        abstract: "Keep the implicit-reward margins of waiting pairs from two files of scores.",
        discussion: """
            Both files are what overread score writes for the pairs of overread queue pairs: one by the base, one with \
            the adapter.

            Example:
              overread queue margins --store store.sqlite \\
                --base base.jsonl --aligned aligned.jsonl
            """)

    @Option(help: ArgumentHelp("The store.", valueName: "path"))
    var store: String

    @Option(help: ArgumentHelp("The base's scores.", valueName: "file"))
    var base: String

    @Option(help: ArgumentHelp("The aligned model's scores.", valueName: "file"))
    var aligned: String

    @Option(parsing: .unconditional, help: ArgumentHelp("The beta of the training.", valueName: "number"))
    var beta = 0.1

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func validate() throws {
        guard beta > 0, beta.isFinite else { throw ValidationError("--beta is \(beta); allowed is more than 0") }
    }

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try QueueStage.margins(
            store: store, base: base, aligned: aligned, beta: beta, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}
