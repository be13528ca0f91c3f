internal import Diagnostics

/// The address of a study in the department's viewer, made of a template and the examination's key.
///
/// IHE Invoke Image Display (RAD-106) and most viewers take the accession number or a key in the address.
struct ViewerLink: Sendable {
    private let before: String
    private let after: String

    /// Reads a template such as `https://viewer.example/open?accession={exam}`.
    ///
    /// - Throws: `serve.bad-viewer` for one that is no address of a web page or does not say where the key goes.
    init(_ template: String) throws(Refusal) {
        let parts = template.split(separator: "{exam}", omittingEmptySubsequences: false)
        let isAddress = template.hasPrefix("https://") || template.hasPrefix("http://")
        guard isAddress, parts.count == 2, template.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Refusal(
                code: "serve.bad-viewer", at: "--viewer",
                "not an http or https address with one {exam} where the examination's key goes",
                mend: "write it like https://viewer.example/open?accession={exam}")
        }
        (before, after) = (String(parts[0]), String(parts[1]))
    }

    /// The address for a key; everything in the key but letters, digits and `-._~` is percent-encoded.
    func address(exam key: String) -> String {
        var text = before
        for byte in key.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text + after
    }
}
