/// Turns identifiers into keys, so that none of them leaves the readers as it was sent.
///
/// The caller supplies both functions: a keyed hash (HMAC) under a secret of the site for identifiers, and a plain
/// digest (SHA-256) for recognising bytes that were seen before.
public struct IdentifierKeys: Sendable {
    /// What an identifier names.
    public enum Kind: String, Sendable, CaseIterable {
        /// An exam: the accession number.
        case exam
        /// A patient.
        case patient
        /// A message: its sender with its control id, or a FHIR version.
        case message
        /// A FHIR report resource.
        case report
        /// A person who wrote or signed.
        case person
    }

    /// The key of an identifier within an assigning authority.
    public let key: @Sendable (_ kind: Kind, _ authority: String, _ value: String) -> String
    /// The digest of bytes.
    public let digest: @Sendable (_ bytes: [UInt8]) -> String

    /// Makes keys from the caller's functions.
    public init(
        key: @escaping @Sendable (_ kind: Kind, _ authority: String, _ value: String) -> String,
        digest: @escaping @Sendable (_ bytes: [UInt8]) -> String
    ) {
        self.key = key
        self.digest = digest
    }
}
