internal import HTTPTypes
internal import Hummingbird

/// The two cookies: the session's, and that of a visit to the log-in page, which its form's token is bound to.
struct Cookies: Sendable {
    /// Whether browsers see HTTPS: the names then begin with `__Host-`, which no other host can set.
    ///
    /// RFC 6265bis, section 4.1.3.2.
    let isSecure: Bool

    var session: String { isSecure ? "__Host-overread" : "overread" }
    var visit: String { isSecure ? "__Host-overread-visit" : "overread-visit" }

    /// A cookie's value; nil when it is not there, twice there, or no token of ours.
    func value(_ name: String, in head: HTTPRequest) -> String? {
        var found: String?
        for field in head.headerFields[values: .cookie] {
            for piece in field.utf8.split(separator: UInt8(ascii: ";")) {
                let bytes = piece.drop { $0 == UInt8(ascii: " ") }
                guard bytes.starts(with: (name + "=").utf8) else { continue }
                let value = Array(bytes.dropFirst(name.utf8.count + 1))
                guard found == nil, (1...128).contains(value.count), value.allSatisfy(Self.isTokenByte) else {
                    return nil
                }
                found = String(decoding: value, as: UTF8.self)
            }
        }
        return found
    }

    /// Adds a cookie to an answer; an empty value takes it away.
    func set(_ name: String, _ value: String, in response: inout Response) {
        var text = "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict"
        if isSecure { text += "; Secure" }
        if value.isEmpty { text += "; Max-Age=0" }
        response.headers.append(HTTPField(name: .setCookie, value: text))
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
