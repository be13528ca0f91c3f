import FoundationEssentials

/// What the operating system says of this process and this machine.
public enum ProcessFacts {
    /// The most memory that this process has held at once, bytes; nil where the system does not say.
    public static var peakMemoryBytes: Int? { kibibytes(of: "VmHWM", in: "/proc/self/status").map { $0 * 1024 } }

    /// The machine's memory, bytes.
    public static var machineMemoryBytes: Int? { kibibytes(of: "MemTotal", in: "/proc/meminfo").map { $0 * 1024 } }

    /// The memory that could be had now, bytes.
    public static var availableMemoryBytes: Int? {
        kibibytes(of: "MemAvailable", in: "/proc/meminfo").map { $0 * 1024 }
    }

    /// The processor's name as the system gives it.
    public static var processorName: String? { field("model name", in: "/proc/cpuinfo") }

    /// A size in the unit that suits it, such as `98.4 MB` is `93.8 MiB`.
    public static func sizeText(_ bytes: Int) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard bytes >= 1024 else { return "\(bytes) bytes" }
        var value = Double(bytes) / 1024
        var unit = 0
        while value >= 1024, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return value >= 100 ? "\(Int(value.rounded())) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    private static func kibibytes(of name: String, in path: String) -> Int? {
        field(name, in: path).flatMap { Int($0.split(separator: " ").first ?? "") }
    }

    private static func field(_ name: String, in path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].split(whereSeparator: { $0 == "\t" || $0 == " " }).joined(separator: " ")
            guard key == name else { continue }
            return line[line.index(after: colon)...].split(whereSeparator: { $0 == "\t" || $0 == " " })
                .joined(separator: " ")
        }
        return nil
    }
}
