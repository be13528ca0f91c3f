/// How a stage speaks to whoever runs it: notes, progress, and the question whether to stop.
public struct StageEvents {
    /// Told one sentence, such as that a stage was skipped; never any text of a report.
    public var say: (String) -> Void
    /// Told how far a long step is.
    public var progress: (StageProgress) -> Void
    /// Asked between steps; true asks the stage to end in good order.
    public var shouldStop: () -> Bool

    /// Events that go nowhere unless given.
    public init(
        say: @escaping (String) -> Void = { _ in }, progress: @escaping (StageProgress) -> Void = { _ in },
        shouldStop: @escaping () -> Bool = { false }
    ) {
        self.say = say
        self.progress = progress
        self.shouldStop = shouldStop
    }
}

/// How far one long step is.
public struct StageProgress: Sendable, Equatable {
    /// What is being done, such as `Training`.
    public var label: String
    /// Units done.
    public var done: Int
    /// Units in all.
    public var total: Int
    /// The unit in the plural, such as `pairs`.
    public var unit: String
    /// A few words more, such as the loss; may be empty.
    public var detail: String

    /// A progress report.
    public init(_ label: String, done: Int, total: Int, unit: String, detail: String = "") {
        self.label = label
        self.done = done
        self.total = total
        self.unit = unit
        self.detail = detail
    }
}
