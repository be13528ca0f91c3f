public import Evaluation
public import Markup

extension NumberText {
    /// An interval as "0.549 to 0.671".
    public static func interval(_ interval: ConfidenceInterval, decimals: Int = 3) -> String {
        fixed(interval.lower, decimals: decimals) + " to " + fixed(interval.upper, decimals: decimals)
    }
}
