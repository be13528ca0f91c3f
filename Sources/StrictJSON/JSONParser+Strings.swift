internal import Diagnostics

extension JSONParser {
    /// Reads a string whose opening quotation mark stands at the position.
    mutating func parseString() throws(Refusal) -> String {
        let start = position
        position += 1
        var runStart = position
        var resolved: [UInt8] = []
        skipPlainText()
        while true {
            guard position < bytes.count else {
                throw refusal(
                    "json.truncated", at: start, "a string that begins here has no closing quotation mark",
                    mend: "complete it")
            }
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                let length = resolved.count + position - runStart
                guard length <= limits.stringBytes else {
                    throw refusal(
                        "json.too-large", at: start,
                        "a string of \(length) bytes; at most \(limits.stringBytes) are read", mend: "shorten it")
                }
                let run = bytes[runStart..<position]
                position += 1
                if resolved.isEmpty { return String(decoding: run, as: UTF8.self) }
                resolved.append(contentsOf: run)
                return String(decoding: resolved, as: UTF8.self)
            case UInt8(ascii: "\\"):
                resolved.append(contentsOf: bytes[runStart..<position])
                try resolveEscape(into: &resolved)
                runStart = position
                skipPlainText()
            case 0x00..<0x20:
                throw refusal(
                    "json.control-character", at: position,
                    "\(describe(position)) inside a string; JSON wants it escaped", mend: "write \(Self.escape(byte))")
            case 0x80...:
                let length = Self.wellFormedLength(in: bytes, at: position)
                guard length > 0 else { throw notUTF8(at: position) }
                position += length
                skipPlainText()
            default:
                position += 1
            }
        }
    }

    /// Moves past ASCII that stands for itself, many bytes at once; what is left of it is read byte by byte.
    private mutating func skipPlainText() { position = Self.plainTextEnd(in: bytes.span, from: position) }

    private static func plainTextEnd(in bytes: Span<UInt8>, from first: Int) -> Int {
        let width = 32
        var start = first
        while start + width <= bytes.count {
            // Without a way out of the loop it runs over all of them at once.
            var (least, nearest, most) = (UInt8.max, UInt8.max, UInt8.min)
            for index in start..<(start + width) {
                let byte = bytes[index]
                least = min(least, byte)
                most = max(most, byte)
                nearest = min(nearest, min(byte ^ UInt8(ascii: "\""), byte ^ UInt8(ascii: "\\")))
            }
            guard least >= 0x20, most < 0x80, nearest > 0 else { break }
            start += width
        }
        return start
    }

    private mutating func resolveEscape(into output: inout [UInt8]) throws(Refusal) {
        let start = position
        position += 1
        guard position < bytes.count else {
            throw refusal("json.truncated", at: start, "the document ends inside an escape", mend: "complete it")
        }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(letter)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var code = UInt32(try hexQuad(escapeAt: start))
            if (0xD800..<0xDC00).contains(code) {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw halfPair(at: start) }
                position += 2
                let low = UInt32(try hexQuad(escapeAt: position - 2))
                guard (0xDC00..<0xE000).contains(low) else { throw halfPair(at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw halfPair(at: start) }
            output.append(contentsOf: String(Character(scalar)).utf8)
        default:
            throw refusal(
                "json.syntax", at: start,
                "an escape that JSON does not know; it knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits",
                mend: "write a backslash as \\\\")
        }
    }

    private mutating func hexQuad(escapeAt start: Int) throws(Refusal) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Self.hexValue(bytes[position]) else {
                throw refusal(
                    "json.syntax", at: start, "\\u without four hexadecimal digits", mend: "write all four digits")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    private func halfPair(at offset: Int) -> Refusal {
        refusal(
            "json.lone-surrogate", at: offset, "a \\u escape that is half of a character pair",
            mend: "write the whole character or both halves")
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        default: "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// The length of the well-formed multi-byte UTF-8 sequence at an offset, or 0 (Unicode 16, table 3-7).
    static func wellFormedLength(in bytes: [UInt8], at offset: Int) -> Int {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[offset] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard offset + length <= bytes.count, second.contains(bytes[offset + 1]) else { return 0 }
        for next in bytes[(offset + 2)..<(offset + length)] where next & 0xC0 != 0x80 { return 0 }
        return length
    }
}
