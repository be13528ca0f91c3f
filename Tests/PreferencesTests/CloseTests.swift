import Foundation
import Testing

@testable import Preferences

@Suite("Closing a store")
struct CloseTests {
    @Test("leaves one whole file and no write-ahead log, also when it was read from several threads")
    func closed() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/overread-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.sqlite"
        let store = try PreferenceStore(at: path)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try store.pairCount() } }
            for try await count in group { #expect(count == 0) }
        }
        let other = store.acting(as: "other")
        try store.close()
        // What still holds it is told so, and is not a crash.
        #expect(throws: (any Error).self) { try other.pairCount() }
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        let again = try #require(try? FileHandle(forReadingFrom: URL(filePath: path)).read(upToCount: 15))
        #expect(String(decoding: again, as: UTF8.self) == "SQLite format 3")
    }
}
