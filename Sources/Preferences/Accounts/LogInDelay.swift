internal import Crypto
internal import Foundation
internal import GRDB

/// How long somebody has to wait before the next log-in is looked at.
///
/// Each attempt counts as failed until it succeeds, so that attempts at the same time do not slip through. After the
/// free ones the wait doubles with each, up to a ceiling; after a day without any it is forgotten. Only the beginning of
/// a hash stands for a name, since people type passwords into the field of the name.
enum LogInDelay {
    /// One thing that attempts are counted by.
    struct Subject: Sendable, Equatable {
        let kind: String
        let key: Data
        let freeAttempts: Int
        let mostSeconds: Int64

        /// Attempts at one account, wherever they come from.
        static func name(_ name: String) -> Subject {
            Subject(kind: "name", key: key(AccountName.folded(name)), freeAttempts: 4, mostSeconds: 900)
        }

        /// Attempts from one address, at whatever account; colleagues behind one proxy share it.
        static func address(_ address: String) -> Subject {
            Subject(kind: "address", key: key(address), freeAttempts: 60, mostSeconds: 300)
        }

        private static func key(_ text: String) -> Data { Data(SHA256.hash(data: Array(text.utf8)).prefix(4)) }

        /// The wait after a number of attempts that failed in a row: 1, 2, 4, … seconds after the free ones.
        func waitMilliseconds(failures: Int) -> Int64 {
            guard failures > freeAttempts else { return 0 }
            return min(mostSeconds, Int64(1) << min(failures - freeAttempts - 1, 30)) * 1000
        }
    }

    static let forgottenAfter: Int64 = 86_400_000

    /// The seconds to wait, rounded up; 0 when an attempt may be made, which is then counted.
    static func begin(_ subjects: [Subject], at moment: Int64, _ database: Database) throws -> Int {
        try database.execute(
            sql: "DELETE FROM log_in_delay WHERE last_ms <= ?", arguments: [moment - forgottenAfter])
        var failures: [Int] = []
        var wait: Int64 = 0
        for subject in subjects {
            let row = try Row.fetchOne(
                database, sql: "SELECT failures, blocked_until_ms FROM log_in_delay WHERE kind = ? AND subject = ?",
                arguments: [subject.kind, subject.key])
            failures.append(row?["failures"] ?? 0)
            wait = max(wait, (row?["blocked_until_ms"] ?? 0) - moment)
        }
        guard wait <= 0 else { return Int((wait + 999) / 1000) }
        for (subject, count) in zip(subjects, failures) {
            try database.execute(
                sql: """
                    INSERT INTO log_in_delay VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, subject) DO UPDATE
                    SET failures = excluded.failures, last_ms = excluded.last_ms,
                        blocked_until_ms = excluded.blocked_until_ms
                    """,
                arguments: [
                    subject.kind, subject.key, count + 1, moment,
                    moment + subject.waitMilliseconds(failures: count + 1),
                ])
        }
        return 0
    }

    /// Takes a successful attempt back: the account's count begins anew, the address's loses this attempt.
    static func succeed(name: Subject, address: Subject?, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM log_in_delay WHERE kind = ? AND subject = ?", arguments: [name.kind, name.key])
        guard let address else { return }
        try database.execute(
            sql: """
                UPDATE log_in_delay SET failures = max(0, failures - 1), blocked_until_ms = 0
                WHERE kind = ? AND subject = ?
                """, arguments: [address.kind, address.key])
    }
}
