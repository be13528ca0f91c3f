import Diagnostics
import FoundationEssentials

/// Reads and writes small text files with the refusals that a person can act on.
enum TextFile {
    /// The text of a regular UTF-8 file.
    ///
    /// - Parameters:
    ///   - path: the file as the user named it.
    ///   - code: the area that codes of refusals start with.
    ///   - limit: the most bytes that are read.
    static func read(_ path: String, code: String, limit: Int) throws(Refusal) -> String {
        let bytes = try readBytes(path, code: code, limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(
                code: "\(code).not-utf8", at: path, "the file is not UTF-8 text", mend: "save it as UTF-8 without a BOM"
            )
        }
        return text
    }

    /// Refuses a path where no file is.
    static func requireFile(_ path: String, code: String) throws(Refusal) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Refusal(code: "\(code).no-file", at: path, "there is no such file", mend: "check the path")
        }
        guard !isFolder else {
            throw Refusal(
                code: "\(code).folder", at: path, "this is a folder; a file is wanted", mend: "name the file in it")
        }
    }

    /// The bytes of a regular file of at most `limit` bytes.
    static func readBytes(_ path: String, code: String, limit: Int) throws(Refusal) -> [UInt8] {
        try requireFile(path, code: code)
        let manager = FileManager.default
        let attributes = try? manager.attributesOfItem(atPath: path)
        let size = (attributes?[.size] as? Int) ?? 0
        guard size <= limit else {
            throw Refusal(
                code: "\(code).too-large", at: path, "the file has \(size) bytes; at most \(limit) are read",
                mend: "check that this is the file you mean")
        }
        guard let data = manager.contents(atPath: path) else {
            throw Refusal(
                .environment, code: "\(code).unreadable", at: path, "the file cannot be read",
                mend: "check its permissions and the disk")
        }
        return [UInt8](data)
    }

    /// Whether something is at a path.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes a folder and those above it; nothing happens when it is there.
    static func makeFolder(_ path: String) throws(Refusal) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Refusal(
                .environment, code: "file.write", at: path, "the folder could not be made",
                mend: "check the permissions of the folder above it")
        }
    }

    /// Refuses a path where no file can be made, so that it is known before the work and not after it.
    static func requirePlace(for path: String) throws(Refusal) {
        guard !path.isEmpty else {
            throw Refusal(code: "output.no-name", at: "the output", "its path is empty", mend: "name a file")
        }
        guard !path.lastPathPart.isEmpty else {
            throw Refusal(
                code: "output.folder", at: path, "the path ends in a slash; a file is to be made", mend: "name a file")
        }
        let manager = FileManager.default
        func above(_ path: String) -> String { path.parentFolder.isEmpty ? "." : path.parentFolder }
        var folder = above(path)
        while !manager.fileExists(atPath: folder), folder != "/" { folder = above(folder) }
        var isFolder = false
        guard manager.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else {
            throw Refusal(
                code: "output.no-folder", at: path, "\(folder) is a file; a folder is wanted there",
                mend: "name a path in a folder")
        }
        guard manager.isWritableFile(atPath: folder) else {
            throw Refusal(
                .environment, code: "output.not-writable", at: path, "the folder \(folder) may not be written",
                mend: "name a path in a folder of yours, or change its permissions")
        }
    }

    /// Removes a folder if nothing is in it.
    static func removeEmptyFolder(_ path: String) {
        let manager = FileManager.default
        guard let names = try? manager.contentsOfDirectory(atPath: path), names.isEmpty else { return }
        try? manager.removeItem(atPath: path)
    }

    /// Writes a file whole: beside its place first, then renamed over it.
    static func write(_ text: String, to path: String) throws(Refusal) {
        let folder = path.parentFolder
        do {
            if !folder.isEmpty {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Refusal(
                .environment, code: "file.write", at: path, "the file could not be written",
                mend: "check that the folder exists, is yours and has room")
        }
    }
}

extension String {
    /// The path without its last part; empty where there is only one part.
    var parentFolder: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == startIndex ? "/" : String(self[..<slash])
    }

    /// The path without slashes at its end, but for the root's.
    var withoutTrailingSlash: String {
        var path = self
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    /// The last part of the path.
    var lastPathPart: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return String(self[index(after: slash)...])
    }

    /// This path with one more part.
    func appendingPath(_ part: String) -> String { isEmpty ? part : hasSuffix("/") ? self + part : self + "/" + part }
}
