internal import Diagnostics
internal import StrictJSON

extension FHIRReader {
    /// Reads one DiagnosticReport.
    func report(
        _ resource: FHIRResource, _ resources: FHIRResources, named: String, _ reading: inout FHIRReading
    ) throws(Refusal) -> ReportVersion {
        let json = resource.json
        let place = "\(named): \(resource.path)"
        try checkRelease(json, at: place)
        guard let raw = json["status"]?.string else {
            throw Refusal(
                code: "fhir.status", at: "\(place).status", "no status, or one that is no string",
                mend: "give the report's status; DiagnosticReport requires it")
        }
        let identity = resource.id ?? keys.digest(json.serializedBytes(sortedKeys: true))
        let versionName = resource.versionID ?? json["meta"]?["lastUpdated"]?.string ?? ""
        var version = ReportVersion(
            source: .fhir, feed: settings.name,
            messageKey: keys.key(.message, settings.name, "DiagnosticReport/\(identity)/\(versionName)"),
            sourceDigest: keys.digest(json.serializedBytes(sortedKeys: true)),
            status: StatusReading(
                raw: String(raw.prefix(40)), field: .fhir, normalized: ReportStatus(fhir: raw)))
        if version.status.normalized == nil {
            reading.notices.append(
                ReadingNotice(
                    "fhir.status", at: "\(place).status", "a status that is not on the ladder; the exam makes no pair"))
        }
        version.formatVersion = resource.versionID ?? ""
        version.reportKey = resource.id.map { keys.key(.report, settings.name, $0) }
        let accessions = accessions(resource, resources)
        for accession in accessions {
            let key = keys.key(.exam, settings.accessionAuthority ?? settings.name, accession)
            if !version.examKeys.contains(key) { version.examKeys.append(key) }
        }
        version.orderCount = max(1, json["basedOn"]?.array?.count ?? 1)
        version.patientKey = patient(json).map { keys.key(.patient, $0.authority, $0.id) }
        version.changedAt = time(json["issued"])
        version.observedAt =
            time(json["effectiveDateTime"]) ?? time(json["effectiveInstant"])
            ?? time(json["effectivePeriod"]?["start"])
        version.sentAt = resource.lastUpdated ?? version.changedAt
        version.procedure = procedure(json["code"])
        version.modality = modality(json)
        version.interpreters = interpreters(json)
        markRelations(json, &version)
        guard version.status.normalized != .withdrawn else {
            reading.enteredInError += 1
            return version
        }
        let text = try text(resource, resources, at: place, &reading)
        version.skippedValues = text.skipped
        let cleaned = IdentifierRemoval(accessions + [resource.id ?? ""] + identifiers(json)).clean(text.blocks)
        version.identifiersRemoved = cleaned.count
        version.sourceText = cleaned.blocks.map(\.text).joined(separator: "\n")
        version.report = ReportNormalizer(settings.text).normalize(cleaned.blocks)
        if let status = version.status.normalized, status != .unreported,
            version.report.banners.contains(where: { $0 != .unreported && $0.isUnverified != status.isUnverified })
        {
            version.status.conflict = .banner
        }
        if version.status.normalized == .appended, version.report.sections.allSatisfy({ $0.kind == .addendum }) {
            version.isAddendum = true
        }
        return version
    }

    private func checkRelease(_ json: JSONValue, at place: String) throws(Refusal) {
        let newer = ["study", "note", "supportingInfo", "composition"].first { json[$0] != nil }
        let older = json["imagingStudy"] == nil ? nil : "imagingStudy"
        if let newer, let older {
            throw Refusal(
                code: "fhir.release", at: "\(place).\(newer)",
                "an element of R5 beside \(older), which is of R4 only", mend: "export the report in one release")
        }
        let wrong = settings.fhirRelease == .r4 ? newer : settings.fhirRelease == .r5 ? older : nil
        if let wrong {
            throw Refusal(
                code: "fhir.release", at: "\(place).\(wrong)",
                "an element that \(settings.fhirRelease?.rawValue ?? "the release") does not have",
                mend: "set the feed's FHIR release to the one that the server speaks, or to none")
        }
    }

    /// Accession numbers: identifiers of type ACSN or of the feed's own system, else those of the requests.
    private func accessions(_ resource: FHIRResource, _ resources: FHIRResources) -> [String] {
        func matching(_ identifiers: [JSONValue]) -> [String] {
            identifiers.filter { identifier in
                if let system = settings.accessionSystem { return identifier["system"]?.string == system }
                return identifier["type"]?["coding"]?.array?.contains { $0["code"]?.string == "ACSN" } ?? false
            }.compactMap { $0["value"]?.string }.filter { !$0.isEmpty }
        }
        let own = matching(resource.json["identifier"]?.array ?? [])
        guard own.isEmpty else { return own }
        return (resource.json["basedOn"]?.array ?? []).flatMap { request -> [String] in
            let logical = matching(request["identifier"].map { [$0] } ?? [])
            guard logical.isEmpty, let reference = request["reference"]?.string else { return logical }
            return matching(resources.resolve(reference, from: resource)?.json["identifier"]?.array ?? [])
        }
    }

    private func patient(_ json: JSONValue) -> (authority: String, id: String)? {
        let subject = json["subject"]
        if let value = subject?["identifier"]?["value"]?.string, !value.isEmpty {
            return (subject?["identifier"]?["system"]?.string ?? settings.name, value)
        }
        return subject?["reference"]?.string.map { (settings.name, $0) }
    }

    /// Values that must not stand in the text: the report's and the patient's identifiers.
    private func identifiers(_ json: JSONValue) -> [String] {
        let own = (json["identifier"]?.array ?? []).compactMap { $0["value"]?.string }
        let subject = json["subject"]
        let id = subject?["reference"]?.string.flatMap { $0.split(separator: "/").last.map(String.init) }
        return own
            + [subject?["identifier"]?["value"]?.string, id].compactMap { $0 }.filter { value in
                // A test server's id such as "example" is a word, not an identifier.
                value.utf8.contains(where: ByteText.isDigit)
            }
    }

    private func procedure(_ code: JSONValue?) -> ReportVersion.Procedure {
        let coding = code?["coding"]?.array?.first
        return ReportVersion.Procedure(
            code: coding?["code"]?.string ?? "", system: coding?["system"]?.string ?? "",
            text: code?["text"]?.string ?? coding?["display"]?.string ?? "")
    }

    private func modality(_ json: JSONValue) -> String? {
        let codings = (json["category"]?.array ?? []).flatMap { $0["coding"]?.array ?? [] }
        return codings.compactMap { $0["code"]?.string.flatMap(Modality.normalized) }.first
    }

    private func interpreters(_ json: JSONValue) -> [ReportVersion.Interpreter] {
        let people = json["resultsInterpreter"]?.array ?? json["performer"]?.array ?? []
        return people.compactMap { person in
            let identity = person["reference"]?.string ?? person["identifier"]?["value"]?.string
            return identity.map {
                ReportVersion.Interpreter(role: .principal, key: keys.key(.person, settings.name, $0))
            }
        }
    }

    /// What the extensions `diagnosticReport-addendumOf`, `-replaces` and `-summaryOf` say.
    private func markRelations(_ json: JSONValue, _ version: inout ReportVersion) {
        for url in (json["extension"]?.array ?? []).compactMap({ $0["url"]?.string }) {
            if url.hasSuffix("diagnosticReport-addendumOf") {
                version.isAddendum = true
                if version.status.normalized == .final { version.status.normalized = .appended }
            } else if url.hasSuffix("diagnosticReport-replaces") {
                if version.status.normalized == .final { version.status.normalized = .corrected }
            } else if url.hasSuffix("diagnosticReport-summaryOf") {
                version.isSummary = true
            }
        }
    }

    private func time(_ value: JSONValue?) -> ReportTime? {
        value?.string.flatMap { ReportTime(fhir: $0, zoneOffsetMinutes: settings.zoneOffsetMinutes) }
    }
}
