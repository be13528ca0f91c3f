import Diagnostics
import Foundation

/// A text file that grows by a line at a time; its first line takes the place of whatever was there before.
///
/// Each line is written when it comes, so that a run can be followed and the cost of a line does not grow with the file.
final class GrowingFile {
    let path: String
    private var handle: FileHandle?

    /// A file that is not touched before the first line.
    init(path: String) { self.path = path }

    deinit { try? handle?.close() }

    /// Adds a line, without its line feed.
    func append(_ line: String) throws(Refusal) {
        guard let handle else {
            try TextFile.write(line + "\n", to: path)
            handle = FileHandle(forWritingAtPath: path)
            guard let handle, (try? handle.seekToEnd()) != nil else { throw notWritten }
            return
        }
        do { try handle.write(contentsOf: Data((line + "\n").utf8)) } catch { throw notWritten }
    }

    private var notWritten: Refusal {
        Refusal(
            .environment, code: "file.write", at: path, "a line could not be added to the file",
            mend: "check that the disk has room; the checkpoints so far are whole")
    }
}
