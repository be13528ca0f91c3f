public import Diagnostics

extension PairFormat {
    /// The format that a file is read in: the one that the options ask for, or the one that its content shows.
    ///
    /// JSONL that shows none is `trl`, so that every line is answered with its own fault.
    ///
    /// - Parameters:
    ///   - path: a regular file.
    ///   - options: the format and the column mapping, where the content does not say.
    /// - Returns: the format, and whether the file is one object a line.
    /// - Throws: `format.ambiguous`, `format.unknown`, or what makes the whole file unreadable.
    public static func found(
        in path: String, options: PairReadingOptions = PairReadingOptions()
    ) throws(Refusal) -> (format: PairFormat, isLines: Bool) {
        let file = try ForeignFile(path: path, options: options)
        let isLines = file.container == .jsonLines
        do throws(Refusal) {
            return (try FormatDetection.format(of: file, options), isLines)
        } catch {
            guard isLines, options.format == nil, options.mapping == nil, error.code != "format.ambiguous" else {
                throw error
            }
            return (.trl, true)
        }
    }
}

extension PreferenceStore {
    /// Reads and checks a file in any known format as an import into a new store would, and makes no store.
    ///
    /// - Parameters:
    ///   - path: as for ``importPairs(from:reading:options:progress:onRefusedLine:)``.
    ///   - reading: the format and the column mapping, where the content does not say.
    ///   - options: whether refused records are suffered.
    ///   - progress: told how many of the file's bytes have been read.
    ///   - onRefusedLine: told of each of the first 20 refused records.
    /// - Returns: what an import would report, without a batch.
    /// - Throws: what an import would throw.
    public static func checkPairs(
        from path: String, reading: PairReadingOptions, options: ImportOptions = ImportOptions(),
        progress: (_ bytesRead: Int64, _ byteCount: Int64) -> Void = { _, _ in },
        onRefusedLine: (Refusal) -> Void = { _ in }
    ) throws(Refusal) -> ImportReport {
        let (plan, _) = try ImportPlan.reading(path, reading, latest: UTCTime.current(), progress: progress)
        var options = options
        options.dryRun = true
        return try accepted(plan, at: path, options: options, onRefusedLine)
    }
}
