/// The root of a function that changes sign once between two bounds, to the last bits of a double.
///
/// Bisection, with a secant step whenever that stays inside the bracket: slow beside Newton's method, and it cannot
/// leave the bracket. `f(lower)` and `f(upper)` must have opposite signs, or one of them be zero.
func root(between lower: Double, and upper: Double, of f: (Double) -> Double) -> Double {
    var (a, b) = (lower, upper)
    var (fa, fb) = (f(a), f(b))
    if fa == 0 { return a }
    if fb == 0 { return b }
    precondition((fa < 0) != (fb < 0), "no change of sign between \(lower) and \(upper)")
    for iteration in 0..<400 {
        let middle = a + (b - a) / 2
        if middle == a || middle == b { break }
        var x = middle
        if iteration % 2 == 1 {
            let secant = a - fa * (b - a) / (fb - fa)
            if secant > min(a, b), secant < max(a, b) { x = secant }
        }
        let fx = f(x)
        if fx == 0 { return x }
        if (fx < 0) == (fa < 0) { (a, fa) = (x, fx) } else { (b, fb) = (x, fx) }
    }
    return abs(fa) < abs(fb) ? a : b
}
