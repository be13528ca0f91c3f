import Foundation
import Glibc
import Workflow

/// Where a command writes: results to standard output, everything else to standard error.
final class Console {
    /// Whether results are one JSON object.
    let isJSON: Bool
    private var meter: ProgressMeter
    private let isBar: Bool
    private var barIsShown = false
    private let start = ContinuousClock.now

    /// A console for a command; a bar is drawn only on a terminal, and not under `NO_COLOR` or `CI`.
    ///
    /// Elsewhere, as in a log, a long step gets a line every 10 seconds and one at its end.
    init(json: Bool = false) {
        isJSON = json
        let environment = ProcessInfo.processInfo.environment
        isBar =
            isatty(STDERR_FILENO) == 1 && environment["NO_COLOR"] == nil && environment["CI"] == nil
            && environment["TERM"] != "dumb"
        let columns = environment["COLUMNS"].flatMap { Int($0) } ?? 100
        meter = ProgressMeter(style: isBar ? .bar(columns: max(40, columns)) : .lines(everySeconds: 10))
    }

    /// Seconds since the console was made.
    var seconds: Double {
        let elapsed = (ContinuousClock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }

    /// A line for the person, on standard error.
    func say(_ text: String) {
        clearBar()
        Self.error(text)
    }

    /// A result, on standard output.
    func result(_ text: String) {
        clearBar()
        print(text)
    }

    /// Shows progress where it is time to.
    func show(_ progress: StageProgress) {
        guard let line = meter.line(for: progress, atSeconds: seconds) else { return }
        guard isBar else { return Self.error(line) }
        write("\r\u{1B}[2K" + line)
        barIsShown = true
        if progress.done >= progress.total { clearBar(keeping: true) }
    }

    /// What a stage is given to speak with.
    func events(stop: StopRequest? = nil) -> StageEvents {
        StageEvents(
            say: { self.say($0) }, progress: { self.show($0) }, shouldStop: { stop?.wasMade ?? false })
    }

    private func clearBar(keeping: Bool = false) {
        guard barIsShown else { return }
        write(keeping ? "\n" : "\r\u{1B}[2K")
        barIsShown = false
    }

    private func write(_ text: String) { Self.writeToStandardError(text) }

    /// One line on standard error.
    static func error(_ text: String) { writeToStandardError(text + "\n") }

    /// Writes at once; a failure is dropped, since there is nowhere to report it.
    private static func writeToStandardError(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
