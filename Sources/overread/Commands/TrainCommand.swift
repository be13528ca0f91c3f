import ArgumentParser
import Workflow

/// `overread train RECIPE`.
struct TrainCommand: OverreadSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train an adapter on preference pairs, as a recipe says.",
        discussion: """
            The recipe is a YAML file with TRL's and PEFT's keys; Recipes/README.md lists them all. The output folder \
            becomes an adapter in PEFT's format with metrics.jsonl, run.json and checkpoints beside it. Ctrl-C saves \
            after the step; the same command then goes on from there.

            Examples:
              overread train Recipes/impression-dpo.yaml
              overread train Recipes/impression-dpo.yaml --set beta=0.2 --set max_steps=20
            """)

    @Argument(help: ArgumentHelp("The recipe, a YAML file.", valueName: "recipe"))
    var recipe: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Change one key for this run; may be given again.", valueName: "key=value"))
    var overrides: [String] = []

    @Flag(help: "Say at the end where the time of the steps went, and write profile.json into the output folder.")
    var profile = false

    @Flag(help: "Write what was done as one JSON object on standard output.")
    var json = false

    func execute(_ console: Console, stop: StopRequest) throws {
        let recipe = try Recipe(path: recipe, overrides: overrides)
        guard let result = try TrainStage.run(recipe, profiled: profile, events: console.events(stop: stop)) else {
            throw stopped(console, "Stopped.")
        }
        console.result(json ? result.json : result.text)
        console.say(closingLine(console))
    }
}
