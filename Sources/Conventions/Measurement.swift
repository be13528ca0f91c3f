/// A length that a text states, such as `7 mm` or `1.2 cm`.
struct Measurement: Sendable, Equatable {
    /// The length in micrometres, so that 12 mm and 1.2 cm are one number.
    let micrometres: Int
    /// The bytes from the number to the end of the unit.
    let range: Range<Int>
    /// The bytes of the number alone.
    let number: Range<Int>
    /// The unit as written.
    let unit: String
    /// How many decimals the number has.
    let decimals: Int
    /// The bytes between the last number and the unit.
    let gap: Range<Int>

    private static let units: [String: Int] = [
        "mm": 1_000, "millimeter": 1_000, "millimeters": 1_000, "millimetre": 1_000, "millimetres": 1_000,
        "cm": 10_000, "centimeter": 10_000, "centimeters": 10_000, "centimetre": 10_000, "centimetres": 10_000,
    ]

    /// Every length in the range, in order; in `12 x 8 mm` both numbers take the unit.
    static func all(in bytes: [UInt8], _ range: Range<Int>) -> [Measurement] {
        var found: [Measurement] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let startsWord = index == 0 || !(TextScan.isWordByte(bytes[index - 1]) || bytes[index - 1] == 0x2E)
            let startsNumber = TextScan.isDigit(bytes[index]) || isNakedDecimal(bytes, index, range.upperBound)
            guard startsWord, startsNumber else {
                index += 1
                continue
            }
            var numbers = [Self.number(in: bytes, from: index, before: range.upperBound)]
            var end = numbers[0].upperBound
            while let next = Self.nextFactor(in: bytes, from: end, before: range.upperBound) {
                numbers.append(next)
                end = next.upperBound
            }
            index = end
            var unitStart = end
            while unitStart < range.upperBound, bytes[unitStart] == 0x20 || bytes[unitStart] == 0x2D { unitStart += 1 }
            var unitEnd = unitStart
            while unitEnd < range.upperBound, TextScan.isWordByte(bytes[unitEnd]) { unitEnd += 1 }
            guard let scale = units[TextScan.loweredString(bytes, unitStart..<unitEnd)] else { continue }
            for number in numbers {
                guard let value = value(of: bytes[number], scale: scale) else { continue }
                found.append(
                    Measurement(
                        micrometres: value.micrometres, range: number.lowerBound..<unitEnd, number: number,
                        unit: TextScan.string(bytes, unitStart..<unitEnd), decimals: value.decimals,
                        gap: end..<unitStart))
            }
            index = unitEnd
        }
        return found
    }

    private static func isNakedDecimal(_ bytes: [UInt8], _ index: Int, _ limit: Int) -> Bool {
        bytes[index] == 0x2E && index + 1 < limit && TextScan.isDigit(bytes[index + 1])
    }

    private static func number(in bytes: [UInt8], from start: Int, before limit: Int) -> Range<Int> {
        var end = start
        while end < limit, TextScan.isDigit(bytes[end]) { end += 1 }
        if end + 1 < limit, bytes[end] == 0x2E, TextScan.isDigit(bytes[end + 1]) {
            end += 1
            while end < limit, TextScan.isDigit(bytes[end]) { end += 1 }
        }
        return start..<end
    }

    /// The number after an `x` or a multiplication sign, if one follows.
    private static func nextFactor(in bytes: [UInt8], from start: Int, before limit: Int) -> Range<Int>? {
        var index = start
        while index < limit, bytes[index] == 0x20 { index += 1 }
        if index < limit, bytes[index] == 0x78 {
            index += 1
        } else if index + 1 < limit, bytes[index] == 0xC3, bytes[index + 1] == 0x97 {
            index += 2
        } else {
            return nil
        }
        while index < limit, bytes[index] == 0x20 { index += 1 }
        guard index < limit, TextScan.isDigit(bytes[index]) else { return nil }
        return number(in: bytes, from: index, before: limit)
    }

    private static func value(of digits: ArraySlice<UInt8>, scale: Int) -> (micrometres: Int, decimals: Int)? {
        var whole = 0
        var part = scale
        var fraction = 0
        var decimals = 0
        var isFraction = false
        for byte in digits {
            if byte == 0x2E {
                isFraction = true
            } else if isFraction {
                part /= 10
                fraction += Int(byte - 0x30) * part
                decimals += 1
            } else {
                whole = whole * 10 + Int(byte - 0x30)
                guard whole < 1_000_000 else { return nil }
            }
        }
        return (whole * scale + fraction, decimals)
    }
}
