#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The standard normal distribution.
public enum NormalDistribution {
    /// `P(Z > z)`.
    public static func upperTail(_ z: Double) -> Double { 0.5 * erfc(z / 2.0.squareRoot()) }

    /// The `z` with `P(Z ≤ z) = probability`, which must lie between 0 and 1, both excluded.
    public static func quantile(_ probability: Double) -> Double {
        precondition(probability > 0 && probability < 1, "a probability between 0 and 1, found \(probability)")
        if probability > 0.5 { return -quantile(1 - probability) }
        return -root(between: 0, and: 40) { upperTail($0) - probability }
    }
}

/// Student's t distribution.
public enum StudentDistribution {
    /// `P(T > t)` with so many degrees of freedom (positive).
    public static func upperTail(_ t: Double, degreesOfFreedom: Double) -> Double {
        let denominator = degreesOfFreedom + t * t
        let half =
            0.5
            * BetaFunction.regularized(
                degreesOfFreedom / denominator, complement: t * t / denominator, degreesOfFreedom / 2, 0.5)
        return t >= 0 ? half : 1 - half
    }

    /// The `t` with `P(T ≤ t) = probability`, which must lie between 0 and 1, both excluded.
    public static func quantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
        precondition(probability > 0 && probability < 1, "a probability between 0 and 1, found \(probability)")
        precondition(degreesOfFreedom > 0, "degrees of freedom must be positive, found \(degreesOfFreedom)")
        if probability > 0.5 { return -quantile(1 - probability, degreesOfFreedom: degreesOfFreedom) }
        var upper = 2.0
        while upperTail(upper, degreesOfFreedom: degreesOfFreedom) > probability { upper *= 2 }
        return -root(between: 0, and: upper) { upperTail($0, degreesOfFreedom: degreesOfFreedom) - probability }
    }
}

/// The binomial distribution of `successes` in so many trials.
public enum BinomialDistribution {
    /// `P(X ≤ successes)`.
    public static func cumulative(_ successes: Int, trials: Int, probability: Double) -> Double {
        if successes < 0 { return 0 }
        if successes >= trials { return 1 }
        return BetaFunction.regularized(
            1 - probability, complement: probability, Double(trials - successes), Double(successes + 1))
    }

    /// `P(X = successes)` for a probability between 0 and 1, both excluded.
    public static func mass(_ successes: Int, trials: Int, probability: Double) -> Double {
        guard successes >= 0, successes <= trials else { return 0 }
        let (k, n) = (Double(successes), Double(trials))
        let logChoose = -log(n + 1) - BetaFunction.logBeta(k + 1, n - k + 1)
        return exp(logChoose + k * log(probability) + (n - k) * log1p(-probability))
    }
}
