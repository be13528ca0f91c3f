/// Jinja templates as texts to compare; nothing here runs one.
enum JinjaText {
    /// A template without what makes no difference to what it writes.
    ///
    /// Inside `{{ }}` and `{% %}`, white space outside quotes is dropped, double quotes become single ones, and `\n` in
    /// quotes becomes a line feed. White space around the whole is dropped. Everything else stays.
    static func canonical(_ template: String) -> [UInt8] {
        let bytes = Array(trimmed(Array(template.utf8)))
        var result: [UInt8] = []
        var isInTag = false
        var quote: UInt8?
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let following = index + 1 < bytes.count ? bytes[index + 1] : 0
            index += 1
            if !isInTag {
                isInTag =
                    byte == UInt8(ascii: "{") && (following == UInt8(ascii: "{") || following == UInt8(ascii: "%"))
                result.append(byte)
            } else if let open = quote {
                if byte == UInt8(ascii: "\\"), following == UInt8(ascii: "n") {
                    result.append(0x0A)
                    index += 1
                } else if byte == open {
                    quote = nil
                    result.append(UInt8(ascii: "'"))
                } else {
                    result.append(byte)
                }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
                result.append(UInt8(ascii: "'"))
            } else if !isBlank(byte) {
                result.append(byte)
                isInTag = !((byte == UInt8(ascii: "}") || byte == UInt8(ascii: "%")) && following == UInt8(ascii: "}"))
            }
        }
        return result
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let front = bytes.drop(while: isBlank)
        return front.dropLast(front.reversed().prefix(while: isBlank).count)
    }
}
