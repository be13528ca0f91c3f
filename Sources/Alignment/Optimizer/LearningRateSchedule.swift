internal import Foundation

/// How the learning rate moves over a run: transformers' schedules under their names.
public enum LearningRateScheduleKind: String, Sendable, CaseIterable {
    /// Down to 0 in a straight line.
    case linear
    /// Down to 0 along half a cosine.
    case cosine
    /// Flat; warm-up is ignored.
    case constant
    /// Flat after the warm-up.
    case constantWithWarmup = "constant_with_warmup"
}

/// The learning rate of each step: linear warm-up, then the schedule.
public struct LearningRateSchedule: Sendable, Equatable {
    /// The shape after the warm-up.
    public var kind: LearningRateScheduleKind
    /// The largest rate.
    public var peak: Double
    /// Steps of warm-up.
    public var warmupSteps: Int
    /// Steps of the run.
    public var totalSteps: Int

    /// A schedule over `totalSteps` steps.
    public init(kind: LearningRateScheduleKind, peak: Double, warmupSteps: Int, totalSteps: Int) {
        self.kind = kind
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    /// The warm-up steps that a ratio of the run makes, rounded up as transformers does.
    public static func warmupSteps(ratio: Double, totalSteps: Int) -> Int {
        Int((ratio * Double(totalSteps)).rounded(.up))
    }

    /// The rate used by a step, counted from 0.
    public func rate(step: Int) -> Double {
        if kind == .constant { return peak }
        if step < warmupSteps { return peak * Double(step) / Double(max(1, warmupSteps)) }
        switch kind {
        case .constant, .constantWithWarmup: return peak
        case .linear:
            return peak * max(0, Double(totalSteps - step) / Double(max(1, totalSteps - warmupSteps)))
        case .cosine:
            let progress = Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
            return peak * max(0, 0.5 * (1 + cos(Double.pi * progress)))
        }
    }
}
