public import Diagnostics

/// What a screening found, and so whether the text may be shown or exported.
public struct ScreeningResult: Sendable, Equatable {
    /// The state of a text.
    public enum State: String, Sendable, CaseIterable {
        /// No rule found anything. That is no proof that nothing is there.
        case clean
        /// Something was found.
        case suspect
        /// A person looked at what was found and let the text pass; only a store with a matching `Clearance` says so.
        case cleared
    }

    /// The findings in the order of the text, none overlapping another.
    public let findings: [Finding]

    /// Clean or suspect.
    public var state: State { findings.isEmpty ? .clean : .suspect }

    /// Clean, suspect, or cleared by a clearance of this very text under these rules.
    ///
    /// - Parameter digest: the digest of the text that was screened.
    public func state(digest: TextDigest, clearance: Clearance?) -> State {
        guard state == .suspect, let clearance else { return state }
        return clearance.covers(digest) ? .cleared : .suspect
    }

    /// How many findings each class has, in the order of the classes; those without are left out.
    public var counts: [(identifierClass: IdentifierClass, count: Int)] {
        IdentifierClass.allCases.compactMap { kind in
            let count = findings.count { $0.identifierClass == kind }
            return count == 0 ? nil : (kind, count)
        }
    }

    /// The refusal of a suspect text, with kinds, counts and offsets and without a word of it; nil for a clean one.
    ///
    /// - Parameter location: the text's place, such as a file with line and field.
    public func refusal(at location: String) -> Refusal? {
        guard let first = findings.first else { return nil }
        let kinds = counts.map { "\($0.count) \($0.identifierClass.rawValue)" }.joined(separator: ", ")
        return Refusal(
            code: "privacy.suspect", at: location,
            "the text may identify a person: \(kinds), the first at byte \(first.range.lowerBound)",
            mend: "take the identifiers out, or have a person clear the text")
    }
}

/// The SHA-256 of a text's UTF-8 bytes as 64 hexadecimal digits, as `sha256sum` prints it: the name of a text in a store.
public struct TextDigest: Sendable, Equatable, Hashable {
    /// The 64 digits, in lower case.
    public let hex: String

    /// Takes the digits.
    ///
    /// - Throws: `Refusal` unless they are 64 hexadecimal digits in lower case.
    public init(hex: String) throws(Refusal) {
        let isDigest =
            hex.utf8.count == 64 && hex.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isDigest else {
            throw Refusal(
                code: "privacy.digest", at: "text digest",
                "found \(hex.utf8.count) bytes that are no SHA-256; 64 hexadecimal digits in lower case are needed",
                mend: "give what sha256sum prints for the text")
        }
        self.hex = hex
    }
}

/// A person's word that a suspect text may pass; it holds for one text, byte for byte, and one version of the rules.
public struct Clearance: Sendable, Equatable {
    /// The text that was looked at.
    public let digest: TextDigest
    /// The version of the rules that found it suspect, `PrivacyScreener.version`.
    public let screenVersion: Int
    /// The id of the person, never a name.
    public let clearedBy: String
    /// When, in UTC as ISO 8601.
    public let clearedAt: String
    /// Why, in words that quote nothing of the text.
    public let reason: String

    /// Makes a clearance.
    public init(
        digest: TextDigest, screenVersion: Int = PrivacyScreener.version, clearedBy: String, clearedAt: String,
        reason: String
    ) {
        self.digest = digest
        self.screenVersion = screenVersion
        self.clearedBy = clearedBy
        self.clearedAt = clearedAt
        self.reason = reason
    }

    /// Whether it is of this text under the rules in force.
    public func covers(_ digest: TextDigest) -> Bool {
        self.digest == digest && screenVersion == PrivacyScreener.version
    }
}
