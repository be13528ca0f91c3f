import ArgumentParser
import Diagnostics
import Workflow

/// What every command of Overread does the same way.
protocol OverreadSubcommand: ParsableCommand {
    /// Whether the result is written as one JSON object.
    var json: Bool { get }

    /// Does the work; refusals are thrown and end the program with their status.
    func execute(_ console: Console, stop: StopRequest) throws
}

extension OverreadSubcommand {
    func run() throws {
        let console = Console(json: json)
        let stop = StopRequest.listening {
            Console.error("Stopping after this step; press Ctrl-C again to end at once.")
        }
        try execute(console, stop: stop)
    }
}

/// Ends a command that a person stopped.
func stopped(_ console: Console, _ words: String) -> ExitCode {
    console.say(words)
    return ExitCode(130)
}

/// The last line of a long command: how long it took and how much memory it held at most.
func closingLine(_ console: Console) -> String {
    let memory = ProcessFacts.peakMemoryBytes.map { ", \(ProcessFacts.sizeText($0)) of memory at most" } ?? ""
    return "Took \(ProgressMeter.duration(console.seconds))\(memory)."
}
