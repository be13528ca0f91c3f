internal import Foundation

/// How long a session lasts.
public struct SessionLimits: Sendable, Equatable {
    /// How long without activity, 60 to 86,400 seconds.
    public var idleSeconds: Int
    /// How long in any case, 60 to 604,800 seconds.
    public var absoluteSeconds: Int

    /// Makes limits: a quarter of an hour without activity, eight hours in any case.
    ///
    /// Traps outside the ranges.
    public init(idleSeconds: Int = 900, absoluteSeconds: Int = 28_800) {
        precondition((60...86_400).contains(idleSeconds), "an idle limit of \(idleSeconds) s is outside 60...86400")
        precondition(
            (60...604_800).contains(absoluteSeconds), "a limit of \(absoluteSeconds) s is outside 60...604800")
        self.idleSeconds = idleSeconds
        self.absoluteSeconds = absoluteSeconds
    }
}

/// Somebody who is logged in.
public struct Session: Sendable, Equatable {
    /// Who.
    public let account: Account
    /// SHA-256 of the token in hexadecimal digits: what logs and lists name the session by.
    public let digest: String
    /// What a form or a script must send back to change anything: 43 characters that follow from the session's token.
    public let csrfToken: String
    /// When the log-in was.
    public let created: UTCTime
    /// When it ends without activity.
    public let idleExpires: UTCTime
    /// When it ends in any case.
    public let expires: UTCTime

    /// Whether a request carries this session's token against forgery; takes the same time either way.
    public func hasCSRFToken(_ text: String) -> Bool { constantTimeEqual(Array(text.utf8), Array(csrfToken.utf8)) }
}

/// A session that was just made, with the one copy of its token.
public struct NewSession: Sendable {
    /// 43 characters of base64url, for the cookie; only its SHA-256 is stored.
    public let token: String
    /// The session.
    public let session: Session
}
