/// The eighteen classes of identifiers that HIPAA's Safe Harbor method removes, 45 CFR 164.514(b)(2)(i)(A) to (R).
public enum IdentifierClass: String, Sendable, CaseIterable {
    /// (A) Names.
    case name
    /// (B) Geographic subdivisions smaller than a state, such as addresses, cities, ZIP codes and facilities.
    case geography
    /// (C) Elements of dates other than the year, and ages over 89.
    case date
    /// (D) Telephone numbers, pagers included.
    case phone
    /// (E) Fax numbers.
    case fax
    /// (F) E-mail addresses.
    case email
    /// (G) Social security numbers.
    case socialSecurity = "social-security"
    /// (H) Medical record numbers.
    case medicalRecord = "medical-record"
    /// (I) Health plan beneficiary numbers.
    case healthPlan = "health-plan"
    /// (J) Account numbers, payment cards included.
    case account
    /// (K) Certificate and licence numbers.
    case license
    /// (L) Vehicle identifiers, number plates included.
    case vehicle
    /// (M) Device identifiers and serial numbers.
    case device
    /// (N) Web addresses.
    case url
    /// (O) Internet protocol addresses.
    case ipAddress = "ip-address"
    /// (P) Biometric identifiers; not found in text, so never reported.
    case biometric
    /// (Q) Full-face photographs; not found in text, so never reported.
    case photograph
    /// (R) Any other unique number or code, such as accession numbers and DICOM UIDs.
    case uniqueNumber = "unique-number"

    /// Whether text can hold it, and so whether any rule looks for it.
    public var isScreened: Bool { self != .biometric && self != .photograph }
}
