public import Diagnostics
import Foundation
import Preferences

extension ReportImportStage {
    /// Takes files from a folder as they come, until the events say stop.
    ///
    /// A file is taken once its size has rested for two looks. Then it is moved to `taken`, or to `refused` with the
    /// reason beside it as `NAME.reason`; names that begin with a dot or end in `.part` or `.tmp` are left alone. Between
    /// files the store is closed, so that other commands can use it.
    ///
    /// - Parameters:
    ///   - folder: the folder; `taken` and `refused` are made in it.
    ///   - onResult: told what each file gave.
    /// - Throws: what has nothing to do with a single file, such as a store that is damaged.
    public static func watch(
        _ folder: String, store: String, feed: String, options: Options, events: StageEvents,
        onResult: (StageResult) -> Void
    ) throws(Refusal) {
        // What is wrong with the settings or the store is no fault of the files that would be refused for it.
        _ = try FeedFile.load(feed)
        if TextFile.exists(store) { _ = try PreferenceStore(at: store) }
        let inbox = try WatchedFolder(folder)
        var previous: [String: Int] = [:]
        while !events.shouldStop() {
            let sizes = try inbox.sizes()
            let ready = sizes.filter { previous[$0.key] == $0.value }.keys.sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
            previous = sizes
            for name in ready where !events.shouldStop() {
                do throws(Refusal) {
                    onResult(
                        try run(
                            files: [inbox.path(name)], store: store, feed: feed, options: options, events: events))
                    try inbox.move(name, to: WatchedFolder.taken)
                } catch {
                    // A store in use is waited for; what is wrong with the machine ends the watch.
                    if error.code == "store.locked" { break }
                    guard error.kind == .badInput else { throw error }
                    events.say(error.description)
                    try inbox.refuse(name, error)
                }
            }
            for _ in 0..<10 where !events.shouldStop() { Thread.sleep(forTimeInterval: 0.1) }
        }
    }
}

/// A folder that files are put into by another program.
struct WatchedFolder {
    static let taken = "taken"
    static let refused = "refused"
    private let folder: String

    /// A folder that is there; the two folders in it are made.
    init(_ folder: String) throws(Refusal) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else {
            throw Refusal(
                code: "watch.no-folder", at: folder, "there is no such folder", mend: "make it, or check the path")
        }
        self.folder = folder
        for name in [Self.taken, Self.refused] { try TextFile.makeFolder(folder.appendingPath(name)) }
    }

    func path(_ name: String) -> String { folder.appendingPath(name) }

    /// The regular files that are there, with their sizes.
    func sizes() throws(Refusal) -> [String: Int] {
        let manager = FileManager.default
        guard let names = try? manager.contentsOfDirectory(atPath: folder) else {
            throw Refusal(
                .environment, code: "watch.unreadable", at: folder, "the folder cannot be read",
                mend: "check that it is there, and its permissions")
        }
        var sizes: [String: Int] = [:]
        for name in names where !name.hasPrefix(".") && !name.hasSuffix(".part") && !name.hasSuffix(".tmp") {
            guard let attributes = try? manager.attributesOfItem(atPath: path(name)),
                attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int
            else { continue }
            sizes[name] = size
        }
        return sizes
    }

    /// Moves a file away; a name that is taken there gets a number.
    func move(_ name: String, to place: String) throws(Refusal) { _ = try moved(name, to: place) }

    /// Moves a file to the refused ones and writes the reason beside it.
    func refuse(_ name: String, _ refusal: Refusal) throws(Refusal) {
        let target = try moved(name, to: Self.refused)
        try TextFile.write(refusal.description + "\n", to: target + ".reason")
    }

    private func moved(_ name: String, to place: String) throws(Refusal) -> String {
        let base = folder.appendingPath(place).appendingPath(name)
        var target = base
        var number = 1
        while TextFile.exists(target) {
            number += 1
            target = base + ".\(number)"
        }
        do {
            try FileManager.default.moveItem(atPath: path(name), toPath: target)
        } catch {
            throw Refusal(
                .environment, code: "watch.not-moved", at: path(name), "the file could not be moved to \(place)",
                mend: "check the folder's permissions")
        }
        return target
    }
}
