internal import Diagnostics
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The advisory lock on `<store>.lock` that makes one process the store's only one.
///
/// The lock is on a side file because closing any descriptor of the database itself drops SQLite's own POSIX locks for
/// the whole process (SQLite, "How To Corrupt An SQLite Database File", section 2.2). The system drops the lock when
/// the process ends, however it ends.
final class StoreLock: Sendable {
    private let handle: FileHandle
    private let path: String
    private let isNew: Bool

    /// Takes the lock, waiting up to `patienceSeconds`.
    init(forStore path: String, patienceSeconds: Double) throws(Refusal) {
        let lockPath = path + ".lock"
        self.path = lockPath
        isNew = !FileManager.default.fileExists(atPath: lockPath)
        if isNew { try FileSafety.createPrivate(lockPath) }
        _ = try FileSafety.regularFile(lockPath)
        guard let handle = FileHandle(forUpdatingAtPath: lockPath) else {
            throw Refusal(
                .environment, code: "store.not-writable", at: lockPath, "the lock file may not be written",
                mend: "give this account the right to write the store's folder")
        }
        let deadline = Date().addingTimeInterval(patienceSeconds)
        while flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) != 0 {
            guard Date() < deadline else {
                let holder = (try? handle.readToEnd()).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? ""
                try? handle.close()
                throw Refusal(
                    .environment, code: "store.locked", at: path,
                    "the store is in use by \(Self.checkedHolder(holder)); one process at a time",
                    mend: "let it finish or stop it")
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        self.handle = handle
        let note = "process \(ProcessInfo.processInfo.processIdentifier) since \(UTCTime.current())"
        try? handle.truncate(atOffset: 0)
        try? handle.write(contentsOf: Data(note.utf8))
    }

    deinit { try? handle.close() }

    /// Takes the lock's file away again, where this object made it and the path turned out to hold no store.
    func undo() {
        if isNew { try? FileManager.default.removeItem(atPath: path) }
    }

    /// The holder's note when it reads like one of ours.
    private static func checkedHolder(_ note: String) -> String {
        let words = note.split(separator: " ")
        guard words.count == 4, words[0] == "process", Int(words[1]) != nil, UTCTime(String(words[3])) != nil else {
            return "another process"
        }
        return note
    }
}
