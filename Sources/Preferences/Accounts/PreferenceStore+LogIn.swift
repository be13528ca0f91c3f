public import Diagnostics
internal import Foundation
internal import GRDB

extension PreferenceStore {
    /// Begins a log-in: says whether it may be tried, and counts it.
    ///
    /// The three steps are this, ``LogInAttempt/check(_:)`` elsewhere, and ``finishLogIn(_:limits:address:)``.
    ///
    /// - Parameters:
    ///   - name: what was typed.
    ///   - address: where the request came from; nil when all clients share one.
    public func beginLogIn(name: String, address: String?) throws(Refusal) -> LogInStart {
        try beginLogIn(name: name, address: address, cost: .current)
    }

    func beginLogIn(name: String, address: String?, cost: PasswordHash.Cost) throws(Refusal) -> LogInStart {
        let moment = now().milliseconds
        let subjects = [.name(name)] + (address.map { [LogInDelay.Subject.address($0)] } ?? [])
        return try writing { database in
            let seconds = try LogInDelay.begin(subjects, at: moment, database)
            guard seconds == 0 else { return .wait(seconds: seconds) }
            let row = try AccountRows.row(named: name, database)
            let account = row.flatMap(AccountRows.account)
            let isOpen = account.map { !$0.isDisabled } ?? false
            return .attempt(
                LogInAttempt(
                    name: AccountName.folded(name), account: isOpen ? account?.id : nil,
                    stored: isOpen ? row.flatMap(AccountRows.password) : nil, cost: cost))
        }
    }

    /// Ends a log-in with a new session, or refuses it in the same words whatever was wrong.
    ///
    /// - Throws: `login.refused`.
    public func finishLogIn(
        _ checked: CheckedLogIn, limits: SessionLimits = SessionLimits(), address: String?
    ) throws(Refusal) -> NewSession {
        try finish(checked, replacing: nil, action: "log in", limits, address)
    }

    /// Sets another password after the old one was checked; ends every session of the account and gives a new one.
    ///
    /// - Throws: `login.refused` when the old password was wrong.
    public func changePassword(
        _ checked: CheckedLogIn, to password: PasswordHash, limits: SessionLimits = SessionLimits(), address: String?
    ) throws(Refusal) -> NewSession {
        try finish(checked, replacing: password, action: "change password of", limits, address)
    }

    private func finish(
        _ checked: CheckedLogIn, replacing password: PasswordHash?, action: String, _ limits: SessionLimits,
        _ address: String?
    ) throws(Refusal) -> NewSession {
        let moment = now()
        var event = auditEvent(action, "account", "", after: nil)
        event.sourceAddress = address ?? event.sourceAddress
        let made = try writing { database -> NewSession? in
            // The account is read again: it may have been closed, or its password changed, in the meantime.
            let row = try checked.attempt.account.flatMap { try AccountRows.row(id: $0, database) }
            guard let row, let account = AccountRows.account(row) else {
                event.action += " (refused)"
                event.objectID = "unknown"
                try AuditChain.append(event, database)
                return nil
            }
            event.objectID = account.reviewer
            guard checked.isRight, !account.isDisabled, AccountRows.password(row) == checked.attempt.stored else {
                event.action += " (refused)"
                try AuditChain.append(event, database)
                return nil
            }
            event.actor = account.reviewer
            try LogInDelay.succeed(
                name: .name(checked.attempt.name), address: address.map { .address($0) }, database)
            if password != nil { try Self.endAccess(account.id, database) }
            if let newest = password ?? checked.renewed {
                try AccountRows.set(password: newest, account: account.id, database)
                event.revision = try AccountRows.nextRevision(account.id, database)
            }
            let made = try Self.makeSession(account.id, limits: limits, at: moment, database)
            event.sessionDigest = made?.session.digest
            try AuditChain.append(event, database)
            return made
        }
        guard let made else {
            throw Refusal(
                code: "login.refused", at: "log-in", "the name or the password is wrong, or the account is closed",
                mend: "try again, or ask an administrator for a new link")
        }
        return made
    }
}
