/// The names under which this server answers: a page that reaches it by another one (DNS rebinding) gets nothing.
struct HostNames: Sendable {
    private let names: Set<String>

    /// The names of the loopback and those that were configured.
    init(_ configured: [String]) {
        names = Set(["localhost", "127.0.0.1", "[::1]"] + configured.map { $0.lowercased() })
    }

    /// Whether a request's `Host` names this server; the port is not compared.
    func contains(host authority: String) -> Bool {
        guard let name = Self.name(of: authority) else { return false }
        return names.contains(name)
    }

    /// The name in `name`, `name:port`, `[v6]` or `[v6]:port`, in lower case; nil for anything else.
    private static func name(of authority: String) -> String? {
        let bytes = Array(authority.utf8)
        guard bytes.count <= 255, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let end: Int
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = close + 1
        } else {
            end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
        }
        let port = bytes[end...]
        let isPort =
            port.isEmpty
            || (port.count > 1 && port.first == UInt8(ascii: ":")
                && port.dropFirst().allSatisfy { (0x30...0x39).contains($0) })
        guard isPort, end > 0 else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self).lowercased()
    }

    /// Whether a text can be configured as a name: letters, digits, dots and hyphens, or an IPv6 address in brackets.
    static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 253 else { return false }
        if bytes.first == UInt8(ascii: "[") {
            return bytes.last == UInt8(ascii: "]")
                && bytes.dropFirst().dropLast().allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") }
        }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
