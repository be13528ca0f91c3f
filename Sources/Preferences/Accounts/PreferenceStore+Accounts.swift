public import Diagnostics
internal import GRDB
internal import StrictJSON

extension PreferenceStore {
    /// Whether anybody may log in at all; a store without accounts wants its first administrator.
    public func hasAccounts() throws(Refusal) -> Bool {
        try reading { try Row.fetchOne($0, sql: "SELECT 1 FROM account LIMIT 1") != nil }
    }

    /// Every account, in the order in which they were made.
    public func accounts() throws(Refusal) -> [Account] {
        try reading { database in
            try Row.fetchAll(database, sql: AccountRows.selection + "ORDER BY account_id")
                .compactMap(AccountRows.account)
        }
    }

    /// The account with a log-in name; nil when there is none.
    public func account(named name: String) throws(Refusal) -> Account? {
        try reading { try AccountRows.row(named: name, $0).flatMap(AccountRows.account) }
    }

    /// Makes an account without a password, and its reader under a key that says nothing of the person.
    ///
    /// - Parameters:
    ///   - name: the log-in name: 2 to 64 of `a-z 0-9 . _ - @`, upper case folded.
    ///   - displayName: what colleagues see, 1 to 256 bytes.
    ///   - role: what the account may do.
    ///   - credential: what the reader is.
    ///   - subspecialties: the reader's fields, such as `neuro`.
    /// - Throws: `account.exists`, `account.bad-name`, `store.bad-key`.
    public func createAccount(
        name: String, displayName: String, role: Account.Role, credential: Reviewer.Credential = .other,
        subspecialties: [String] = []
    ) throws(Refusal) -> Account {
        let name = try AccountName.checked(name)
        try StoreKey.check(displayName, "display name")
        for field in subspecialties { try StoreKey.check(field, "subspecialty") }
        let key = "r-" + String(SecretToken().digest.prefix(5).map { ContentDigest.hex([$0]) }.joined())
        let registered = auditEvent("register", "reviewer", key, after: nil)
        var created = auditEvent("create", "account", key, after: nil)
        return try writing { database in
            guard try AccountRows.row(named: name, database) == nil else {
                throw Refusal(
                    code: "account.exists", at: "account", "an account with this name is there", mend: "choose another")
            }
            try database.execute(
                sql: """
                    INSERT INTO reviewer (reviewer_key, credential, subspecialties, registered_at) VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    key, credential.rawValue,
                    JSONValue.array(subspecialties.map { .string($0) }).serialized(), created.at,
                ])
            try database.execute(
                sql: """
                    INSERT INTO account (name, display_name, role, reviewer_id, revision, created_at)
                    VALUES (?, ?, ?, ?, 1, ?)
                    """, arguments: [name, displayName, role.rawValue, database.lastInsertedRowID, created.at])
            var digest = ContentDigest("overread account v1")
            for field in [name, displayName, role.rawValue] { digest.add(field) }
            created.after = digest.finishedHex()
            try AuditChain.append(registered, database)
            try AuditChain.append(created, database)
            return try AccountRows.account(named: name, database)
        }
    }

    /// Closes an account, which ends its sessions, set-up link and leases, or opens it again.
    ///
    /// - Throws: `account.unknown`; `account.last-administrator` for the last one who could undo it.
    public func setDisabled(_ isDisabled: Bool, account name: String) throws(Refusal) {
        try change(name, isDisabled ? "disable" : "enable") { account, event, database in
            guard account.isDisabled != isDisabled else { return false }
            if isDisabled { try requireAnotherAdministrator(than: account, database) }
            try database.execute(
                sql: "UPDATE account SET disabled = ? WHERE account_id = ?", arguments: [isDisabled, account.id])
            let reader = try reviewerID(account.reviewer, database, mustBeActive: false)
            let newest = try Int64.fetchOne(
                database, sql: "SELECT max(revision) FROM reviewer_status WHERE reviewer_id = ?", arguments: [reader])
            try database.execute(
                sql: "INSERT INTO reviewer_status VALUES (?, ?, ?, ?)",
                arguments: [reader, 1 + (newest ?? 0), !isDisabled, event.at])
            guard isDisabled else { return true }
            try Self.endAccess(account.id, database)
            try JudgingQueue.release(reader: reader, database)
            try CorrectionQueue.release(reader: reader, database)
            return true
        }
    }

    /// Gives an account another role, and ends its sessions.
    ///
    /// - Throws: `account.unknown`, `account.last-administrator`.
    public func setRole(_ role: Account.Role, account name: String) throws(Refusal) {
        try change(name, "set role of") { account, event, database in
            guard account.role != role else { return false }
            if role < .administrator { try requireAnotherAdministrator(than: account, database) }
            try database.execute(
                sql: "UPDATE account SET role = ? WHERE account_id = ?", arguments: [role.rawValue, account.id])
            try database.execute(sql: "DELETE FROM session WHERE account_id = ?", arguments: [account.id])
            event.before = ContentDigest.sha256(Array(account.role.rawValue.utf8))
            event.after = ContentDigest.sha256(Array(role.rawValue.utf8))
            return true
        }
    }

    /// Changes an account, with one event in the audit chain when the body says that something changed.
    func change(
        _ name: String, _ action: String,
        _ body: (_ account: Account, _ event: inout AuditEvent, Database) throws -> Bool
    ) throws(Refusal) {
        var event = auditEvent(action, "account", "", after: nil)
        try writing { database in
            let account = try AccountRows.account(named: name, database)
            event.objectID = account.reviewer
            guard try body(account, &event, database) else { return }
            event.revision = try AccountRows.nextRevision(account.id, database)
            try AuditChain.append(event, database)
        }
    }

    /// Ends whatever lets an account's owner in without a password.
    static func endAccess(_ account: Int64, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM session WHERE account_id = ?", arguments: [account])
        try database.execute(sql: "DELETE FROM set_up_link WHERE account_id = ?", arguments: [account])
    }

    private func requireAnotherAdministrator(than account: Account, _ database: Database) throws {
        guard account.role == .administrator, !account.isDisabled else { return }
        let other = try Row.fetchOne(
            database,
            sql: """
                SELECT 1 FROM account
                WHERE role = 'administrator' AND NOT disabled AND password_key IS NOT NULL AND account_id <> ? LIMIT 1
                """, arguments: [account.id])
        guard other == nil else { return }
        throw Refusal(
            code: "account.last-administrator", at: "account",
            "no other administrator could log in, and nobody could undo this", mend: "make another administrator first")
    }
}
