extension PrivacyScreener {
    /// The text with a placeholder such as `[NAME-1]` or `[DATE-2]` for each finding, titles and labels left in place.
    ///
    /// Within a text the same words of the same kind get the same number, whatever their case and blanks. Placeholders that
    /// are there already stay, and numbers go on after the greatest. The result is screened again until nothing is found,
    /// so that redacting it once more changes nothing.
    public func redact(_ text: String, known: [String] = []) -> String {
        var numbering = Numbering(bytes: Array(text.utf8))
        var redacted = text
        while true {
            let findings = screen(redacted, known: known).findings
            guard !findings.isEmpty else { return redacted }
            let bytes = Array(redacted.utf8)
            var result: [UInt8] = []
            var position = 0
            for finding in findings {
                result += bytes[position..<finding.range.lowerBound]
                result += numbering.placeholder(finding.placeholder, for: bytes[finding.range]).utf8
                position = finding.range.upperBound
            }
            result += bytes[position...]
            redacted = String(decoding: result, as: UTF8.self)
        }
    }
}

/// The numbers of a text's placeholders.
private struct Numbering {
    private var greatest: [String: Int] = [:]
    private var given: [[UInt8]: String] = [:]

    /// Starts after the placeholders that the text has.
    init(bytes: [UInt8]) {
        var index = 0
        while let open = bytes[index...].firstIndex(of: 0x5B) {
            index = open + 1
            guard let close = bytes[index...].firstIndex(of: 0x5D) else { return }
            let parts = bytes[index..<close].split(separator: 0x2D)
            guard parts.count == 2, let number = Int(String(decoding: parts[1], as: UTF8.self)), number > 0 else {
                continue
            }
            let word = String(decoding: parts[0], as: UTF8.self)
            greatest[word] = max(greatest[word] ?? 0, number)
        }
    }

    mutating func placeholder(_ word: String, for bytes: ArraySlice<UInt8>) -> String {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let folded = String(decoding: bytes, as: UTF8.self).lowercased().utf8.filter { !blanks.contains($0) }
        let key = Array(word.utf8) + [0] + folded
        if let placeholder = given[key] { return placeholder }
        let number = (greatest[word] ?? 0) + 1
        greatest[word] = number
        let placeholder = "[\(word)-\(number)]"
        given[key] = placeholder
        return placeholder
    }
}
