import ClinicalMessages
import Diagnostics
import Preferences

/// The exams that new report versions belong to, agreed with what the store knows of them.
struct ExamsOfVersions {
    /// The reason of a version that names neither an accession number nor a report.
    static let noAccession = "no accession number"
    /// Versions that can be kept, each with its exam; one with several accession numbers stands under each.
    private(set) var usable: [(version: ClinicalMessages.ReportVersion, exam: Exam)] = []
    /// Versions that cannot, by reason.
    private(set) var notKept: [String: Int] = [:]
    private let versions: [ClinicalMessages.ReportVersion]
    private let store: PreferenceStore?
    private var exams: [String: Exam] = [:]
    private var stored: [String: [Preferences.ReportVersion]] = [:]
    private var order: [String] = []

    init(_ versions: [ClinicalMessages.ReportVersion], store: PreferenceStore?) {
        self.versions = versions
        self.store = store
    }

    /// What is known of an exam.
    func exam(_ key: String) -> Exam { exams[key] ?? Exam(key: key) }

    /// Finds each version's exam.
    mutating func settle() throws(Refusal) {
        var examOfReport: [String: String] = [:]
        for version in versions {
            if let report = version.reportKey, let exam = version.examKeys.first { examOfReport[report] = exam }
        }
        for version in versions {
            let keys =
                version.examKeys.isEmpty
                ? [version.reportKey.map { examOfReport[$0] ?? $0 }].compactMap { $0 } : version.examKeys
            if keys.isEmpty { notKept[Self.noAccession, default: 0] += 1 }
            for key in keys { try add(version, under: key) }
        }
    }

    private mutating func add(_ version: ClinicalMessages.ReportVersion, under key: String) throws(Refusal) {
        if exams[key] == nil {
            let known = try store?.reportVersions(ofExam: key).map(\.version) ?? []
            stored[key] = known
            order.append(key)
            exams[key] = known.first?.exam ?? described(key)
        }
        let exam = exam(key)
        guard exam.patient == nil || version.patientKey == nil || exam.patient == version.patientKey else {
            notKept["another patient than the exam's", default: 0] += 1
            return
        }
        usable.append((version, exam))
    }

    /// An exam that the store does not know, as the first versions that say something describe it.
    private func described(_ key: String) -> Exam {
        let own = versions.filter { $0.examKeys.contains(key) || $0.reportKey == key }
        return Exam(
            key: key, patient: own.compactMap(\.patientKey).first, modality: own.compactMap(\.modality).first,
            procedureCode: Self.name(own.map(\.procedure.code)),
            procedureSystem: Self.name(own.map(\.procedure.system)),
            procedureText: Self.name(own.map(\.procedure.text)))
    }

    private static func name(_ texts: [String]) -> String? {
        texts.first { text in
            !text.isEmpty && text.utf8.count <= 256 && text.unicodeScalars.allSatisfy { $0.value >= 0x20 }
        }
    }

    /// How many of the usable versions the store has already.
    var storedCount: Int {
        usable.count { one in
            (stored[one.exam.key ?? ""] ?? []).contains { $0.rawSHA256 == one.version.sourceDigest }
        }
    }

    /// Every version of these exams: what the store has that did not come in now, then what did.
    func withStored(feed: String) throws(Refusal) -> [ClinicalMessages.ReportVersion] {
        let fresh = Set(versions.map(\.sourceDigest))
        var all: [ClinicalMessages.ReportVersion] = []
        for key in order {
            for value in stored[key] ?? [] where !fresh.contains(value.rawSHA256) {
                all.append(StoredVersion.version(of: value, feed: feed))
            }
        }
        return all + versions
    }
}
