public import Diagnostics

extension PreferenceStore {
    /// Imports a file of preference pairs in any known format; see ``PairFormat``.
    ///
    /// The file is read and checked whole before anything is kept, in one transaction. Records that hold no preference
    /// (ties, records without an answer, pairs that are too long) are left out and counted in
    /// ``ImportReport/leftOut``; records that are wrong refuse the file, or are set aside with
    /// ``ImportOptions/skipBad``. The same file, or the same pairs in another, change nothing.
    ///
    /// - Parameters:
    ///   - path: a regular file of UTF-8 text: JSONL, a JSON array or CSV.
    ///   - reading: the format and the column mapping, where the content does not say.
    ///   - options: what happens to refused records, and whether anything is changed at all.
    ///   - progress: told how many of the file's bytes have been read.
    ///   - onRefusedLine: told of each of the first 20 refused records, before anything is thrown.
    /// - Throws: `format.ambiguous`, `format.unknown` or `format.mapping-needed`, or what
    ///   ``importPairs(from:options:progress:onRefusedLine:)`` throws.
    public func importPairs(
        from path: String, reading: PairReadingOptions, options: ImportOptions = ImportOptions(),
        progress: (_ bytesRead: Int64, _ byteCount: Int64) -> Void = { _, _ in },
        onRefusedLine: (Refusal) -> Void = { _ in }
    ) throws(Refusal) -> ImportReport {
        let (plan, _) = try ImportPlan.reading(path, reading, latest: now(), progress: progress)
        return try carryOut(plan, options: options, onRefusedLine: onRefusedLine)
    }
}
