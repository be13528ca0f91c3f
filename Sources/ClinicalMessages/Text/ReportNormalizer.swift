/// Cleans report text and divides it into sections, the same way every time.
///
/// In order: line ends and control characters, status banners, unwrapping of lines, signatures and attestations,
/// headings. No word of the report itself is changed or moved.
public struct ReportNormalizer: Sendable {
    /// The version of these rules; raised with every change of what they give.
    public static let version = 1

    private let settings: TextSettings
    private let headings: [String: ReportSection.Kind]

    /// Makes a normaliser for a site.
    public init(_ settings: TextSettings = TextSettings()) {
        self.settings = settings
        headings = ReportSection.headings.merging(
            settings.headings.map { (ByteText.string(ByteText.lowered($0.key.utf8)), $0.value) },
            uniquingKeysWith: { $1 })
    }

    /// Cleans and divides the blocks of one report.
    public func normalize(_ blocks: [TextBlock]) -> NormalizedReport {
        var report = NormalizedReport()
        let boilerplate = Boilerplate(settings)
        var parts: [(kind: ReportSection.Kind, lines: [[UInt8]])] = []
        for block in blocks {
            var kind = block.section ?? .other
            let text = settings.markup == .strip ? MarkupText.read(block.text).text : block.text
            let lines = clean(Array(text.utf8), boilerplate, &report)
            let isFixed = block.section == .impression || block.section == .addendum || block.section == .technique
            parts.append((kind, []))
            for line in lines {
                var rest = line
                if let (found, after) = heading(line), !isFixed || found == kind {
                    if found != kind || !(parts.last?.lines.isEmpty ?? true) { parts.append((found, [])) }
                    kind = found
                    rest = after
                    if rest.isEmpty { continue }
                }
                parts[parts.count - 1].lines.append(rest)
            }
        }
        for part in parts {
            let text = Self.paragraphs(part.lines)
            guard !text.isEmpty else { continue }
            if let index = report.sections.firstIndex(where: { $0.kind == part.kind }) {
                report.sections[index].text += "\n\n" + text
            } else {
                report.sections.append(ReportSection(kind: part.kind, text: text))
            }
        }
        return report
    }

    /// Lines without banners, signatures and attestations, unwrapped; blank lines stay.
    private func clean(_ bytes: [UInt8], _ boilerplate: Boilerplate, _ report: inout NormalizedReport) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for raw in ByteText.lines(bytes) {
            let line = tidy(raw, &report)
            if let status = Boilerplate.banner(line) {
                report.banners.append(status)
                lines.append([])
            } else {
                lines.append(line)
            }
        }
        if settings.unwrapsLines {
            let unwrapping = LineUnwrapping(
                beginsSomething: { heading($0) != nil || Self.isSubheading($0) || boilerplate.isBoilerplate($0) },
                isClosed: { boilerplate.isBoilerplate($0) })
            lines = unwrapping.unwrap(lines)
        }
        var kept: [[UInt8]] = []
        var isInList = false
        for line in lines {
            let isListed =
                isInList
                && (line.isEmpty || ByteText.isDigit(line[0]) || line.starts(with: IdentifierRemoval.mark.utf8))
            if boilerplate.isBoilerplate(line) || (isListed && !line.isEmpty) {
                isInList = Boilerplate.headsAccessionList(line)
                report.boilerplateLines += 1
                continue
            }
            isInList = isListed
            kept.append(withoutAttestations(line, boilerplate, &report))
        }
        return kept
    }

    /// A line without control characters, its white space made single spaces, none at its ends.
    private func tidy(_ raw: [UInt8], _ report: inout NormalizedReport) -> [UInt8] {
        var line: [UInt8] = []
        for byte in raw {
            if byte == 0x7F || (byte < 0x20 && !ByteText.isSpace(byte)) {
                report.controlCharacters += 1
            } else if !ByteText.isSpace(byte) {
                line.append(byte)
            } else if line.last != 0x20 {
                line.append(0x20)
            }
        }
        return ByteText.trimmed(line)
    }

    private func withoutAttestations(_ line: [UInt8], _ boilerplate: Boilerplate, _ report: inout NormalizedReport)
        -> [UInt8]
    {
        guard line.count >= 40 else { return line }
        let sentences = ByteText.sentences(line)
        let kept = sentences.filter { !boilerplate.isAttestation($0) }
        guard kept.count < sentences.count else { return line }
        report.attestations += sentences.count - kept.count
        return Array(kept.joined(separator: [0x20]))
    }

    /// The section that a line begins and what follows its heading, or nil.
    ///
    /// A heading is one of the known words before a colon, or alone on its line, and begins with a capital. Of
    /// `INDICATION/CLINICAL QUESTION:` the first part counts.
    private func heading(_ line: [UInt8]) -> (kind: ReportSection.Kind, rest: [UInt8])? {
        guard let first = line.first, ByteText.isUpper(first) else { return nil }
        let colon = line.prefix(60).firstIndex(of: 0x3A)
        let title = line[..<(colon ?? line.count)]
        guard title.count <= 40 else { return nil }
        let name = ByteText.string(ByteText.trimmed(ByteText.lowered(title.prefix { $0 != 0x2F && $0 != 0x28 })[...]))
        guard let kind = headings[name] else { return nil }
        return (kind, colon.map { Array(ByteText.trimmed(line[($0 + 1)...])) } ?? [])
    }

    /// `LUNGS AND PLEURA:` and the like: capitals before a colon.
    private static func isSubheading(_ line: [UInt8]) -> Bool {
        guard let colon = line.prefix(60).firstIndex(of: 0x3A), colon >= 3 else { return false }
        return line[..<colon].allSatisfy { !ByteText.isLower($0) && !ByteText.isDigit($0) }
            && line[..<colon].contains(where: ByteText.isUpper)
    }

    /// Lines as text: blank ones at the ends dropped, several in a row made one.
    private static func paragraphs(_ lines: [[UInt8]]) -> String {
        var output: [[UInt8]] = []
        for line in lines where !line.isEmpty || output.last.map({ !$0.isEmpty }) == true { output.append(line) }
        if output.last?.isEmpty == true { output.removeLast() }
        return ByteText.string(Array(output.joined(separator: [0x0A])))
    }
}
