internal import HTTPTypes

/// Whether a request that changes something comes from this server's own pages, or from a program that is no browser.
///
/// Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; both are out of a page's reach. OWASP ASVS 5.0, 3.5. A form
/// of our own pages has the origin `null`, since they send no referrer: the first field decides where it is there.
enum OriginCheck {
    static func allows(_ head: HTTPRequest, authority: String, isSecure: Bool) -> Bool {
        if let site = HTTPField.Name("sec-fetch-site").flatMap({ head.headerFields[$0] }) {
            return site == "same-origin"
        }
        guard let origin = head.headerFields[.origin] else { return true }
        let own = "\(isSecure ? "https" : "http")://\(authority)"
        let defaultPort = isSecure ? ":443" : ":80"
        let names = [own, own.hasSuffix(defaultPort) ? String(own.dropLast(defaultPort.count)) : own + defaultPort]
        return names.contains { $0.lowercased() == origin.lowercased() }
    }
}
