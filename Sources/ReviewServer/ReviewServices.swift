internal import Conventions
internal import HTTPTypes
internal import Preferences

/// What the routes work with.
struct ReviewServices: Sendable {
    let options: ServerOptions
    let names: HostNames
    let cookies: Cookies
    let desk: StoreDesk
    let passwords: PasswordDesk
    let log: RequestLog
    let firstLink: FirstLink
    let checker: ConventionChecker?
    let viewer: ViewerLink?
    let notices: NoticeBoard

    var limits: SessionLimits {
        SessionLimits(idleSeconds: options.idleSeconds, absoluteSeconds: options.sessionSeconds)
    }

    /// The page's own address, as the request named it; the name was checked.
    func origin(_ head: HTTPRequest) -> String {
        "\(options.isSecure ? "https" : "http")://\(head.authority ?? "localhost")"
    }
}
