public import Diagnostics
import Preferences
import StrictJSON

/// The people who may log in to the review page; passwords are theirs to set, and no command takes one.
public enum ReviewerStage {
    /// Makes an account and the one-time link with which its owner sets a password.
    ///
    /// The store is made when it is not there.
    ///
    /// - Throws: `reviewer.unknown-role`, `reviewer.unknown-credential`, `account.exists`, `account.bad-name`.
    public static func add(
        store path: String, name: String, displayName: String?, role: String, credential: String,
        subspecialties: [String], events: StageEvents
    ) throws(Refusal) -> StageResult {
        guard let role = Account.Role(rawValue: role) else {
            throw unknown("role", "--role", Account.Role.allCases.map(\.rawValue))
        }
        guard let credential = Reviewer.Credential(rawValue: credential) else {
            throw unknown("credential", "--credential", Reviewer.Credential.allCases.map(\.rawValue))
        }
        let store = try PreferenceStore(at: path)
        let account = try store.createAccount(
            name: name, displayName: displayName ?? name, role: role, credential: credential,
            subspecialties: subspecialties)
        return try link(store, path, account.name)
    }

    /// Makes a new one-time link for an account; an earlier one ends.
    public static func link(store path: String, name: String, events: StageEvents) throws(Refusal) -> StageResult {
        try link(StoreFile.open(path), path, name)
    }

    /// Closes an account, which ends its sessions, or opens it again.
    public static func setDisabled(
        _ isDisabled: Bool, store path: String, name: String, events: StageEvents
    ) throws(Refusal) -> StageResult {
        try StoreFile.open(path).setDisabled(isDisabled, account: name)
        return StageResult(
            ["store": .string(path), "account": .string(name), "active": .bool(!isDisabled)],
            text: "\(path): the account is \(isDisabled ? "closed; its sessions have ended" : "open").")
    }

    /// Lists the accounts.
    public static func list(store path: String, events: StageEvents) throws(Refusal) -> StageResult {
        let accounts = try StoreFile.open(path).accounts()
        let lines = accounts.map { account in
            let fields = account.subspecialties.isEmpty ? "" : " (\(account.subspecialties.joined(separator: ", ")))"
            let state = account.isDisabled ? "closed" : account.hasPassword ? "open" : "has not used the link"
            let last = account.lastLogIn.map { ", last log-in \($0)" } ?? ""
            return "\(account.name): \(account.role.rawValue), \(account.credential.rawValue)\(fields), reads as "
                + "\(account.reviewer), \(state)\(last)"
        }
        let values = accounts.map { account -> JSONValue in
            [
                "name": .string(account.name), "display_name": .string(account.displayName),
                "role": .string(account.role.rawValue), "credential": .string(account.credential.rawValue),
                "subspecialties": .array(account.subspecialties.map { .string($0) }),
                "reviewer": .string(account.reviewer), "active": .bool(!account.isDisabled),
                "has_password": .bool(account.hasPassword),
                "last_log_in_at": account.lastLogIn.map { .string($0.description) } ?? .null,
            ]
        }
        return StageResult(
            ["store": .string(path), "accounts": .array(values)],
            text: lines.isEmpty ? "\(path): no account yet." : lines.joined(separator: "\n"))
    }

    private static func link(_ store: PreferenceStore, _ path: String, _ name: String) throws(Refusal) -> StageResult {
        let (token, expires) = try store.makeSetUpLink(account: name)
        return StageResult(
            [
                "store": .string(path), "account": .string(name), "link": .string("/setup?token=\(token)"),
                "expires_at": .string(expires.description),
            ],
            text: """
                /setup?token=\(token)
                Put the review page's address before it and give it to this person, and to nobody else. It works once, \
                until \(expires).
                """)
    }

    private static func unknown(_ what: String, _ option: String, _ allowed: [String]) -> Refusal {
        Refusal(
            code: "reviewer.unknown-\(what)", at: option, "the \(what) is none of \(allowed.joined(separator: ", "))",
            mend: "take one of them")
    }
}
