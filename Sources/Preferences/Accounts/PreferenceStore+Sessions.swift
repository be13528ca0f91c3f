public import Diagnostics
internal import Foundation
internal import GRDB

extension PreferenceStore {
    /// How long a session's last activity may be younger than the store says, in milliseconds.
    static let touchInterval: Int64 = 60_000

    /// The session that a token opens; nil when it is unknown, over, ended, or of a closed account.
    ///
    /// The moment of activity is written at most once a minute, so that a session may end up to a minute early.
    ///
    /// - Parameters:
    ///   - token: what the cookie holds.
    ///   - isActivity: whether the person did something, so that the idle time begins anew.
    public func session(token: String, isActivity: Bool = true) throws(Refusal) -> Session? {
        let moment = now().milliseconds
        let digest = SecretToken.digest(of: token)
        let found = try reading { database -> (session: Session, seen: Int64)? in
            guard let row = try Self.sessionRow(digest, at: moment, database),
                let session = Self.session(row, token: token, digest: digest)
            else { return nil }
            return (session, row["seen_ms"])
        }
        guard let found else { return nil }
        guard isActivity, moment - found.seen >= Self.touchInterval else { return found.session }
        return try writing { database in
            try database.cachedStatement(sql: "UPDATE session SET seen_ms = ? WHERE token_sha256 = ?")
                .execute(arguments: [moment, digest])
            // It may have been ended between the two transactions.
            return try Self.sessionRow(digest, at: moment, database)
                .flatMap { Self.session($0, token: token, digest: digest) }
        }
    }

    /// Logs out; a token that opens nothing changes nothing.
    public func endSession(token: String) throws(Refusal) {
        try end("token_sha256 = ?", [SecretToken.digest(of: token)])
    }

    /// Ends one session of an account, known by its digest.
    public func endSession(digest: String, of name: String) throws(Refusal) {
        let name = AccountName.folded(name)
        try end(
            "lower(hex(token_sha256)) = ? AND account_id = (SELECT account_id FROM account WHERE name = ?)",
            [digest, name])
    }

    /// Ends every session of an account.
    public func endSessions(of name: String) throws(Refusal) {
        try end("account_id = (SELECT account_id FROM account WHERE name = ?)", [AccountName.folded(name)])
    }

    /// The open sessions of an account, the oldest first.
    public func sessions(
        of name: String
    ) throws(Refusal) -> [(digest: String, created: UTCTime, lastSeen: UTCTime)] {
        let moment = now().milliseconds
        return try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT lower(hex(token_sha256)) AS digest, created_ms, seen_ms FROM session JOIN account USING (account_id)
                    WHERE name = ? AND expires_ms > ? AND seen_ms + idle_ms > ? ORDER BY created_ms, digest
                    """, arguments: [AccountName.folded(name), moment, moment]
            ).map { row in
                (
                    row["digest"], UTCTime(milliseconds: row["created_ms"]), UTCTime(milliseconds: row["seen_ms"])
                )
            }
        }
    }

    private func end(_ condition: String, _ arguments: StatementArguments) throws(Refusal) {
        var event = auditEvent("log out", "account", "", after: nil)
        try writing { database in
            let owners = try String.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT reviewer_key FROM session JOIN account USING (account_id)
                        JOIN reviewer USING (reviewer_id) WHERE \(condition)
                    """, arguments: arguments)
            try database.execute(sql: "DELETE FROM session WHERE \(condition)", arguments: arguments)
            for owner in owners {
                event.objectID = owner
                try AuditChain.append(event, database)
            }
        }
    }

    /// Makes a session with a new token, inside the transaction that proved who it is.
    static func makeSession(
        _ account: Int64, limits: SessionLimits, at moment: UTCTime, _ database: Database
    ) throws -> NewSession? {
        let token = SecretToken()
        try database.execute(
            sql: "DELETE FROM session WHERE expires_ms <= ? OR seen_ms + idle_ms <= ?",
            arguments: [moment.milliseconds, moment.milliseconds])
        try database.execute(
            sql: "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                token.digest, account, moment.milliseconds, moment.milliseconds, limits.idleSeconds * 1000,
                moment.milliseconds + Int64(limits.absoluteSeconds) * 1000,
            ])
        try database.execute(
            sql: "UPDATE account SET last_log_in_at = ? WHERE account_id = ?", arguments: [moment.description, account])
        return try sessionRow(token.digest, at: moment.milliseconds, database)
            .flatMap { session($0, token: token.text, digest: token.digest) }
            .map { NewSession(token: token.text, session: $0) }
    }

    private static func sessionRow(_ digest: Data, at moment: Int64, _ database: Database) throws -> Row? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT session.created_ms, seen_ms, idle_ms, expires_ms, account.*, reviewer_key, credential,
                    subspecialties
                FROM session JOIN account USING (account_id) JOIN reviewer USING (reviewer_id)
                WHERE token_sha256 = ? AND expires_ms > ? AND seen_ms + idle_ms > ? AND NOT disabled
                """)
        return try Row.fetchOne(statement, arguments: [digest, moment, moment])
    }

    private static func session(_ row: Row, token: String, digest: Data) -> Session? {
        guard let account = AccountRows.account(row) else { return nil }
        let (seen, idle): (Int64, Int64) = (row["seen_ms"], row["idle_ms"])
        return Session(
            account: account, digest: ContentDigest.hex([UInt8](digest)),
            csrfToken: SecretToken.derived(from: token, for: "overread csrf v1"),
            created: UTCTime(milliseconds: row["created_ms"]), idleExpires: UTCTime(milliseconds: seen + idle),
            expires: UTCTime(milliseconds: row["expires_ms"]))
    }
}
