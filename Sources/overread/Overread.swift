import ArgumentParser
import Diagnostics
import Glibc
import Workflow

/// The program: `overread COMMAND …`.
@main
struct Overread: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overread",
        abstract: "Teach a local language model a radiology department's reporting conventions.",
        discussion: """
            Reviewers' corrections become preference pairs; training fits an adapter to a frozen model on this machine; \
            a report says how often the aligned model's text is the better one. Nothing leaves the machine.

            The usual order:
              overread import pairs.jsonl --store store.sqlite
              overread snapshot --store store.sqlite --output snapshot
              overread train Recipes/impression-dpo.yaml --set dataset=snapshot
              overread compare --model MODEL.gguf --adapter ADAPTER \\
                --snapshot snapshot --conventions STYLE.yaml --run-dir Reports/first

            Exit status: 0 done, 2 bad input, 3 the machine, 4 training stopped itself, 64 usage, 70 our fault, \
            130 stopped by you.
            """,
        version: "overread 0.1.0",
        subcommands: [
            ImportCommand.self, ImportReportsCommand.self, ListenCommand.self, SnapshotCommand.self, ExportCommand.self,
            TrainCommand.self,
            ScoreCommand.self, GenerateCommand.self, CompareCommand.self, CheckCommand.self, BackupCommand.self,
            AuditCommand.self,
            ScreenCommand.self, SuspectsCommand.self, AgreementCommand.self, QueueCommand.self, ReviewerCommand.self,
            ArenaCommand.self, ServeCommand.self, DoctorCommand.self,
        ])

    /// Parses, runs, and ends with the status that the outcome has.
    static func main() {
        ProcessPreparation.chooseKernels()
        // A reader that goes away (`overread … | head`) ends the output, not the work half-way through a file.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let refusal as Refusal {
            Console.error(refusal.description)
            Glibc.exit(refusal.kind.exitCode)
        } catch let status as ExitCode {
            Glibc.exit(status.rawValue)
        } catch {
            finish(with: error)
        }
    }

    /// The usage error of a first word that is no command, with the nearest one that is.
    private static func unknownCommand() -> String? {
        let known = configuration.subcommands.map { $0._commandName } + ["help"]
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !known.contains(word) else {
            return nil
        }
        let nearest = NearestName.suggestion(for: word, among: known).map { "write \($0), the nearest, or " } ?? ""
        return "usage  overread: the first word is not a command. Mend: \(nearest)see overread --help."
    }

    /// Ends after an error of the argument parser: help and versions are answers, the rest is a usage error.
    private static func finish(with error: any Error) -> Never {
        let status = exitCode(for: error)
        if status == .success {
            print(fullMessage(for: error))
            Glibc.exit(0)
        }
        if status == .validationFailure {
            if let refusal = unknownCommand() {
                Console.error(refusal)
                Glibc.exit(64)
            }
            let words = message(for: error).split(separator: "\n").joined(separator: " ")
            let place = CommandLine.arguments.dropFirst().first { name in
                configuration.subcommands.contains { $0._commandName == name }
            }
            let command = ["overread", place].compactMap { $0 }.joined(separator: " ")
            let clause = words.hasSuffix(".") ? String(words.dropLast()) : words
            Console.error("usage  \(command): \(clause). Mend: see \(command) --help.")
            Glibc.exit(64)
        }
        let refusal = Refusal(
            .ourBug, code: "overread.unexpected", at: "overread", "an error that it does not know ended the command",
            mend: "report this with the command that you ran; kind of error: \(type(of: error))")
        Console.error(refusal.description)
        Glibc.exit(refusal.kind.exitCode)
    }
}
