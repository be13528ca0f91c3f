/// How far a run is.
public struct TrainingProgress: Sendable, Equatable {
    /// Optimiser steps done.
    public var step: Int
    /// Optimiser steps of the run.
    public var totalSteps: Int
    /// Pairs seen, each pass over the data counted.
    public var pairs: Int
    /// Pairs that the run will have seen.
    public var totalPairs: Int
}

/// How a run ended.
public struct TrainingSummary: Sendable, Equatable {
    /// Optimiser steps done, those before a resume included.
    public var steps: Int
    /// Optimiser steps of the whole run.
    public var totalSteps: Int
    /// Whether somebody asked it to stop before the end.
    public var wasStopped: Bool
    /// The step of the checkpoint that it went on from, 0 when it began anew.
    public var resumedFrom: Int
    /// Every line of metrics, in order.
    public var log: [TrainingMetrics]
}
