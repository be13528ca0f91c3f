internal import Diagnostics
internal import Foundation
internal import GRDB
internal import StrictJSON

/// Accounts between rows and values.
enum AccountRows {
    static let selection = """
        SELECT account.*, reviewer_key, credential, subspecialties FROM account JOIN reviewer USING (reviewer_id)

        """

    static func account(_ row: Row) -> Account? {
        guard let role = Account.Role(rawValue: row["role"]), let created = UTCTime(row["created_at"]) else {
            return nil
        }
        return Account(
            id: row["account_id"], name: row["name"], displayName: row["display_name"], role: role,
            reviewer: row["reviewer_key"], credential: Reviewer.Credential(rawValue: row["credential"]) ?? .other,
            subspecialties: StoredPairs.json(row["subspecialties"])?.array?.compactMap(\.string) ?? [],
            isDisabled: row["disabled"], hasPassword: (row["password_key"] as Data?) != nil, created: created,
            lastLogIn: (row["last_log_in_at"] as String?).flatMap { UTCTime($0) })
    }

    static func row(named name: String, _ database: Database) throws -> Row? {
        try Row.fetchOne(
            database.cachedStatement(sql: selection + "WHERE name = ?"), arguments: [AccountName.folded(name)])
    }

    static func row(id: Int64, _ database: Database) throws -> Row? {
        try Row.fetchOne(database.cachedStatement(sql: selection + "WHERE account_id = ?"), arguments: [id])
    }

    /// The account with a name.
    ///
    /// - Throws: `account.unknown`.
    static func account(named name: String, _ database: Database) throws -> Account {
        guard let account = try row(named: name, database).flatMap(account) else {
            throw Refusal(
                code: "account.unknown", at: "account", "no account has this name", mend: "see the list of accounts")
        }
        return account
    }

    static func password(_ row: Row) -> PasswordHash? {
        guard let key = row["password_key"] as Data?, let salt = row["password_salt"] as Data? else { return nil }
        return PasswordHash(
            key: [UInt8](key), salt: [UInt8](salt),
            cost: PasswordHash.Cost(
                rounds: row["cost_rounds"], blockSize: row["cost_block_size"], parallelism: row["cost_parallelism"]))
    }

    static func set(password: PasswordHash, account: Int64, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE account SET password_key = ?, password_salt = ?, cost_rounds = ?, cost_block_size = ?,
                    cost_parallelism = ? WHERE account_id = ?
                """,
            arguments: [
                Data(password.key), Data(password.salt), password.cost.rounds, password.cost.blockSize,
                password.cost.parallelism, account,
            ])
    }

    /// Counts a change of an account; gives its revision, for the audit chain.
    static func nextRevision(_ account: Int64, _ database: Database) throws -> Int64 {
        try database.execute(
            sql: "UPDATE account SET revision = revision + 1 WHERE account_id = ?", arguments: [account])
        return try Int64.fetchOne(
            database, sql: "SELECT revision FROM account WHERE account_id = ?", arguments: [account]) ?? 1
    }
}

/// The rule for log-in names, and their one spelling.
enum AccountName {
    /// Upper case letters of ASCII count as lower case, and white space around the name as nothing.
    static func folded(_ name: String) -> String { name.trimmedOfBlank.lowercased() }

    /// The name as it is kept.
    ///
    /// - Throws: `account.bad-name`.
    static func checked(_ name: String) throws(Refusal) -> String {
        let folded = folded(name)
        let allowed = folded.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || [0x2E, 0x5F, 0x2D, 0x40].contains(byte)
        }
        guard allowed, (2...64).contains(folded.utf8.count) else {
            throw Refusal(
                code: "account.bad-name", at: "account",
                "a log-in name has 2 to 64 of the characters a-z, 0-9, '.', '_', '-' and '@'", mend: "choose another")
        }
        return folded
    }
}
