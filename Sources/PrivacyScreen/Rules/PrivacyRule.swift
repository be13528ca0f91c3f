/// One rule of the screen: what it finds, under which class, and how far it is trusted.
public struct PrivacyRule: Sendable, Equatable {
    /// The rule's id, such as `name.title`; the part before the point is its family.
    public let id: String
    /// The class of Safe Harbor that its findings fall in.
    public let identifierClass: IdentifierClass
    /// The word that stands for a finding in redacted text.
    public let placeholder: String
    /// How sure it is, 0 to 1; an order of trust, not a probability.
    public let confidence: Double
    /// What it finds, in one clause.
    public let summary: String

    private init(
        _ id: String, _ identifierClass: IdentifierClass, _ placeholder: String, _ confidence: Double,
        _ summary: String
    ) {
        self.id = id
        self.identifierClass = identifierClass
        self.placeholder = placeholder
        self.confidence = confidence
        self.summary = summary
    }

    /// Every rule, by family.
    public static let all: [PrivacyRule] =
        [nameKnown, nameTitle, nameLabel, nameSigned, nameCredential, nameTold, nameGiven, nameSurname, nameInitial]
        + [
            nameCapitals, nameSubject, nameLower, nameLone, dateFull, datePart, dateWeak, ageOver89, phoneLabel,
            phoneShape, fax, email, url,
        ]
        + [ipAddress, socialSecurity, medicalRecord, healthPlan, account, accountShape, license, vehicle, device]
        + [accession, uid, longNumber, address, zip, place, placeCue, placeLone, site, facility]

    static let nameKnown = PrivacyRule("name.known", .name, "NAME", 0.99, "a name that the caller gave for this text")
    static let nameTitle = PrivacyRule(
        "name.title", .name, "NAME", 0.9, "a capitalised name after Dr, Mr, Mrs, Ms, Miss or Professor")
    static let nameLabel = PrivacyRule(
        "name.label", .name, "NAME", 0.9, "what follows a label such as 'Patient:' or 'Referring physician:'")
    static let nameSigned = PrivacyRule(
        "name.signed", .name, "NAME", 0.9, "a name in a signature line, such as after 'Dictated by'")
    static let nameCredential = PrivacyRule(
        "name.credential", .name, "NAME", 0.9, "a name before MD, DO, RN and the like")
    static let nameTold = PrivacyRule(
        "name.told", .name, "NAME", 0.7, "a name after 'discussed with', 'notified' and the like")
    static let nameGiven = PrivacyRule(
        "name.given", .name, "NAME", 0.75, "a common given name, with the capitalised words that follow")
    static let nameSurname = PrivacyRule(
        "name.surname", .name, "NAME", 0.6, "a common surname that no eponym's noun follows")
    static let nameInitial = PrivacyRule(
        "name.initial", .name, "NAME", 0.6, "a capitalised word after an initial, or a name with a middle initial")
    static let nameCapitals = PrivacyRule(
        "name.capitals", .name, "NAME", 0.5, "two capitalised words within a sentence that reports do not use")
    static let nameLone = PrivacyRule("name.lone", .name, "NAME", 0.3, "one capitalised word that reports do not use")
    static let nameSubject = PrivacyRule(
        "name.subject", .name, "NAME", 0.45,
        "an unknown word that begins a sentence and does what people do, such as 'presents' or 'denies'")
    static let nameLower = PrivacyRule(
        "name.lower", .name, "NAME", 0.45, "a common given name in a text without any capital letter")
    static let dateFull = PrivacyRule(
        "date.full", .date, "DATE", 0.95, "a day, month and year, with the time of day beside it")
    static let datePart = PrivacyRule("date.part", .date, "DATE", 0.8, "a month with a year, or a day with a month")
    static let dateWeak = PrivacyRule("date.weak", .date, "DATE", 0.55, "a month, a day of the week or a holiday alone")
    static let ageOver89 = PrivacyRule("date.age", .date, "AGE", 0.9, "an age of 90 or more")
    static let phoneLabel = PrivacyRule(
        "phone.label", .phone, "PHONE", 0.9, "a number after 'phone', 'pager', 'ext.' and the like")
    static let phoneShape = PrivacyRule(
        "phone.shape", .phone, "PHONE", 0.7, "groups of digits in the shape of a telephone number")
    static let fax = PrivacyRule("fax.label", .fax, "FAX", 0.9, "a number beside 'fax'")
    static let email = PrivacyRule("email.shape", .email, "EMAIL", 0.95, "an e-mail address")
    static let url = PrivacyRule("url.shape", .url, "URL", 0.95, "a web address or a domain name")
    static let ipAddress = PrivacyRule("ip.shape", .ipAddress, "IP", 0.9, "an IPv4 or IPv6 address")
    static let socialSecurity = PrivacyRule(
        "ssn.shape", .socialSecurity, "SSN", 0.9, "123-45-6789, or nine digits after 'SSN'")
    static let medicalRecord = PrivacyRule(
        "mrn.label", .medicalRecord, "MRN", 0.95, "a code after 'MRN', 'patient ID' and the like")
    static let healthPlan = PrivacyRule(
        "plan.label", .healthPlan, "PLAN", 0.9, "a code after 'member ID', 'policy number' and the like")
    static let account = PrivacyRule(
        "account.label", .account, "ACCOUNT", 0.9, "a code after 'account', 'card' and the like")
    static let accountShape = PrivacyRule(
        "account.shape", .account, "ACCOUNT", 0.7, "twelve digits or more, or an IBAN")
    static let license = PrivacyRule(
        "license.label", .license, "LICENSE", 0.9, "a code after 'licence', 'NPI', 'DEA' and the like")
    static let vehicle = PrivacyRule("vehicle.label", .vehicle, "VEHICLE", 0.9, "a code after 'VIN' or 'licence plate'")
    static let device = PrivacyRule(
        "device.label", .device, "DEVICE", 0.9, "a code after 'serial number', 'S/N', 'lot' and the like")
    static let accession = PrivacyRule(
        "number.label", .uniqueNumber, "ACCESSION", 0.85,
        "a code after 'accession', 'ACC#', 'order number' and the like")
    static let uid = PrivacyRule("number.uid", .uniqueNumber, "UID", 0.95, "a DICOM UID or a UUID")
    static let longNumber = PrivacyRule(
        "number.long", .uniqueNumber, "NUMBER", 0.6,
        "seven digits or more in a row, or a long code of letters and digits")
    static let address = PrivacyRule("place.address", .geography, "ADDRESS", 0.8, "a street, flat or post-box address")
    static let zip = PrivacyRule("place.zip", .geography, "ZIP", 0.85, "a ZIP or postal code")
    static let place = PrivacyRule("place.city", .geography, "PLACE", 0.7, "a city before a state, or a large city")
    static let placeCue = PrivacyRule(
        "place.cue", .geography, "PLACE", 0.55, "a capitalised word after 'lives in', 'transferred from' and the like")
    static let placeLone = PrivacyRule(
        "place.lone", .geography, "PLACE", 0.35,
        "capitalised words after 'in', 'from', 'at' and the like that reports do not use")
    static let site = PrivacyRule("place.site", .geography, "FACILITY", 0.95, "a facility of the site list")
    static let facility = PrivacyRule(
        "place.facility", .geography, "FACILITY", 0.8,
        "capitalised words before 'Hospital', 'Medical Center' and the like")
}
