internal import Diagnostics
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Files that are read whole and unchanged, and files that are written whole or not at all.
enum FileSafety {
    /// What tells one state of a file from another.
    struct Identity: Equatable {
        let inode: UInt64
        let bytes: Int64
        let modified: Date?
    }

    /// The identity of a regular file; links, folders, pipes and devices are refused.
    static func regularFile(_ path: String) throws(Refusal) -> Identity {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            throw Refusal(
                code: "file.missing", at: path, "there is no such file, or it may not be looked at",
                mend: "check the name and the permissions")
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw Refusal(
                code: "file.not-regular", at: path,
                "not a regular file; links, folders, pipes and devices are not read",
                mend: "give the file itself")
        }
        return Identity(
            inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0,
            bytes: (attributes[.size] as? NSNumber)?.int64Value ?? 0, modified: attributes[.modificationDate] as? Date)
    }

    /// Opens a regular file for reading.
    static func open(_ path: String) throws(Refusal) -> FileHandle {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Refusal(
                .environment, code: "file.unreadable", at: path, "it may not be read", mend: "allow reading it")
        }
        return handle
    }

    /// At most `count` bytes from where the handle stands; empty at the end.
    static func read(_ handle: FileHandle, _ count: Int, path: String) throws(Refusal) -> [UInt8] {
        // Foundation's own call reads 4 KiB at a time and copies them twice.
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            let got = readOnce(handle.fileDescriptor, into: &bytes)
            if got >= 0 {
                bytes.removeLast(count - got)
                return bytes
            }
            guard errno == EINTR else {
                throw Refusal(
                    .environment, code: "file.read-failed", at: path, "reading stopped with an error",
                    mend: "check the disk")
            }
        }
    }

    /// All bytes of a regular file of at most `limit` bytes.
    static func contents(_ path: String, limit: Int) throws(Refusal) -> [UInt8] {
        let identity = try regularFile(path)
        guard identity.bytes <= Int64(limit) else {
            throw Refusal(
                code: "file.too-large", at: path, "\(identity.bytes) bytes; at most \(limit) are read", mend: "split it"
            )
        }
        let handle = try open(path)
        defer { try? handle.close() }
        var bytes: [UInt8] = []
        while true {
            let piece = try read(handle, 1 << 20, path: path)
            if piece.isEmpty { return bytes }
            bytes.append(contentsOf: piece)
        }
    }

    /// Makes an empty file with mode 0600.
    static func createPrivate(_ path: String) throws(Refusal) {
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw Refusal(
                .environment, code: "file.not-created", at: path, "it cannot be created",
                mend: "check that the folder exists and may be written")
        }
    }

    /// Writes a file beside its place, makes it durable and renames it there: the place holds all of it or nothing.
    ///
    /// Mode 0600. `write` is given the open handle.
    static func writeDurably(_ path: String, write: (FileHandle) throws -> Void) throws(Refusal) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Refusal(
                code: "file.exists", at: path, "it exists already; nothing is written over", mend: "give another name")
        }
        let temporary = path + ".partial"
        try createPrivate(temporary)
        do {
            guard let handle = FileHandle(forWritingAtPath: temporary) else { throw CocoaError(.fileWriteNoPermission) }
            defer { try? handle.close() }
            try handle.truncate(atOffset: 0)
            try write(handle)
            try handle.synchronize()
            try FileManager.default.moveItem(atPath: temporary, toPath: path)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            if let refusal = error as? Refusal { throw refusal }
            throw Refusal(
                .environment, code: "file.not-written", at: path, "writing it failed; nothing is left half-written",
                mend: "check the disk's space and the permissions")
        }
        synchronizeFolder(of: path)
    }

    /// Makes a finished file durable and renames it to its place.
    static func moveDurably(_ source: String, to path: String) throws(Refusal) {
        do {
            guard let handle = FileHandle(forUpdatingAtPath: source) else { throw CocoaError(.fileWriteNoPermission) }
            defer { try? handle.close() }
            try handle.synchronize()
            try FileManager.default.moveItem(atPath: source, toPath: path)
        } catch {
            throw Refusal(
                .environment, code: "file.not-written", at: path, "putting the file in its place failed",
                mend: "check the disk's space and the permissions")
        }
        synchronizeFolder(of: path)
    }

    /// Makes a rename in a file's folder durable, where the system allows opening folders.
    static func synchronizeFolder(of path: String) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let handle = FileHandle(forReadingAtPath: folder)
        try? handle?.synchronize()
        try? handle?.close()
    }
}

/// The system's own call, outside the type that has one of the same name.
private func readOnce(_ descriptor: Int32, into bytes: inout [UInt8]) -> Int {
    read(descriptor, &bytes, bytes.count)
}
