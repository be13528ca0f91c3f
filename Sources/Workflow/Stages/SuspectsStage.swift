public import Diagnostics
import Preferences
import StrictJSON

/// Texts in which identifiers were found: lists them without their words, shows one, clears one on a person's word.
public enum SuspectsStage {
    /// Lists the suspect texts of a store: digest, what was found, where it stands; no text.
    public static func list(store path: String) throws(Refusal) -> StageResult {
        let texts = try StoreFile.open(path).suspectTexts()
        var lines = texts.map { text in
            "\(text.digest.prefix(digits))  \(kinds(text))  \(text.places.map(words).joined(separator: ", "))"
        }
        lines.append("\(path): \(counted(texts.count, "suspect text")).")
        return StageResult(
            [
                "store": .string(path),
                "suspects": .array(
                    texts.map { text in
                        [
                            "digest": .string(text.digest),
                            "found": .object(
                                JSONObject(
                                    sorted(text).map { JSONObject.Member($0.key, .number(JSONNumber($0.value))) })),
                            "screener": .string(text.screener), "screened": .string(text.screened),
                            "places": .array(text.places.map { .string(words($0)) }),
                        ]
                    }),
            ], text: lines.joined(separator: "\n"))
    }

    /// Lets suspect texts pass on a person's word, each with an audit event.
    ///
    /// - Parameters:
    ///   - wanted: the beginning of a text's digest, eight digits or more, or a pair's id, which stands for its suspect
    ///     texts.
    ///   - person: the key of who answers for it; registered where it is new.
    ///   - reason: why it may pass.
    /// - Throws: `suspects.unknown`, `suspects.ambiguous`, or a refusal of the store.
    public static func clear(
        _ wanted: String, store path: String, by person: String, reason: String
    ) throws(Refusal) -> StageResult {
        let store = try StoreFile.open(path)
        let chosen = try find(wanted, in: store, path)
        if !(try store.reviewers().contains { $0.reviewer.key.utf8.elementsEqual(person.utf8) }) {
            try store.register(Reviewer(key: person, credential: .other))
        }
        for text in chosen { try store.clear(textDigest: text.digest, by: person, reason: reason) }
        let left = try store.suspectTexts().count
        return StageResult(
            [
                "store": .string(path), "cleared": .array(chosen.map { .string($0.digest) }), "by": .string(person),
                "left": .number(JSONNumber(left)),
            ],
            text: chosen.map { "\($0.digest.prefix(digits)) cleared (\(kinds($0)))." }.joined(separator: "\n")
                + "\n\(path): \(counted(left, "suspect text")) left.")
    }

    /// The words of a suspect text, for a terminal; that they were shown becomes an audit event.
    ///
    /// Control characters, which could command the terminal, are shown as `\u{FFFD}`.
    public static func show(_ wanted: String, store path: String) throws(Refusal) -> String {
        let store = try StoreFile.open(path)
        return try find(wanted, in: store, path).map { text throws(Refusal) in
            let shown = try store.showSuspect(textDigest: text.digest).plainText
            let plain = shown.unicodeScalars.map { scalar -> Unicode.Scalar in
                let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
                return isControl || scalar.properties.generalCategory == .format ? "\u{FFFD}" : scalar
            }
            return "\(text.digest.prefix(digits))  \(kinds(text))\n\n" + String(String.UnicodeScalarView(plain))
        }.joined(separator: "\n\n")
    }

    private static let digits = 12

    private static func find(
        _ wanted: String, in store: PreferenceStore, _ path: String
    ) throws(Refusal) -> [SuspectText] {
        let texts = try store.suspectTexts()
        let byDigest = wanted.utf8.count >= 8 ? texts.filter { $0.digest.utf8.starts(with: wanted.utf8) } : []
        guard byDigest.count < 2 else {
            throw Refusal(
                code: "suspects.ambiguous", at: path, "\(byDigest.count) suspect texts have digests that begin so",
                mend: "give more digits")
        }
        let ofPair = texts.filter { text in
            text.places.contains { place in
                if case .pair(let id, _) = place { id.utf8.elementsEqual(wanted.utf8) } else { false }
            }
        }
        let found = byDigest.isEmpty ? ofPair : byDigest
        guard !found.isEmpty else {
            throw Refusal(
                code: "suspects.unknown", at: path, "no suspect text has this digest or stands in a pair of this id",
                mend: "see overread suspects list")
        }
        return found
    }

    private static func sorted(_ text: SuspectText) -> [(key: String, value: Int)] {
        text.found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private static func kinds(_ text: SuspectText) -> String {
        sorted(text).map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    private static func words(_ place: SuspectText.Place) -> String {
        switch place {
        case .pair(let id, let field): "\(field) of \(id)"
        case .candidate(let number): "answer \(number)"
        }
    }
}
