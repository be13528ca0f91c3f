internal import GRDB

/// What a store knows of a file that is to be imported.
///
/// A batch is known by its file's SHA-256 and by how the file was read, which stands after the importer's version. The
/// same bytes read with another column mapping, or as another format, are other content: their batch has a digest of
/// both.
struct EarlierBatches {
    /// The batch of the same file read the same way.
    private(set) var same: (batch: Int64, at: String)?
    /// What is to be said of the same file read another way.
    private(set) var note: String?
    /// The digest that the new batch is known by.
    private(set) var digest: String
    /// What the new batch has as its importer's version.
    let importerVersion: String

    init(_ database: Database, of plan: ImportPlan) throws {
        let plain = PreferenceStore.importerVersion
        importerVersion = plan.reading.isEmpty ? plain : "\(plain) \(plan.reading)"
        var combined = ContentDigest("overread file read in a way v1")
        combined.add(plan.fileDigest)
        combined.add(plan.reading)
        let readDigest = combined.finishedHex()
        digest = plan.fileDigest
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT batch_id, imported_at, importer_version FROM import_batch WHERE file_sha256 IN (?, ?)
                ORDER BY batch_id
                """, arguments: [plan.fileDigest, readDigest])
        for row in rows {
            let version: String = row["importer_version"]
            let at: String = row["imported_at"]
            let batch: Int64 = row["batch_id"]
            // Batches before readings were recorded have the plain version; without a mapping the content said it all.
            if version == importerVersion || (version == plain && !plan.isMapped) {
                same = (batch, at)
                return
            }
            note =
                "this file was imported on \(at) as batch \(batch), read in another way; "
                + "this reading is content of its own"
            digest = readDigest
        }
    }
}
