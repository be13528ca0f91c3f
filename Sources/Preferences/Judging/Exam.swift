/// What is known of an examination, without anything that names the patient.
public struct Exam: Sendable, Equatable {
    /// The patient's sex, in FHIR's administrative words.
    public enum Sex: String, Sendable, CaseIterable {
        /// Male.
        case male
        /// Female.
        case female
        /// Another.
        case other
        /// Not known.
        case unknown
    }

    /// A key that stands for the examination.
    public var key: String?
    /// A key that stands for the patient; what the split goes by.
    public var patient: String?
    /// The DICOM modality code, such as `CT`.
    public var modality: String?
    /// The body part examined.
    public var bodyPart: String?
    /// The subspecialty, such as `neuro`.
    public var subspecialty: String?
    /// The procedure's code.
    public var procedureCode: String?
    /// The system of that code, such as `LOINC`.
    public var procedureSystem: String?
    /// The procedure's name.
    public var procedureText: String?
    /// The patient's age in a band; all ages over 89 are one band.
    public var ageBand: String?
    /// The patient's sex.
    public var sex: Sex?
    /// Whether there is an earlier examination to compare with.
    public var hasPrior: Bool?
    /// The year, 1900 to 2199; no finer date is kept.
    public var year: Int?
    /// The site.
    public var site: String?

    /// Makes an examination; all may be unknown.
    public init(
        key: String? = nil, patient: String? = nil, modality: String? = nil, bodyPart: String? = nil,
        subspecialty: String? = nil, procedureCode: String? = nil, procedureSystem: String? = nil,
        procedureText: String? = nil, ageBand: String? = nil, sex: Sex? = nil, hasPrior: Bool? = nil,
        year: Int? = nil, site: String? = nil
    ) {
        self.key = key
        self.patient = patient
        self.modality = modality
        self.bodyPart = bodyPart
        self.subspecialty = subspecialty
        self.procedureCode = procedureCode
        self.procedureSystem = procedureSystem
        self.procedureText = procedureText
        self.ageBand = ageBand
        self.sex = sex
        self.hasPrior = hasPrior
        self.year = year
        self.site = site
    }
}
