public import Diagnostics

extension PreferenceStore {
    /// Writes one of the store's snapshots to a file in another shape, and records that it left the store.
    ///
    /// - Parameters:
    ///   - export: the shape, the sides and the fields.
    ///   - snapshot: a snapshot of this store.
    ///   - path: the file to make; nothing is there yet.
    /// - Throws: `snapshot.unknown` for one that is not this store's, or as
    ///   ``PreferenceSnapshot/write(_:to:)`` does.
    public func write(
        _ export: SnapshotExport, of snapshot: PreferenceSnapshot, to path: String
    ) throws(Refusal) {
        let kept = try self.snapshot(digest: snapshot.digest)
        let bytes = try kept.exported(export)
        try kept.write(export, to: path)
        let event = auditEvent("export", "snapshot", kept.digest, after: ContentDigest.sha256(bytes))
        try writing { try AuditChain.append(event, $0) }
    }
}
