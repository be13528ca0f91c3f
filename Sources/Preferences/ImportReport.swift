public import Diagnostics

/// How a file of preferences is imported.
public struct ImportOptions: Sendable {
    /// Take the good lines and set the refused ones aside, instead of refusing the whole file.
    public var skipBad: Bool
    /// Check everything and change nothing.
    public var dryRun: Bool
    /// Where refused lines go with `skipBad`, byte for byte; nil for the imported file's name with `.refused` after it.
    ///
    /// Their reasons go beside them, with `.reasons` after that name. Neither may exist yet.
    public var refusedLinesPath: String?
    /// Looks for identifiers in a text; nil to import without looking.
    ///
    /// The results are kept with the pairs, in the same transaction; a suspect text keeps its pair out of snapshots.
    public var screen: (@Sendable (PromptText) -> Screening)?
    /// Whether a file with a suspect text is refused whole, rather than taken with its pair held back.
    public var refusesSuspects: Bool
    /// Whether the store has a screening of every text already, as it has of a feed's.
    var isScreenedAlready = false

    /// Makes options: all or nothing unless told otherwise.
    public init(
        skipBad: Bool = false, dryRun: Bool = false, refusedLinesPath: String? = nil,
        screen: (@Sendable (PromptText) -> Screening)? = nil, refusesSuspects: Bool = false
    ) {
        self.screen = screen
        self.refusesSuspects = refusesSuspects
        self.skipBad = skipBad
        self.dryRun = dryRun
        self.refusedLinesPath = refusedLinesPath
    }
}

/// What became of each line of an imported file.
public struct ImportReport: Sendable, Equatable {
    /// One line that was refused.
    public struct RefusedLine: Sendable, Equatable {
        /// The line's number, from 1.
        public let line: Int
        /// Where and why.
        public let refusal: Refusal
    }

    /// How many refused lines are listed; the rest are counted.
    public static let listedLines = 20

    /// The batch that the file became, or the earlier batch of the same file; nil for a dry run.
    public internal(set) var batch: Int64?
    /// When the same file was imported before, as RFC 3339 text; nil for a new file.
    public internal(set) var alreadyImported: String?
    /// Lines with a record.
    public internal(set) var recordCount = 0
    /// Pairs that the store did not have.
    public internal(set) var takenCount = 0
    /// Pairs that the store has already, field by field the same.
    public internal(set) var skippedCount = 0
    /// Lines that were refused.
    public internal(set) var refusedCount = 0
    /// Everything that gave no pair, refused or not, counted by reason.
    public internal(set) var leftOut: [LeftOut] = []
    /// The first refused lines, at most ``listedLines``.
    public internal(set) var refusedLines: [RefusedLine] = []
    /// Where the refused lines lie, byte for byte, with the path of their reasons; nil when none were set aside.
    public internal(set) var refusedLinesPath: String?
    /// What a search for identifiers found in the pairs that were taken; nil when none was asked for.
    public internal(set) var screening: ImportScreening?
    /// What is worth knowing and stopped nothing.
    public internal(set) var notes: [String] = []
}
