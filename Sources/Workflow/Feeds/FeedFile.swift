import ClinicalMessages
import Diagnostics
import PrivacyScreen
import StrictYAML

/// How one sender's reports are read, harvested and asked about: the contents of a feed's YAML file.
struct FeedFile: Sendable {
    /// How messages are read.
    var settings: FeedSettings
    /// What a harvest allows.
    var harvest = HarvestSettings()
    /// What stands before the report in a harvested pair's prompt.
    var instruction = "Write the impression of this radiology report in house style."
    /// The site's facilities, which the privacy screen looks for.
    var sites = SiteList()

    static let largestFile = 256 << 10
    private static let keys = [
        "name", "accession_field", "accession_authority", "accession_system", "patient_authority", "charset", "zone",
        "repetition", "fhir_release", "status_words", "section_suffixes", "headings", "boilerplate", "attestations",
        "wrapped_lines", "markup", "minimum_words", "maximum_words", "maximum_change_percent", "correction_hours",
        "instruction", "sites",
    ]

    /// Reads a file of at most 256 KiB; `sites` is a path beside it.
    ///
    /// - Throws: a refusal of strict YAML with line and column, `feed.unknown-key`, `feed.missing-key`, `feed.zone`.
    static func load(_ path: String) throws(Refusal) -> FeedFile {
        let bytes = try TextFile.readBytes(path, code: "feed", limit: largestFile)
        let root = try YAMLDocument(bytes, named: path, area: "feed").root
        try root.allowOnly(keys, what: "key of a feed")
        var feed = FeedFile(settings: FeedSettings(name: try root.member("name").text()))
        try feed.readMessages(root)
        try feed.readText(root)
        func number(_ key: String, _ range: ClosedRange<Int>) throws(Refusal) -> Int? {
            try root.optionalMember(key)?.integer(in: range)
        }
        if let words = try number("minimum_words", 1...1000) { feed.harvest.minimumWords = words }
        if let words = try number("maximum_words", 1...10_000) { feed.harvest.maximumWords = words }
        if let share = try number("maximum_change_percent", 1...100) {
            feed.harvest.maximumChange = Double(share) / 100
        }
        if let hours = try number("correction_hours", 0...8760) { feed.harvest.correctionHours = Double(hours) }
        if let instruction = try root.optionalMember("instruction")?.text() { feed.instruction = instruction }
        if let sites = try root.optionalMember("sites")?.text() {
            let place = sites.hasPrefix("/") ? sites : path.parentFolder.appendingPath(sites)
            feed.sites = try SiteList.load(path: place)
        }
        return feed
    }

    private mutating func readMessages(_ root: YAMLValue) throws(Refusal) {
        if let value = root.optionalMember("accession_field") {
            settings.accessionField = try value.choice(AccessionField.allCases, what: "accession field")
        }
        settings.accessionAuthority = try root.optionalMember("accession_authority")?.text()
        settings.accessionSystem = try root.optionalMember("accession_system")?.text()
        settings.patientAuthority = try root.optionalMember("patient_authority")?.text()
        if let value = root.optionalMember("fhir_release") {
            settings.fhirRelease = try value.choice(FHIRRelease.allCases, what: "FHIR release")
        }
        if let value = root.optionalMember("charset") {
            guard let charset = HL7Charset(named: try value.text()) else {
                throw value.refusal(
                    "feed.charset", "a character set that is not read here",
                    mend: "take one of " + HL7Charset.allCases.map(\.rawValue).joined(separator: ", "))
            }
            settings.charset = charset
        }
        if let value = root.optionalMember("zone") { settings.zoneOffsetMinutes = try Self.minutes(value) }
        if let value = root.optionalMember("repetition") {
            settings.repetitionIsLineEnd = try value.choice(Repetition.allCases, what: "repetition") == .lineEnd
        }
        if let value = root.optionalMember("status_words") {
            for (word, status) in try value.members() {
                settings.statusWords[word] = try status.choice(ReportStatus.allCases, what: "status")
            }
        }
        if let value = root.optionalMember("section_suffixes") {
            for (suffix, section) in try value.members() {
                settings.sectionSuffixes[suffix] = try section.choice(ReportSection.Kind.allCases, what: "section")
            }
        }
    }

    private mutating func readText(_ root: YAMLValue) throws(Refusal) {
        if let value = root.optionalMember("headings") {
            for (heading, section) in try value.members() {
                settings.text.headings[heading] = try section.choice(ReportSection.Kind.allCases, what: "section")
            }
        }
        settings.text.boilerplate = try Self.texts(root.optionalMember("boilerplate"))
        settings.text.attestations = try Self.texts(root.optionalMember("attestations"))
        if let value = root.optionalMember("wrapped_lines") {
            settings.text.unwrapsLines = try value.choice(WrappedLines.allCases, what: "treatment of lines") == .join
        }
        if let value = root.optionalMember("markup") {
            settings.text.markup = try value.choice([TextSettings.Markup.keep, .strip], what: "treatment of markup")
        }
    }

    private static func texts(_ list: YAMLValue?) throws(Refusal) -> [String] {
        var texts: [String] = []
        for entry in try list?.entries() ?? [] { texts.append(try entry.text()) }
        return texts
    }

    /// Minutes east of UTC of `+01:00`.
    private static func minutes(_ value: YAMLValue) throws(Refusal) -> Int {
        let bytes = Array(try value.text().utf8)
        let digits = [1, 2, 4, 5].compactMap { place -> Int? in
            guard bytes.count == 6, (0x30...0x39).contains(bytes[place]) else { return nil }
            return Int(bytes[place]) - 0x30
        }
        guard digits.count == 4, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            bytes[3] == UInt8(ascii: ":"), digits[0] * 10 + digits[1] <= 14, digits[2] < 6
        else {
            throw value.refusal("feed.zone", "no offset from UTC", mend: "write it like \"+01:00\", in quotes")
        }
        let minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
        return bytes[0] == UInt8(ascii: "-") ? -minutes : minutes
    }

    private enum Repetition: String, CaseIterable {
        case lineEnd = "line-end"
        case keep
    }

    private enum WrappedLines: String, CaseIterable {
        case join
        case keep
    }
}
