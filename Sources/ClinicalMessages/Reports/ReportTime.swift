/// A moment as a message states it, on the line of UTC milliseconds, with the precision that was written.
public struct ReportTime: Sendable, Hashable, Comparable {
    /// How much of the moment was written.
    public enum Precision: Int, Sendable {
        /// A year alone.
        case year
        /// To the month.
        case month
        /// To the day.
        case day
        /// To the hour.
        case hour
        /// To the minute.
        case minute
        /// To the second or finer.
        case second
    }

    /// Milliseconds since 1970-01-01T00:00:00Z of the earliest moment that the text may mean.
    public let milliseconds: Int64
    /// What was written.
    public let precision: Precision
    /// Whether a zone was written; without one the feed's own offset was taken.
    public let hasZone: Bool

    /// Makes a moment from milliseconds since 1970, to the second, in UTC.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
        precision = .second
        hasZone = true
    }

    /// Reads HL7's DTM or TS, `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+ZZZZ]` (v2.8.2 chapter 2A, 2A.2.22), or gives nil.
    ///
    /// Years 1900 to 2199. A TS's second component, the degree of precision, is ignored.
    ///
    /// - Parameters:
    ///   - text: the field's first component.
    ///   - zoneOffsetMinutes: minutes east of UTC where none is written.
    public init?(hl7 text: String, zoneOffsetMinutes: Int = 0) {
        var digits = Array(text.utf8)[...]
        var zone: Int?
        if let sign = digits.lastIndex(where: { $0 == 0x2B || $0 == 0x2D }) {
            let written = digits[(sign + 1)...]
            guard written.count == 4, let hours = Self.number(written.prefix(2)),
                let rest = Self.number(written.suffix(2)),
                hours < 15, rest < 60
            else { return nil }
            zone = (hours * 60 + rest) * (digits[sign] == 0x2D ? -1 : 1)
            digits = digits[..<sign]
        }
        var fraction = 0
        if let point = digits.firstIndex(of: 0x2E) {
            let written = digits[(point + 1)...]
            guard digits.distance(from: digits.startIndex, to: point) == 14, (1...4).contains(written.count),
                written.allSatisfy(ByteText.isDigit)
            else { return nil }
            fraction = Self.number((Array(written) + [0x30, 0x30])[..<3]) ?? 0
            digits = digits[..<point]
        }
        guard [4, 6, 8, 10, 12, 14].contains(digits.count), digits.allSatisfy(ByteText.isDigit) else { return nil }
        var parts = [Self.number(digits.prefix(4)) ?? 0, 1, 1, 0, 0, 0]
        var written = 1
        digits = digits.dropFirst(4)
        while !digits.isEmpty {
            parts[written] = Self.number(digits.prefix(2)) ?? 0
            written += 1
            digits = digits.dropFirst(2)
        }
        self.init(parts: parts, written: written, fraction: fraction, zone: zone, otherwise: zoneOffsetMinutes)
    }

    /// Reads FHIR's `date`, `dateTime` or `instant` (FHIR R4 and R5, datatypes), or gives nil.
    public init?(fhir text: String, zoneOffsetMinutes: Int = 0) {
        let bytes = Array(text.utf8)
        let halves = bytes.split(separator: 0x54, maxSplits: 1, omittingEmptySubsequences: false)
        let day = halves[0].split(separator: 0x2D, omittingEmptySubsequences: false)
        guard (1...3).contains(day.count), day[0].count == 4, day.dropFirst().allSatisfy({ $0.count == 2 }) else {
            return nil
        }
        var parts = [0, 1, 1, 0, 0, 0]
        for (index, part) in day.enumerated() {
            guard let number = Self.number(part) else { return nil }
            parts[index] = number
        }
        guard halves.count == 2 else {
            self.init(parts: parts, written: day.count, fraction: 0, zone: nil, otherwise: zoneOffsetMinutes)
            return
        }
        var clock = halves[1]
        var zone: Int?
        if clock.last == 0x5A {
            zone = 0
            clock = clock.dropLast()
        } else if let sign = clock.lastIndex(where: { $0 == 0x2B || $0 == 0x2D }) {
            let offset = clock[(sign + 1)...]
            guard offset.count == 5, let hours = Self.number(offset.prefix(2)),
                let minutes = Self.number(offset.suffix(2)), hours < 15, minutes < 60
            else { return nil }
            zone = (hours * 60 + minutes) * (clock[sign] == 0x2D ? -1 : 1)
            clock = clock[..<sign]
        }
        let seconds = clock.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
        let fields = seconds[0].split(separator: 0x3A, omittingEmptySubsequences: false)
        guard day.count == 3, fields.count >= 2, fields.count <= 3, fields.allSatisfy({ $0.count == 2 }) else {
            return nil
        }
        for (index, field) in fields.enumerated() {
            guard let number = Self.number(field) else { return nil }
            parts[3 + index] = number
        }
        var fraction = 0
        if seconds.count == 2 {
            guard !seconds[1].isEmpty, seconds[1].count <= 9, seconds[1].allSatisfy(ByteText.isDigit) else {
                return nil
            }
            fraction = Self.number((Array(seconds[1]) + [0x30, 0x30])[..<3]) ?? 0
        }
        self.init(parts: parts, written: 3 + fields.count, fraction: fraction, zone: zone, otherwise: zoneOffsetMinutes)
    }

    private init?(parts: [Int], written: Int, fraction: Int, zone: Int?, otherwise: Int) {
        let (year, month, day) = (parts[0], parts[1], parts[2])
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1900...2199).contains(year), (1...12).contains(month), (1...lengths[month - 1]).contains(day),
            parts[3] < 24, parts[4] < 60, parts[5] <= 60, let precision = Precision(rawValue: written - 1)
        else { return nil }
        let fromMarch = month > 2 ? year : year - 1
        let days =
            365 * fromMarch + fromMarch / 4 - fromMarch / 100 + fromMarch / 400 + (153 * ((month + 9) % 12) + 2) / 5
            + day
            - 719_469
        let seconds = (days * 24 + parts[3]) * 3600 + (parts[4] - (zone ?? otherwise)) * 60 + min(parts[5], 59)
        milliseconds = Int64(seconds) * 1000 + Int64(fraction)
        self.precision = precision
        hasZone = zone != nil
    }

    private static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy(ByteText.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The moment as HL7 writes it in UTC, to the second: `20260301093000+0000`.
    public var hl7: String {
        let total = Int(milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000)
        let dayNumber = total >= 0 ? total / 86_400 : (total - 86_399) / 86_400
        let inDay = total - dayNumber * 86_400
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * ofYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = ofYear - (153 * monthFromMarch + 2) / 5 + 1
        let parts = [month, day, inDay / 3600, inDay / 60 % 60, inDay % 60]
        return String(year) + parts.map { ($0 < 10 ? "0" : "") + String($0) }.joined() + "+0000"
    }

    /// Whether one moment is before another.
    public static func < (a: ReportTime, b: ReportTime) -> Bool { a.milliseconds < b.milliseconds }
}
