internal import Diagnostics

/// The fields of a form or of an address's query, each once.
struct FormFields: Sendable {
    private let values: [String: String]

    /// So many fields at most.
    static let greatestCount = 64

    /// No fields.
    init() {
        values = [:]
    }

    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// WHATWG URL, section 5.1, but strict: a field twice, a bad percent sign or bytes that are not UTF-8 are refused.
    init(parsing bytes: some Collection<UInt8>) throws(Refusal) {
        var values: [String: String] = [:]
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0], isForm: true),
                let value = parts.count == 2 ? Self.decoded(parts[1], isForm: true) : ""
            else {
                throw Refusal(
                    code: "request.bad-form", at: "form", "a field is not percent-encoded UTF-8", mend: "encode it")
            }
            guard values.updateValue(value, forKey: name) == nil, values.count <= Self.greatestCount else {
                throw Refusal(
                    code: "request.bad-form", at: "form", "a field is there twice, or there are too many fields",
                    mend: "send each field once")
            }
        }
        self.values = values
    }

    /// A field's text; nil when it is not there.
    subscript(_ name: String) -> String? { values[name] }

    /// A field that must be there.
    func text(_ name: String) throws(Refusal) -> String {
        guard let value = values[name] else {
            throw Refusal(
                code: "request.bad-field", at: name, "the field is not there", mend: "send it")
        }
        return value
    }

    /// Percent decoding; nil for a bad escape or bytes that are not UTF-8.
    ///
    /// `+` is a space in forms only.
    static func decoded(_ bytes: some Sequence<UInt8>, isForm: Bool) -> String? {
        var result: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+") where isForm: result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                result.append(high << 4 | low)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
