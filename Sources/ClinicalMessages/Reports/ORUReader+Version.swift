extension ORUReader {
    /// The report of one group of orders.
    func version(
        _ message: HL7Message, _ group: [OrderBlock], digest: String, at location: String,
        _ notices: inout [ReadingNotice]
    ) -> ReportVersion {
        let main = group.first(where: \.hasText) ?? group[0]
        let header = message.header
        let sender = message.value(header, 3) + "\u{1F}" + message.value(header, 4)
        let text = text(message, group)
        var version = ReportVersion(
            source: .hl7v2, feed: settings.name,
            messageKey: keys.key(.message, sender, message.controlID), sourceDigest: digest,
            status: StatusReading(raw: "", field: .absent, normalized: nil))
        version.formatVersion = message.version
        version.orderCount = group.count
        version.examKeys = examKeys(group)
        if version.examKeys.isEmpty {
            notices.append(
                ReadingNotice(
                    "oru.no-accession", at: location,
                    "\(settings.accessionField.rawValue) is empty; the report can be paired with no other"))
        }
        version.patientKey = patientKey(message, main.patient, at: location, &notices)
        version.changedAt = time(message, main.order, 22)
        version.observedAt = time(message, main.order, 7)
        version.sentAt = time(message, header, 7)
        version.procedure = ReportVersion.Procedure(
            code: message.value(main.order, 4), system: message.value(main.order, 4, component: 3),
            text: message.value(main.order, 4, component: 2))
        version.modality = Modality.normalized(message.value(main.order, 24))
        version.interpreters = interpreters(message, main.order)
        for block in group { version.skippedValues.merge(block.skipped, uniquingKeysWith: +) }
        version.unknownEscapes = text.unknownEscapes
        let cleaned = IdentifierRemoval(identifiers(message, group)).clean(text.blocks)
        version.identifiersRemoved = cleaned.count
        version.sourceText = cleaned.blocks.map(\.text).joined(separator: "\n")
        version.report = ReportNormalizer(settings.text).normalize(cleaned.blocks)
        let hasAddendumOnly =
            !cleaned.blocks.isEmpty
            && cleaned.blocks.allSatisfy { $0.section == .addendum || $0.text.utf8.allSatisfy(ByteText.isSpace) }
        version.status = status(message, group, report: version.report)
        version.acceptsDraft =
            version.isTextless && group.flatMap(\.observationStatuses).contains { $0 == "U" || $0 == "u" }
        version.isAddendum = !version.isTextless && (hasAddendumOnly || version.status.normalized == .appended)
        return version
    }

    private func examKeys(_ group: [OrderBlock]) -> [String] {
        var found: [String] = []
        for block in group where !block.accession.isEmpty {
            let key = keys.key(.exam, settings.accessionAuthority ?? settings.name, block.accession)
            if !found.contains(key) { found.append(key) }
        }
        return found
    }

    private func patientKey(
        _ message: HL7Message, _ patient: HL7Segment?, at location: String, _ notices: inout [ReadingNotice]
    ) -> String? {
        guard let patient else { return nil }
        let candidates = (1...max(1, message.repetitions(patient, 3))).map { number in
            (
                id: message.value(patient, 3, repetition: number),
                authority: message.value(patient, 3, component: 4, repetition: number),
                type: message.value(patient, 3, component: 5, repetition: number)
            )
        }.filter { !$0.id.isEmpty }
        let chosen =
            if let wanted = settings.patientAuthority {
                candidates.first { Array($0.authority.utf8) == Array(wanted.utf8) }
            } else {
                candidates.first { $0.type == "MR" || $0.type == "MRN" } ?? candidates.first
            }
        guard let chosen else {
            notices.append(
                ReadingNotice(
                    "oru.no-patient", at: "\(location):PID-3", "no patient identifier of the wanted authority"))
            return nil
        }
        return keys.key(.patient, chosen.authority.isEmpty ? settings.name : chosen.authority, chosen.id)
    }

    private func interpreters(_ message: HL7Message, _ order: HL7Segment) -> [ReportVersion.Interpreter] {
        let fields: [(Int, ReportVersion.Interpreter.Role)] = [
            (32, .principal), (33, .assistant), (35, .transcriptionist),
        ]
        return fields.compactMap { field, role in
            // OBR-32 is of type NDL: a name (CNN) whose parts are subcomponents; many senders write XCN instead.
            let id = message.value(order, field)
            let family = message.value(order, field, subcomponent: 2) + message.value(order, field, component: 2)
            let given = message.value(order, field, subcomponent: 3) + message.value(order, field, component: 3)
            let identity = id.isEmpty ? (family.isEmpty ? "" : family + "\u{1F}" + given) : id
            return identity.isEmpty
                ? nil : ReportVersion.Interpreter(role: role, key: keys.key(.person, settings.name, identity))
        }
    }

    private func time(_ message: HL7Message, _ segment: HL7Segment, _ field: Int) -> ReportTime? {
        ReportTime(hl7: message.value(segment, field), zoneOffsetMinutes: settings.zoneOffsetMinutes)
    }

    /// The text lines of a group as blocks of one section each, in the order of the message; deleted lines are left out.
    private func text(_ message: HL7Message, _ group: [OrderBlock]) -> (blocks: [TextBlock], unknownEscapes: Int) {
        var blocks: [TextBlock] = []
        var unknown = 0
        for segment in group.flatMap(\.lines) {
            let status = ReportStatus(
                observationStatus: message.value(segment, 11), words: settings.statusWords)
            if status == .withdrawn { continue }
            let decoded = message.text(
                segment.field(5), lineFeed: settings.repetitionIsLineEnd ? message.separators.repetition : nil)
            unknown += decoded.unknownEscapes
            let section = section(message, segment) ?? (status == .appended ? .addendum : nil)
            if let last = blocks.indices.last, blocks[last].section == section {
                blocks[last].text += "\n" + decoded.text
            } else {
                blocks.append(TextBlock(section: section, text: decoded.text))
            }
        }
        return (blocks.allSatisfy { $0.text.utf8.allSatisfy(ByteText.isSpace) } ? [] : blocks, unknown)
    }

    /// The section that a suffix in OBX-3 names (v2.8.2 chapter 7, 7.2.4), wherever the sender put it.
    private func section(_ message: HL7Message, _ segment: HL7Segment) -> ReportSection.Kind? {
        let separators = [message.separators.subcomponent, message.separators.component].compactMap { $0 }
        let parts = segment.field(3).split(whereSeparator: { separators.contains($0) }).map {
            ByteText.string(ByteText.trimmed($0))
        }
        for part in parts {
            if let own = settings.sectionSuffixes[part] { return own }
            switch part {
            case "GDT": return .findings
            case "IMP": return .impression
            case "ADT", "ADN": return .addendum
            case "TCM": return .technique
            default: continue
            }
        }
        return nil
    }

    /// This message's own identifiers, which must not stand in its text.
    private func identifiers(_ message: HL7Message, _ group: [OrderBlock]) -> [String] {
        var found: [String] = [message.controlID]
        for block in group {
            found += AccessionField.allCases.map { accession(message, block, $0) }
            found += [message.value(block.order, 2)] + [block.common.map { message.value($0, 2) } ?? ""]
            guard let patient = block.patient else { continue }
            for field in [2, 3, 4, 18, 19] {
                for repetition in 1...max(1, message.repetitions(patient, field)) {
                    found.append(message.value(patient, field, repetition: repetition))
                }
            }
        }
        return found
    }

    private func status(_ message: HL7Message, _ group: [OrderBlock], report: NormalizedReport) -> StatusReading {
        let main = group.first(where: \.hasText) ?? group[0]
        let raws = group.map { message.value($0.order, 25) }
        let raw = [message.value(main.order, 25)].first { !$0.isEmpty } ?? raws.first { !$0.isEmpty } ?? ""
        let rawObservations = group.flatMap(\.observationStatuses)
        let observations = Set(
            rawObservations.map { ReportStatus(observationStatus: $0, words: settings.statusWords) })
        let result = raw.isEmpty ? nil : ReportStatus(resultStatus: raw, words: settings.statusWords)
        var reading =
            raw.isEmpty
            ? StatusReading(
                raw: rawObservations.first ?? "", field: rawObservations.isEmpty ? .absent : .obx11,
                normalized: Self.combined(observations))
            : StatusReading(raw: raw, field: .obr25, normalized: result)
        // Deleted lines say nothing of the rest, unless they are all there is; a wrong patient's says all.
        let isWrongPatient = rawObservations.contains { $0 == "W" || $0 == "w" }
        let lines = observations.subtracting([.withdrawn, ReportStatus.unreported])
        if isWrongPatient || (!observations.isEmpty && observations == [.withdrawn]) {
            reading.normalized = .withdrawn
            return reading
        }
        guard !raw.isEmpty || lines.count > 1 else {
            reading.conflict = Self.bannerConflict(reading.normalized, report)
            return reading
        }
        if raw.isEmpty {
            reading.normalized = Self.combined(lines)
            if !Self.agree(among: lines) { reading.conflict = .amongObservations }
        } else if let result, !lines.isEmpty {
            if result == .final, lines.contains(.corrected) { reading.normalized = .corrected }
            if result == .final, lines == [.appended] { reading.normalized = .appended }
            if !Self.agree(result, lines) { reading.conflict = .resultAndObservation }
        }
        if reading.conflict == nil { reading.conflict = Self.bannerConflict(reading.normalized, report) }
        return reading
    }

    /// The lowest state of the lines: a report is as final as its least final line; unknown when any is.
    private static func combined(_ statuses: Set<ReportStatus?>) -> ReportStatus? {
        guard !statuses.isEmpty, !statuses.contains(nil) else { return nil }
        let known = statuses.compactMap { $0 }.filter { $0 != .withdrawn && $0 != .unreported }
        if known.contains(where: \.isUnverified) { return known.min { $0.rank < $1.rank } }
        if known.contains(.corrected) { return .corrected }
        return known.min { $0.rank < $1.rank } ?? statuses.compactMap { $0 }.first
    }

    private static func agree(among lines: Set<ReportStatus?>) -> Bool {
        let unverified = lines.contains { $0?.isUnverified == true }
        let verified = lines.contains { $0 == .final || $0 == .corrected || $0 == .appended }
        return !(unverified && verified)
    }

    private static func agree(_ result: ReportStatus, _ lines: Set<ReportStatus?>) -> Bool {
        guard agree(among: lines) else { return false }
        let unverified = lines.contains { $0?.isUnverified == true }
        switch result {
        case .draft, .preliminary: return !lines.contains { $0 == .final || $0 == .corrected || $0 == .appended }
        case .final, .corrected, .appended: return !unverified
        case .unreported, .withdrawn: return true
        }
    }

    private static func bannerConflict(_ status: ReportStatus?, _ report: NormalizedReport)
        -> StatusReading.Conflict?
    {
        guard let status, status != .unreported, status != .withdrawn else { return nil }
        let disagrees = report.banners.contains { banner in
            banner != .unreported && banner != .withdrawn && banner.isUnverified != status.isUnverified
        }
        return disagrees ? .banner : nil
    }
}
