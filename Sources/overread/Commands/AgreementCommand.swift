import ArgumentParser
import Workflow

/// `overread agreement --store PATH`.
struct AgreementCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "agreement",
        abstract: "Say how far a store's readers agree.",
        discussion: """
            Krippendorff's alpha, Cohen's and Fleiss' kappa and Gwet's AC1, overall and for each criterion and each two \
            readers; self-agreement on swapped repeats; and whether the left answer is chosen too often. Intervals come \
            from resampled examinations.

            Example:
              overread agreement --store store.sqlite
            """)

    @Option(help: ArgumentHelp("The store to read.", valueName: "path"))
    var store: String

    @Option(parsing: .unconditional, help: ArgumentHelp("The seed of the resamples.", valueName: "number"))
    var seed: UInt64 = 17

    @Flag(help: "Write the result as one JSON object.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let result = try AgreementStage.run(store: store, seed: seed, events: console.events(stop: stop))
        console.result(json ? result.json : result.text)
    }
}
