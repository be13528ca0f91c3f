internal import HTTPTypes

/// Who is at the other end.
enum ClientAddress {
    /// The last address in `X-Forwarded-For`, which is the one that the proxy itself added; nil when it is none.
    static func forwarded(_ head: HTTPRequest) -> String? {
        guard let name = HTTPField.Name("x-forwarded-for"), let field = head.headerFields[values: name].last,
            let last = field.utf8.split(separator: UInt8(ascii: ",")).last
        else { return nil }
        let bytes = last.filter { $0 != UInt8(ascii: " ") }
        let isAddress =
            (2...45).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
        return isAddress ? String(decoding: Array(bytes), as: UTF8.self) : nil
    }
}
