internal import Diagnostics

/// Whether a log-in may be tried now.
public enum LogInStart: Sendable {
    /// It may; it counts as failed until it succeeds.
    case attempt(LogInAttempt)
    /// Not before so many seconds.
    case wait(seconds: Int)
}

/// One attempt to log in, on its way from the store to the slow check of the password.
public struct LogInAttempt: Sendable {
    let name: String
    let account: Int64?
    let stored: PasswordHash?
    let cost: PasswordHash.Cost

    /// Checks a password: about half a second and 128 MiB, so never on the thread that serves the store.
    ///
    /// A name that does not exist takes as long as one that does. A right password that was hashed at another cost than
    /// today's is hashed anew.
    public func check(_ password: String) -> CheckedLogIn {
        let target = stored ?? PasswordHash.decoy(cost: cost)
        let isRight = target.matches(password) && stored != nil
        var renewed: PasswordHash?
        if isRight, target.cost != cost {
            renewed = try? PasswordHash(of: password, forAccount: name, cost: cost)
        }
        return CheckedLogIn(attempt: self, isRight: isRight, renewed: renewed)
    }
}

/// An attempt whose password was checked.
public struct CheckedLogIn: Sendable {
    let attempt: LogInAttempt
    /// Whether the name and the password belong together.
    public let isRight: Bool
    let renewed: PasswordHash?
}
