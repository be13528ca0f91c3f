#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Numbers as pages print them: at most three decimals, a true minus sign, no locale.
public enum NumberText {
    /// A number with a fixed count of decimals, 0 to 3; "not finite" for NaN and infinities.
    public static func fixed(_ value: Double, decimals: Int = 3) -> String {
        precondition(0...3 ~= decimals, "a report prints 0 to 3 decimals, asked for \(decimals)")
        guard value.isFinite, abs(value) < 1e15 else { return "not finite" }
        let power = [1, 10, 100, 1000][decimals]
        let scaled = Int((abs(value) * Double(power)).rounded())
        var text = grouped(scaled / power)
        if decimals > 0 {
            let fraction = String(scaled % power)
            text += "." + String(repeating: "0", count: decimals - fraction.utf8.count) + fraction
        }
        return value < 0 && scaled > 0 ? "\u{2212}" + text : text
    }

    /// A whole number, thousands apart.
    public static func whole(_ value: Int) -> String {
        (value < 0 ? "\u{2212}" : "") + grouped(Int(clamping: value.magnitude))
    }

    /// A number with its sign, plus included.
    public static func signed(_ value: Double, decimals: Int = 3) -> String {
        let text = fixed(value, decimals: decimals)
        return value > 0 && text.utf8.contains { 0x31...0x39 ~= $0 } ? "+" + text : text
    }

    /// A p value: "< 0.001" where three decimals would show nothing.
    public static func p(_ value: Double) -> String { value < 0.001 ? "< 0.001" : fixed(value) }

    /// The level of an interval as "95 %".
    public static func level(_ level: Double) -> String {
        let percent = level * 100
        return fixed(percent, decimals: percent == percent.rounded() ? 0 : 1) + "\u{00A0}%"
    }

    /// A share as "84 of 93 (0.90)"; "none of 0" where there is nothing to share.
    public static func share(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "none to state" }
        return "\(self.whole(part)) of \(self.whole(whole)) (\(fixed(Double(part) / Double(whole), decimals: 2)))"
    }

    /// A duration as "3 min 42 s" or "0.4 s".
    public static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "not known" }
        if seconds < 10 { return fixed(seconds, decimals: 1) + "\u{00A0}s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole)\u{00A0}s" }
        if whole < 3600 { return "\(whole / 60)\u{00A0}min \(whole % 60)\u{00A0}s" }
        return "\(grouped(whole / 3600))\u{00A0}h \(whole % 3600 / 60)\u{00A0}min"
    }

    /// Bytes as "1.9 GiB" or "412 MiB".
    public static func bytes(_ count: Int) -> String {
        let value = Double(count)
        if value >= 1_073_741_824 { return fixed(value / 1_073_741_824, decimals: 1) + "\u{00A0}GiB" }
        if value >= 1_048_576 { return fixed(value / 1_048_576, decimals: 0) + "\u{00A0}MiB" }
        return whole(count) + "\u{00A0}bytes"
    }

    /// A number with as many decimals, up to three, as it needs.
    public static func short(_ value: Double) -> String {
        for decimals in 0..<3 {
            let power = [1.0, 10, 100][decimals]
            if abs((value * power).rounded() - value * power) < 1e-9 * max(1, abs(value * power)) {
                return fixed(value, decimals: decimals)
            }
        }
        return fixed(value)
    }

    /// Digits with a thin space between thousands from 10,000 on.
    private static func grouped(_ value: Int) -> String {
        let digits = Array(String(value).utf8)
        guard digits.count > 4 else { return String(value) }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }
}
