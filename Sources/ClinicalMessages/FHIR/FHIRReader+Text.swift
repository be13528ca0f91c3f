internal import Diagnostics
internal import StrictJSON

extension FHIRReader {
    /// A report's text and what was left out of it.
    struct ReportText {
        var blocks: [TextBlock] = []
        var skipped: [String: Int] = [:]
    }

    /// The text by order of preference: plain text, HTML, the narrative, result Observations.
    ///
    /// The first that has an impression is taken, else the first that has any text. `conclusion` stands in for an
    /// impression that none of them has.
    func text(
        _ resource: FHIRResource, _ resources: FHIRResources, at place: String, _ reading: inout FHIRReading
    ) throws(Refusal) -> ReportText {
        let json = resource.json
        var text = ReportText()
        var sources: [[TextBlock]] = []
        let forms = try presentedForms(json, at: place, &text, &reading)
        for rank in [0, 1] {
            let chosen = forms.filter { $0.rank == rank }.map(\.text)
            if !chosen.isEmpty { sources.append([TextBlock(section: nil, text: chosen.joined(separator: "\n\n"))]) }
        }
        if let div = json["text"]?["div"]?.string, json["text"]?["status"]?.string != "empty" {
            sources.append([TextBlock(section: nil, text: markup(div, at: "\(place).text.div", &reading))])
        }
        var unresolved: Refusal?
        let observed = try observations(resource, resources, at: place, &unresolved, &reading)
        if !observed.isEmpty { sources.append(observed) }
        sources = sources.filter { !$0.allSatisfy { $0.text.utf8.allSatisfy(ByteText.isSpace) } }
        let normalizer = ReportNormalizer(settings.text)
        text.blocks = sources.first { normalizer.normalize($0).text(of: .impression) != nil } ?? sources.first ?? []
        if let conclusion = json["conclusion"]?.string, !conclusion.utf8.allSatisfy(ByteText.isSpace),
            normalizer.normalize(text.blocks).text(of: .impression) == nil
        {
            text.blocks.append(TextBlock(section: .impression, text: conclusion))
        }
        guard text.blocks.isEmpty else { return text }
        if let unresolved { throw unresolved }
        if !text.skipped.isEmpty {
            throw Refusal(
                code: "fhir.no-text", at: "\(place).presentedForm",
                "no form of the report is text (\(text.skipped.keys.sorted().joined(separator: ", ")))",
                mend: "have the server present the report as text/plain as well")
        }
        reading.notices.append(ReadingNotice("fhir.no-text", at: place, "the report has a status and no text"))
        return text
    }

    private func presentedForms(
        _ json: JSONValue, at place: String, _ text: inout ReportText, _ reading: inout FHIRReading
    ) throws(Refusal) -> [(rank: Int, text: String)] {
        var forms: [(rank: Int, text: String)] = []
        for (index, form) in (json["presentedForm"]?.array ?? []).enumerated() {
            let path = "\(place).presentedForm[\(index)]"
            let parts = ByteText.split(Array((form["contentType"]?.string ?? "").utf8)[...], at: 0x3B).map {
                ByteText.string(ByteText.lowered(ByteText.trimmed($0)))
            }
            let type = parts.first ?? ""
            let isPlain = type == "text/plain"
            let isMarkup = ["text/html", "application/xhtml", "application/xhtml+xml"].contains(type)
            guard let data = form["data"]?.string else {
                let isLink = form["url"] != nil
                text.skipped[isLink ? "url" : "empty", default: 0] += 1
                if isLink {
                    reading.notices.append(
                        ReadingNotice("fhir.link", at: "\(path).url", "an attachment elsewhere; nothing is fetched"))
                }
                continue
            }
            guard data.utf8.count <= Self.greatestAttachment / 3 * 4 + 4096 else {
                throw Refusal(
                    code: "fhir.attachment-size", at: "\(path).data",
                    "an attachment of about \(data.utf8.count / 4 * 3) bytes; at most \(Self.greatestAttachment) are read",
                    mend: "present the report as text/plain")
            }
            guard isPlain || isMarkup else {
                text.skipped[Self.shownType(type), default: 0] += 1
                continue
            }
            guard let bytes = Base64.decode(data.utf8) else {
                throw Refusal(
                    code: "fhir.base64", at: "\(path).data", "the attachment is not base64",
                    mend: "encode it by RFC 4648 section 4, with its padding")
            }
            let named = parts.dropFirst().first { $0.hasPrefix("charset=") }.map {
                $0.dropFirst(8).filter { $0 != "\"" }
            }
            let charset = named.flatMap { HL7Charset(named: String($0)) } ?? .utf8
            guard let decoded = charset.decode(bytes) else {
                throw Refusal(
                    code: "fhir.charset", at: "\(path).data:byte \(charset.firstWrongByte(in: bytes) ?? 0)",
                    "a byte that is not \(charset.rawValue)", mend: "name the character set in contentType")
            }
            forms.append((isPlain ? 0 : 1, isPlain ? decoded : markup(decoded, at: path, &reading)))
        }
        return forms
    }

    private func markup(_ source: String, at place: String, _ reading: inout FHIRReading) -> String {
        let read = MarkupText.read(source)
        if read.dropped > 0 {
            reading.notices.append(
                ReadingNotice("fhir.markup", at: place, "\(read.dropped) elements such as head or script were dropped"))
        }
        return read.text
    }

    /// A media type as it is when it looks like one.
    private static func shownType(_ type: String) -> String {
        let isType =
            !type.isEmpty && type.utf8.count <= 80
            && type.utf8.allSatisfy {
                ByteText.isLower($0) || ByteText.isDigit($0) || [0x2F, 0x2B, 0x2D, 0x2E].contains($0)
            }
        return isType ? type : "other"
    }

    private static let sectionOfLOINC: [String: ReportSection.Kind] = [
        "18782-3": .findings, "59776-5": .findings, "19005-8": .impression, "11329-0": .indication,
        "18785-6": .indication,
        "59768-2": .indication, "18834-2": .comparison, "55115-0": .examination, "55111-9": .technique,
        "55107-7": .addendum,
    ]

    /// What was gathered on the way through a report's results.
    private struct Walk {
        let file: String
        var blocks: [TextBlock] = []
        var unresolved: Refusal?
        var seen: Set<String> = []
        var notices: [ReadingNotice] = []
    }

    private func observations(
        _ resource: FHIRResource, _ resources: FHIRResources, at place: String, _ unresolved: inout Refusal?,
        _ reading: inout FHIRReading
    ) throws(Refusal) -> [TextBlock] {
        var walk = Walk(file: ByteText.string(place.utf8.dropLast(resource.path.utf8.count)))
        try follow("result", of: resource, resources, chain: [], &walk)
        reading.notices += walk.notices
        unresolved = walk.unresolved
        return walk.blocks
    }

    private func follow(
        _ element: String, of source: FHIRResource, _ resources: FHIRResources, chain: [String], _ walk: inout Walk
    ) throws(Refusal) {
        for (index, item) in (source.json[element]?.array ?? []).enumerated() {
            guard let reference = item["reference"]?.string else { continue }
            let path = "\(walk.file)\(source.path).\(element)[\(index)]"
            guard let target = resources.resolve(reference, from: source) else {
                let refusal = Refusal(
                    code: "fhir.reference", at: path,
                    "the file does not hold the target, \(FHIRResources.shape(reference)); nothing is fetched",
                    mend: "export the report with its results (_include=DiagnosticReport:result)")
                if walk.unresolved == nil { walk.unresolved = refusal }
                walk.notices.append(ReadingNotice(refusal.code, at: path, refusal.problem))
                continue
            }
            guard target.type == "Observation" else { continue }
            guard !chain.contains(target.path), chain.count < 32 else {
                throw Refusal(
                    code: "fhir.cycle", at: path, "the reference leads back to a resource that led to it",
                    mend: "export the report again; results must not hold one another")
            }
            guard walk.seen.insert(target.path).inserted else { continue }
            if target.json["status"]?.string != "entered-in-error", let value = target.json["valueString"]?.string {
                walk.blocks.append(TextBlock(section: section(target.json["code"]), text: value))
            }
            try follow("hasMember", of: target, resources, chain: chain + [target.path], &walk)
        }
    }

    private func section(_ code: JSONValue?) -> ReportSection.Kind? {
        for coding in code?["coding"]?.array ?? [] {
            if let known = coding["code"]?.string.flatMap({ Self.sectionOfLOINC[$0] }) { return known }
        }
        let names = [code?["text"]?.string] + (code?["coding"]?.array ?? []).map { $0["display"]?.string }
        for name in names.compactMap({ $0 }) {
            if let known = ReportSection.headings[ByteText.string(ByteText.lowered(name.utf8))] { return known }
        }
        return nil
    }
}
