/// What stands in a report's text and is no part of it: banners, signatures, accession lists, attestations.
struct Boilerplate {
    private let beginnings: [String]
    private let attestations: [[[UInt8]]]

    /// Beginnings of lines that say who dictated, signed and asked, and when.
    static let usualBeginnings = [
        "dictated by", "dictated and", "dictated date", "dictated on", "report dictated by", "electronically signed",
        "electronically verified", "this document has been electronically signed",
        "this report has been electronically signed", "this report was electronically signed", "signed by",
        "signed date",
        "transcribed by", "transcribed date", "transcriptionist:", "reviewed by:", "approved by", "verified by",
        "finalized by", "read by:", "interpreted by:", "requested by", "ordered by", "ordering physician", "acc#",
        "accession:", "accession number", "accession #", "wsn:", "pending review by", "report status:",
        "attending radiologist:", "resident radiologist:", "attending:", "resident:",
    ]

    /// Sentences by which an attending takes a resident's report over.
    static let usualAttestations = [
        "As the attending physician, I have personally reviewed the images, interpreted or supervised the interpretation"
            + " of the study, and agree with the findings.",
        "I have personally reviewed the images and the resident's interpretation and agree with the findings.",
        "I, the attending radiologist, have reviewed the images and agree with the above report.",
        "The attending radiologist has personally reviewed the images and agrees with the resident's report.",
    ]

    init(_ settings: TextSettings) {
        beginnings = Self.usualBeginnings + settings.boilerplate
        attestations = (Self.usualAttestations + settings.attestations).map {
            ByteText.plainWords($0.utf8).sorted(by: Self.order)
        }
    }

    /// The status that a banner line names, such as `********Preliminary Report********`; nil for any other line.
    ///
    /// A banner is a line of at most six words that has a run of three `*`, `=`, `-`, `_` or `#` about them, or is
    /// nothing but the words of a status and "report".
    static func banner(_ line: [UInt8]) -> ReportStatus? {
        let rules: Set<UInt8> = [0x2A, 0x3D, 0x2D, 0x5F, 0x23]
        let body = ByteText.trimmed(line)
        let words = ByteText.plainWords(body.map { rules.contains($0) ? 0x20 : $0 })
        guard (1...6).contains(words.count) else { return nil }
        let hasRule = body.prefix(3).count == 3 && body.prefix(3).allSatisfy { $0 == body[0] && rules.contains($0) }
        let isBare = words.count == 2 && words[1] == Array("report".utf8) && body.allSatisfy { !ByteText.isLower($0) }
        guard hasRule || isBare else { return nil }
        return ReportStatus(banner: words)
    }

    /// Whether a line says who dictated, signed or asked, and when, or lists accession numbers.
    func isBoilerplate(_ line: [UInt8]) -> Bool {
        let body = ByteText.trimmed(line)
        return beginnings.contains { ByteText.hasPrefix(body, ignoringCase: $0) } || Self.isNameWithDegree(body)
    }

    /// Whether a line heads a list of accession numbers, so that the line after it is part of it.
    static func headsAccessionList(_ line: [UInt8]) -> Bool {
        ByteText.hasPrefix(ByteText.trimmed(line), ignoringCase: "acc#")
    }

    /// A line that is a name of two to five words with a medical degree, and nothing else.
    private static func isNameWithDegree(_ line: [UInt8]) -> Bool {
        let lowered = ByteText.string(ByteText.lowered(line))
        let degrees = [", m.d.", ", md", ", d.o.", ", do", " m.d.", ", mbbs", ", m.b.b.s."]
        guard degrees.contains(where: { lowered.utf8.count > $0.utf8.count && lowered.hasSuffix($0) }) else {
            return false
        }
        let words = ByteText.words(line)
        return (2...5).contains(words.count)
            && words.allSatisfy { word in
                word.first.map { ByteText.isUpper($0) || $0 >= 0x80 } == true && !word.contains(where: ByteText.isDigit)
            }
    }

    /// Whether a sentence is one of the attestations, give or take a quarter of its words (Dice's coefficient).
    func isAttestation(_ sentence: some Collection<UInt8>) -> Bool {
        let words = ByteText.plainWords(sentence).sorted(by: Self.order)
        guard words.count >= 6 else { return false }
        return attestations.contains { 8 * Self.common($0, words) >= 3 * ($0.count + words.count) }
    }

    private static func order(_ a: [UInt8], _ b: [UInt8]) -> Bool { a.lexicographicallyPrecedes(b) }

    /// How many words two sorted lists share, counting repeats.
    private static func common(_ a: [[UInt8]], _ b: [[UInt8]]) -> Int {
        var (i, j, count) = (0, 0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] {
                count += 1
                i += 1
                j += 1
            } else if order(a[i], b[j]) {
                i += 1
            } else {
                j += 1
            }
        }
        return count
    }
}
