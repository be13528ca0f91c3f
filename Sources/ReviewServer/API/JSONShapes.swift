internal import Preferences
internal import StrictJSON

/// Values as the API's JSON has them.
extension JSONValue {
    /// A text or null.
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    /// A whole number or null.
    init(_ number: Int?) { self = number.map { .number(JSONNumber($0)) } ?? .null }

    /// A row's number.
    init(_ id: Int64) { self = .number(JSONNumber(Int(id))) }

    /// A number with a fraction, or null; never one that JSON cannot say.
    init(_ number: Double?) {
        guard let number, number.isFinite else {
            self = .null
            return
        }
        self = .number(JSONNumber(number))
    }

    /// A moment, in RFC 3339.
    init(_ time: UTCTime) { self = .string(time.description) }

    /// A moment or null.
    init(_ time: UTCTime?) { self = time.map { .string($0.description) } ?? .null }
}

/// The examination that a case is about, as the API has it.
enum ExamShape {
    static func json(modality: String?, bodyPart: String?) -> JSONValue {
        ["modality": JSONValue(modality), "body_part": JSONValue(bodyPart)]
    }
}

/// A prompt divided at its headings: what the reader sees above the answers.
///
/// A heading is a line's beginning of at most four words before a colon, such as `Findings:`. A line without one belongs
/// to the part above it. Of a conversation only what the user said is shown.
enum ContextShape {
    static func json(_ prompt: PromptText) -> JSONValue {
        let text: String =
            switch prompt {
            case .text(let text): text
            case .messages(let messages):
                messages.filter { $0.role == "user" }.map(\.content).joined(separator: "\n\n")
            }
        return .array(parts(of: text).map { ["heading": JSONValue($0.heading), "text": .string($0.text)] })
    }

    /// The parts, none of them empty.
    static func parts(of text: String) -> [(heading: String?, text: String)] {
        var parts: [(heading: String?, lines: [[UInt8]])] = [(nil, [])]
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = Array(line.last == 0x0D ? line.dropLast() : line)
            if let (heading, rest) = heading(of: line) {
                parts.append((heading, [rest]))
            } else {
                parts[parts.count - 1].lines.append(line)
            }
        }
        return parts.compactMap { part in
            let bytes = trimmed(Array(part.lines.joined(separator: [0x0A])))
            guard part.heading != nil || !bytes.isEmpty else { return nil }
            return (part.heading, String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func heading(of line: [UInt8]) -> (String, [UInt8])? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), (2...40).contains(colon),
            let first = line.first, isLetter(first)
        else { return nil }
        let rest = line[(colon + 1)...]
        // "10:30" and "ratio:2" are no headings.
        guard rest.isEmpty || rest.first == UInt8(ascii: " ") else { return nil }
        let name = line[..<colon]
        let isName = name.allSatisfy {
            isLetter($0) || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") || $0 >= 0x80
        }
        guard isName, name.split(separator: UInt8(ascii: " ")).count <= 4,
            let text = String(validating: name, as: UTF8.self)
        else { return nil }
        return (text, trimmed(Array(rest)))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return Array(bytes[first...last])
    }
}
