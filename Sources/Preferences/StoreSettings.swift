internal import Diagnostics
internal import Foundation
internal import GRDB

/// How the database is run: each setting is made where it sticks, and read back.
///
/// GRDB's pool gives its readers a busy timeout of its own (10 seconds); ours is set on each connection as it opens.
enum StoreSettings {
    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.label = "preference store"
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA recursive_triggers = ON;
                    """)
            // Sticks only where the file is new. Reports of a page's size or less waste less of a larger page.
            for pragma in [
                "page_size = 8192", "busy_timeout = 5000", "mmap_size = 0", "secure_delete = ON",
                "wal_autocheckpoint = 0",
            ] {
                _ = try Row.fetchOne(database, sql: "PRAGMA \(pragma)")
            }
        }
        return configuration
    }

    /// Makes the writer durable, and the only connection that checkpoints.
    ///
    /// GRDB's pool sets `synchronous = NORMAL` after the connection was prepared, and SQLite refuses the change inside a
    /// transaction, so it is made here.
    static func apply(to pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            _ = try Row.fetchOne(database, sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
            // Up to 256 MiB, as needed: an import touches pages of every index in no order.
            _ = try Row.fetchOne(database, sql: "PRAGMA cache_size = -262144")
        }
    }

    /// How many pages the write-ahead log holds before a commit also checkpoints: 32 MiB.
    ///
    /// So few commits are kept waiting by it that a reader of cases does not notice.
    static let checkpointPages = 4000

    /// What the writer and a reader must answer.
    static let expected: [(pragma: String, writer: String, reader: String)] = [
        ("journal_mode", "wal", "wal"), ("synchronous", "2", ""), ("foreign_keys", "1", "1"),
        ("trusted_schema", "0", "0"), ("cell_size_check", "1", "1"), ("recursive_triggers", "1", "1"),
        ("mmap_size", "0", "0"), ("secure_delete", "1", "1"), ("busy_timeout", "5000", "5000"),
        ("wal_autocheckpoint", String(checkpointPages), "0"),
    ]

    /// The value of every setting on one connection.
    static func read(_ database: Database) throws -> [String: String] {
        var values: [String: String] = [:]
        for (pragma, _, _) in expected {
            let value = try Row.fetchOne(database, sql: "PRAGMA \(pragma)")?.databaseValues.first
            values[pragma] = value.map { $0.isNull ? "" : String.fromDatabaseValue($0) ?? "\($0)" } ?? ""
        }
        return values
    }

    static func verify(_ pool: DatabasePool, path: String) throws(Refusal) {
        let (writer, reader) = try PreferenceStore.translating(path) {
            (try pool.writeWithoutTransaction(read), try pool.read(read))
        }
        for (pragma, wanted, wantedOfReader) in expected {
            let wrong =
                writer[pragma] != wanted
                ? writer[pragma] : !wantedOfReader.isEmpty && reader[pragma] != wantedOfReader ? reader[pragma] : nil
            guard let wrong else { continue }
            throw Refusal(
                .environment, code: "store.settings", at: path,
                "SQLite's \(pragma) reads back as \"\(wrong)\"; it must be \(wanted) for the store to be safe",
                mend: "use a local disk and an ordinary SQLite library")
        }
    }
}

extension PreferenceStore {
    /// File systems over a network, where SQLite's write-ahead log is not safe.
    static let networkFileSystems: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "gpfs", "fuse.sshfs", "fuse.glusterfs",
    ]

    /// Refuses a store on a network file system, where Linux tells what is mounted.
    static func refuseNetworkFileSystem(_ path: String) throws(Refusal) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath().path
        guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8),
            let type = fileSystemType(ofFolder: folder, mounts: mounts), networkFileSystems.contains(type)
        else { return }
        throw Refusal(
            .environment, code: "store.network-file-system", at: path,
            "the folder is on a network file system (\(type)); the store needs a local disk", mend: "move it")
    }

    /// The type of the file system that holds a folder, by the longest mount point that is a beginning of its path.
    static func fileSystemType(ofFolder folder: String, mounts: String) -> String? {
        var best: (length: Int, type: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 3 else { continue }
            let point = fields[1] == "/" ? "" : String(fields[1])
            guard folder == point || folder.hasPrefix(point + "/"), point.utf8.count >= best?.length ?? 0 else {
                continue
            }
            best = (point.utf8.count, String(fields[2]))
        }
        return best?.type
    }
}
