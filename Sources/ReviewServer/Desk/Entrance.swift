internal import Diagnostics
internal import HTTPTypes
internal import Preferences

/// Logging in, and setting a password: the costly hashing is done beside the store, never on its thread.
extension ReviewServices {
    /// Checks a password and makes a session; the one that the request came with is ended.
    func logIn(name: String, password: String, _ exchange: Exchange) async throws -> NewSession {
        let checked = try await check(name: name, password: password, exchange)
        let (address, limits, old) = (exchange.address, self.limits, exchange.token)
        do {
            let new = try await desk.changeAlone { store in
                let new = try store.finishLogIn(checked, limits: limits, address: address)
                if let old { try store.endSession(token: old) }
                return new
            }
            exchange.notes.set(event: "log-in.done")
            exchange.notes.set(account: new.session.account.reviewer)
            return new
        } catch let refusal as Refusal where refusal.code == "login.refused" {
            exchange.notes.set(event: "log-in.failed")
            throw refusal
        }
    }

    /// Sets another password for a person who knows the one before; all other sessions of the account end.
    func changePassword(
        from current: String, to password: String, _ session: Session, _ exchange: Exchange
    ) async throws -> NewSession {
        let name = session.account.name
        let checked = try await check(name: name, password: current, exchange)
        let hash = try await passwords.run { try PasswordHash(of: password, forAccount: name) }
        let (address, limits) = (exchange.address, self.limits)
        let new = try await desk.changeAlone { store in
            try store.acting(as: session.account.reviewer, session: session.digest, address: address)
                .changePassword(checked, to: hash, limits: limits, address: address)
        }
        exchange.notes.set(event: "password.changed")
        return new
    }

    /// Uses a link that an administrator gave out, or the very first one, and logs its owner in.
    ///
    /// - Parameter name: what the first administrator wants to be called; no part of other links.
    func setUp(token: String, name: String, password: String, _ exchange: Exchange) async throws -> NewSession {
        let (address, limits, firstLink) = (exchange.address, self.limits, self.firstLink)
        let new: NewSession
        if firstLink.isOpen(token) {
            let hash = try await passwords.run { try PasswordHash(of: password, forAccount: name) }
            new = try await desk.change { store in
                guard firstLink.isOpen(token) else { throw Self.badLink }
                let account = try store.createAccount(name: name, displayName: name, role: .administrator)
                let link = try store.makeSetUpLink(account: account.name)
                let new = try store.finishSetUp(token: link.token, password: hash, limits: limits, address: address)
                firstLink.close()
                return new
            }
        } else {
            guard let owner = try await desk.change({ try $0.setUpAccount(token: token) }) else { throw Self.badLink }
            let hash = try await passwords.run { try PasswordHash(of: password, forAccount: owner.name) }
            new = try await desk.change { store in
                try store.finishSetUp(token: token, password: hash, limits: limits, address: address)
            }
        }
        if let old = exchange.token { try await desk.change { try $0.endSession(token: old) } }
        exchange.notes.set(event: "set-up.done")
        exchange.notes.set(account: new.session.account.reviewer)
        return new
    }

    private func check(name: String, password: String, _ exchange: Exchange) async throws -> CheckedLogIn {
        let address = exchange.address
        let attempt: LogInAttempt
        switch try await desk.change({ try $0.beginLogIn(name: name, address: address) }) {
        case .attempt(let made): attempt = made
        case .wait(let seconds):
            exchange.notes.set(event: "log-in.throttled")
            throw Problem(
                .tooManyRequests, "login.throttled", "there were too many wrong attempts",
                mend: "wait \(seconds) seconds and try again", retryAfter: max(seconds, 1))
        }
        return try await passwords.run { attempt.check(password) }
    }

    private static let badLink = Refusal(
        code: "setup.bad-link", at: "link", "this link was used, is too old, or never was one",
        mend: "ask an administrator for another")
}
