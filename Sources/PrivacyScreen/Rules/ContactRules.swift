/// E-mail and web addresses, IP addresses and UIDs: whatever is one run without blanks.
enum ContactRules {
    /// The ends of domain names that are taken for one without `http` or `www`.
    private static let domains: Set<String> = [
        "com", "org", "net", "edu", "gov", "mil", "int", "info", "health", "uk", "de", "fr", "es", "ca", "au", "nl",
        "eu",
    ]

    static func findings(_ tokens: Tokens) -> [Finding] {
        chunks(tokens).flatMap { range -> [Finding] in
            let bytes = Array(tokens.bytes[range])
            if let rule = rule(bytes) { return [Finding(range, rule)] }
            return []
        }
    }

    /// The runs of bytes that are neither blanks, brackets, quotes nor taken out, without the marks at their ends.
    private static func chunks(_ tokens: Tokens) -> [Range<Int>] {
        var stops = Set<Int>()
        for token in tokens.all where token.kind == .barrier && token.text.first == "[" { stops.formUnion(token.range) }
        let breaking: Set<UInt8> = Set(" \t\r\n\u{0B}\u{0C}<>\"'()[]{},;|".utf8)
        let ending: Set<UInt8> = Set(".:!?-".utf8)
        var chunks: [Range<Int>] = []
        var start = 0
        for index in 0...tokens.bytes.count {
            guard index == tokens.bytes.count || breaking.contains(tokens.bytes[index]) || stops.contains(index) else {
                continue
            }
            var end = index
            while end > start, ending.contains(tokens.bytes[end - 1]) { end -= 1 }
            if end - start >= 5 { chunks.append(start..<end) }
            start = index + 1
        }
        return chunks.flatMap { afterLabel(tokens.bytes, $0) }
    }

    /// Without a label that a colon or `=` joins to it, such as `e-mail:`; a scheme's colon stays.
    private static func afterLabel(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        guard let at = range.first(where: { bytes[$0] == 0x3A || bytes[$0] == 0x3D }) else { return [range] }
        let label = bytes[range.lowerBound..<at]
        let isLabel = label.allSatisfy { isLetter($0) || $0 == 0x2D } && label.count > 2
        let isScheme = bytes[at..<range.upperBound].starts(with: "://".utf8)
        return isLabel && !isScheme && at + 1 < range.upperBound ? [(at + 1)..<range.upperBound] : [range]
    }

    private static func rule(_ bytes: [UInt8]) -> PrivacyRule? {
        if isEmail(bytes) { return .email }
        if isURL(bytes) { return .url }
        if isUID(bytes) || isUUID(bytes) { return .uid }
        if isIPv4(bytes) || isIPv6(bytes) { return .ipAddress }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66 }
    private static func isHostByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == 0x2D || byte >= 0x80
    }

    private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count >= 2, let last = parts.last, last.count >= 2, last.allSatisfy(isLetter) else { return false }
        return parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isHostByte) }
    }

    private static func isEmail(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(separator: 0x40, omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && isHost(parts[1])
    }

    private static func isURL(_ bytes: [UInt8]) -> Bool {
        let lower = bytes.map { isLetter($0) ? $0 | 0x20 : $0 }
        let scheme = String(decoding: lower.prefix(8), as: UTF8.self)
        if ["http://", "https://", "ftp://", "www."].contains(where: { scheme.hasPrefix($0) }) { return true }
        // A domain with a path, or a bare one all in lower case: `nodule.Follow` is a missing blank.
        let host = bytes.prefix { $0 != 0x2F }
        guard isHost(host), let last = host.split(separator: 0x2E).last, bytes.first.map(isDigit) == false else {
            return false
        }
        return Array(host) == Array(lower.prefix(host.count))
            && domains.contains(String(decoding: last, as: UTF8.self))
    }

    /// Five parts of digits or more, as DICOM writes them; the first is 0, 1 or 2.
    private static func isUID(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        return parts.count >= 5 && bytes.count >= 11 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
            && parts[0].count == 1 && parts[0].allSatisfy { $0 <= 0x32 }
    }

    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(separator: 0x2D, omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(isHex) }
    }

    private static func isIPv4(_ bytes: [UInt8]) -> Bool {
        let host = bytes.prefix { $0 != 0x3A && $0 != 0x2F }
        let parts = host.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4, host.count >= 8 else { return false }
        return parts.allSatisfy { part in
            (1...3).contains(part.count) && part.allSatisfy(isDigit)
                && (Int(String(decoding: part, as: UTF8.self)) ?? 999) <= 255
        }
    }

    private static func isIPv6(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard (4...8).contains(parts.count), bytes.contains(where: isLetter) || parts.count == 8 else { return false }
        return parts.allSatisfy { $0.count <= 4 && $0.allSatisfy(isHex) }
            && (parts.count == 8 || parts.dropFirst().dropLast().contains { $0.isEmpty })
    }
}
