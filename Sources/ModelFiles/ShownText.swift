/// Text and bytes of a file as messages may show them: escaped and cut, so that no file can forge a message.
enum ShownText {
    /// `name` in quotes, control characters and everything outside printable ASCII as `\u{…}`, cut after 80 characters.
    static func quoted(_ name: String) -> String {
        var shown = ""
        for (index, scalar) in name.unicodeScalars.enumerated() {
            if index == 80 { return "\"\(shown)…\" (\(name.utf8.count) bytes)" }
            if scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\"" && scalar != "\\" {
                shown.unicodeScalars.append(scalar)
            } else {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return "\"\(shown)\""
    }

    /// Bytes in hexadecimal, with blanks between them.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    /// The first five of `items`, then how many more there are.
    static func firstFive(_ items: [String]) -> String {
        let shown = items.prefix(5).joined(separator: "; ")
        return items.count > 5 ? shown + "; and \(items.count - 5) more" : shown
    }

    /// A shape as `[a, b]`.
    static func shape(_ shape: [Int]) -> String {
        "[" + shape.map(String.init).joined(separator: ", ") + "]"
    }
}
