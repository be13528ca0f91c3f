#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A linear axis with round ticks.
struct AxisScale {
    /// The least value on the axis.
    let lower: Double
    /// The greatest value on the axis.
    let upper: Double
    /// The values with a tick, in order.
    let ticks: [Double]

    /// The axis of finite values, its ends and ticks at 1, 2 or 5 times a power of ten, about `count` steps long.
    init(_ values: [Double], count: Int = 4) {
        let least = values.min() ?? 0
        let greatest = values.max() ?? 1
        let spread = greatest - least
        let padded =
            spread > 1e-9 * max(abs(least), abs(greatest))
            ? (least, greatest)
            : least == 0 ? (0, 1) : (min(least, least * 1.5, 0), max(least, least * 1.5, 0))
        let rough = (padded.1 - padded.0) / Double(count)
        let power = pow(10, floor(log10(rough)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
        let first = floor(padded.0 / step + 1e-6)
        let last = ceil(padded.1 / step - 1e-6)
        lower = first * step
        upper = last * step
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// An axis with given ends and ticks.
    init(lower: Double, upper: Double, ticks: [Double]) {
        (self.lower, self.upper, self.ticks) = (lower, upper, ticks)
    }

    /// Where a value lies between two positions.
    func position(_ value: Double, from start: Double, to end: Double) -> Double {
        start + (value - lower) / (upper - lower) * (end - start)
    }
}

/// A coordinate of a figure, with at most two decimals.
func coordinate(_ value: Double) -> String {
    let scaled = Int((value * 100).rounded())
    let digits = String(abs(scaled) % 100)
    let fraction = digits.utf8.count == 1 ? "0" + digits : digits
    return (scaled < 0 ? "-" : "") + "\(abs(scaled) / 100)" + (abs(scaled) % 100 == 0 ? "" : "." + fraction)
}
