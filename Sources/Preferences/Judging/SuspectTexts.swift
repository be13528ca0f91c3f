public import Diagnostics
internal import GRDB
internal import StrictJSON

/// A text in which identifiers were found and that nobody has cleared; the text itself is not in it.
public struct SuspectText: Sendable, Equatable {
    /// Where a suspect text stands.
    public enum Place: Sendable, Equatable {
        /// In a pair, by its id, as `prompt`, `chosen` or `rejected`.
        case pair(id: String, field: String)
        /// As an answer to be judged, by its number.
        case candidate(Int64)
    }

    /// The text's digest, by which it is cleared.
    public let digest: String
    /// What was found, by kind.
    public let found: [String: Int]
    /// The program that searched.
    public let screener: String
    /// When, RFC 3339.
    public let screened: String
    /// Where the text stands, at most ``placesListed`` places.
    public internal(set) var places: [Place] = []

    /// How many places are listed.
    public static let placesListed = 20
}

extension PreferenceStore {
    /// The texts that are suspect now, in the order in which they were screened.
    public func suspectTexts() throws(Refusal) -> [SuspectText] {
        let path = self.path
        return try reading { database in
            var texts = try Row.fetchAll(
                database,
                sql: """
                    SELECT text_sha256, found, screener, screened_at FROM screening s
                    WHERE state = 'suspect' AND revision =
                        (SELECT max(revision) FROM screening t WHERE t.text_sha256 = s.text_sha256)
                    ORDER BY screening_id
                    """
            ).map { row in
                let kinds = StoredPairs.json(row["found"])?.object?.members ?? []
                return SuspectText(
                    digest: row["text_sha256"],
                    found: Dictionary(kinds.map { ($0.key, $0.value.int ?? 0) }, uniquingKeysWith: +),
                    screener: row["screener"], screened: row["screened_at"])
            }
            guard !texts.isEmpty else { return texts }
            let index = Dictionary(texts.enumerated().map { ($1.digest, $0) }, uniquingKeysWith: { first, _ in first })
            func add(_ place: SuspectText.Place, _ digest: String) {
                guard let number = index[digest], texts[number].places.count < SuspectText.placesListed else { return }
                texts[number].places.append(place)
            }
            try StoredPairs.forEach(database, path: path) { stored in
                for (field, text) in stored.pair.texts { add(.pair(id: stored.pair.id, field: field), text.digest) }
            }
            let candidates = try Row.fetchCursor(
                database, sql: "SELECT candidate_id, sha256 FROM candidate ORDER BY candidate_id")
            while let row = try candidates.next() { add(.candidate(row["candidate_id"]), row["sha256"]) }
            return texts
        }
    }

    /// A suspect text itself, for a person who decides about it; that it was shown is recorded.
    ///
    /// - Throws: `screening.not-suspect` when the text's newest state is another, `screening.no-text` when the store
    ///   holds only its digest.
    public func showSuspect(textDigest: String) throws(Refusal) -> PromptText {
        let event = auditEvent("view", "screening", textDigest, after: nil)
        let path = self.path
        return try writing { database in
            guard try Screenings.isSuspect(textDigest, database) else { throw Screenings.notSuspect(path) }
            var found: PromptText?
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT form, content FROM prompt WHERE sha256 = ?
                    UNION ALL
                    SELECT form, candidate.content FROM candidate JOIN prompt USING (prompt_id)
                    WHERE candidate.sha256 = ?
                    """, arguments: [textDigest, textDigest])
            if let row { found = StoredPairs.text(row["content"], row["form"]) }
            if found == nil {
                try StoredPairs.forEach(database, path: path) { stored in
                    for (_, text) in stored.pair.texts where found == nil && text.digest == textDigest { found = text }
                }
            }
            guard let found else {
                throw Refusal(
                    code: "screening.no-text", at: path, "the store holds this text's digest and not the text",
                    mend: "look at the file that it came from")
            }
            try AuditChain.append(event, database)
            return found
        }
    }
}

extension PreferencePair {
    /// The three texts with their fields' names.
    var texts: [(field: String, text: PromptText)] {
        [("prompt", prompt), ("chosen", chosen), ("rejected", rejected)]
    }
}
