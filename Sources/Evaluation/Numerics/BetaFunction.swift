#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The regularised incomplete beta function, from which the t and the binomial distribution follow.
enum BetaFunction {
    /// `I_x(a, b)` for `0 ≤ x ≤ 1` and positive `a`, `b`; `1 − x` is given as well, so that neither loses digits.
    ///
    /// The continued fraction DLMF 8.17.22, evaluated by the modified Lentz method on the side where it converges fast.
    static func regularized(_ x: Double, complement: Double, _ a: Double, _ b: Double) -> Double {
        precondition(a > 0 && b > 0, "the parameters must be positive, found \(a) and \(b)")
        precondition(x >= 0 && x <= 1, "x must lie between 0 and 1, found \(x)")
        if x <= 0 { return 0 }
        if complement <= 0 { return 1 }
        if x > (a + 1) / (a + b + 2) { return 1 - tail(complement, x, b, a) }
        return tail(x, complement, a, b)
    }

    /// `1 − I_x(a, b)` without cancellation where it is small.
    static func regularizedComplement(_ x: Double, complement: Double, _ a: Double, _ b: Double) -> Double {
        regularized(complement, complement: x, b, a)
    }

    private static func tail(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
        let logX = x > 0.5 ? log1p(-y) : log(x)
        let logY = y > 0.5 ? log1p(-x) : log(y)
        return exp(a * logX + b * logY - logBeta(a, b)) / a / continuedFraction(x, a, b)
    }

    /// The denominator `1 + d₁/(1 + d₂/(1 + …))` of DLMF 8.17.22.
    private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        var c = 1.0
        var d = 0.0
        var value = 1.0
        for term in 1...20_000 {
            let m = Double(term / 2)
            let coefficient =
                term % 2 == 0
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 + coefficient * d
            if abs(d) < tiny { d = tiny }
            d = 1 / d
            c = 1 + coefficient / c
            if abs(c) < tiny { c = tiny }
            let factor = c * d
            value *= factor
            if abs(factor - 1) < 1e-16 { break }
        }
        return value
    }

    /// `ln B(a, b)`; large parameters do not cancel.
    static func logBeta(_ first: Double, _ second: Double) -> Double {
        let (a, b) = (min(first, second), max(first, second))
        if b < 10 { return logGamma(a) + logGamma(b) - logGamma(a + b) }
        // ln Γ(b) − ln Γ(a + b) by Stirling's formula, its large terms joined.
        let difference =
            stirlingCorrection(b) - stirlingCorrection(a + b) + a - (b - 0.5) * log1p(a / b) - a * log(a + b)
        return logGamma(a) + difference
    }

    /// `ln Γ(x)` for positive `x`: Stirling's series (DLMF 5.11.1) after raising the argument to 10 or more.
    static func logGamma(_ argument: Double) -> Double {
        var x = argument
        var product = 1.0
        while x < 10 {
            product *= x
            x += 1
        }
        return (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + stirlingCorrection(x) - log(product)
    }

    /// The series `1/(12x) − 1/(360x³) + …` of Stirling's formula for `x ≥ 10`.
    private static func stirlingCorrection(_ x: Double) -> Double {
        let coefficients: [Double] = [
            1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156, -3617.0 / 122_400,
        ]
        let square = 1 / (x * x)
        var sum = 0.0
        for coefficient in coefficients.reversed() { sum = sum * square + coefficient }
        return sum / x
    }
}
