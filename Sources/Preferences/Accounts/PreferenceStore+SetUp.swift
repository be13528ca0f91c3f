public import Diagnostics
internal import Foundation
internal import GRDB

extension PreferenceStore {
    /// Makes a one-time link with which an account's owner sets a password; an earlier one of the account ends.
    ///
    /// - Parameters:
    ///   - name: the account's log-in name.
    ///   - lifetimeSeconds: how long it can be used, 60 to 2,592,000; three days unless told otherwise.
    /// - Returns: the token, 43 characters, of which only the SHA-256 is stored, and when it ends.
    /// - Throws: `account.unknown`, `account.disabled`.
    public func makeSetUpLink(
        account name: String, lifetimeSeconds: Int = 259_200
    ) throws(Refusal) -> (token: String, expires: UTCTime) {
        precondition(
            (60...2_592_000).contains(lifetimeSeconds), "a link of \(lifetimeSeconds) s is outside 60...2592000")
        let token = SecretToken()
        let expires = UTCTime(milliseconds: now().milliseconds + Int64(lifetimeSeconds) * 1000)
        try change(name, "make set-up link of") { account, event, database in
            guard !account.isDisabled else {
                throw Refusal(
                    code: "account.disabled", at: "account", "the account is closed", mend: "open it again first")
            }
            try database.execute(
                sql: """
                    INSERT INTO set_up_link VALUES (?, ?, ?) ON CONFLICT (account_id) DO UPDATE
                    SET token_sha256 = excluded.token_sha256, expires_ms = excluded.expires_ms
                    """, arguments: [account.id, token.digest, expires.milliseconds])
            return true
        }
        return (token.text, expires)
    }

    /// Whose link a token is; nil for one that was used, is over, or was never made.
    ///
    /// Changes nothing, so that looking at a link does not use it up.
    public func setUpAccount(token: String) throws(Refusal) -> Account? {
        let moment = now().milliseconds
        return try reading { try Self.linkedAccount(token, at: moment, $0) }
    }

    /// Uses a link up: sets the password, ends the account's sessions, and logs its owner in.
    ///
    /// - Throws: `setup.bad-link` for a link that was used, is over, or was never made.
    public func finishSetUp(
        token: String, password: PasswordHash, limits: SessionLimits = SessionLimits(), address: String?
    ) throws(Refusal) -> NewSession {
        let moment = now()
        var event = auditEvent("set up", "account", "", after: nil)
        event.sourceAddress = address ?? event.sourceAddress
        let made = try writing { database -> NewSession? in
            guard let account = try Self.linkedAccount(token, at: moment.milliseconds, database) else { return nil }
            event.actor = account.reviewer
            event.objectID = account.reviewer
            try Self.endAccess(account.id, database)
            try AccountRows.set(password: password, account: account.id, database)
            try LogInDelay.succeed(name: .name(account.name), address: nil, database)
            event.revision = try AccountRows.nextRevision(account.id, database)
            let made = try Self.makeSession(account.id, limits: limits, at: moment, database)
            event.sessionDigest = made?.session.digest
            try AuditChain.append(event, database)
            return made
        }
        guard let made else {
            throw Refusal(
                code: "setup.bad-link", at: "set-up link", "it was used already, is over, or was never made",
                mend: "ask an administrator for a new one")
        }
        return made
    }

    private static func linkedAccount(_ token: String, at moment: Int64, _ database: Database) throws -> Account? {
        try Row.fetchOne(
            database,
            sql: AccountRows.selection + """
                JOIN set_up_link USING (account_id) WHERE token_sha256 = ? AND expires_ms > ? AND NOT disabled
                """, arguments: [SecretToken.digest(of: token), moment]
        ).flatMap(AccountRows.account)
    }
}
