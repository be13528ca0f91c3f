internal import Diagnostics
internal import StrictJSON

/// Finds the format of a file by what its first records hold.
enum FormatDetection {
    /// How many records are looked at.
    static let sampleSize = 100

    /// Fields in which other shapes keep their prompt: beside them, `chosen` and `rejected` alone are no implicit prompt.
    private static let promptNames = [
        "instruction", "input", "question", "query", "problem", "context", "system", "conversations", "messages",
    ]

    /// The format of a file.
    ///
    /// - Throws: `format.ambiguous` with the candidates, or `format.unknown`; both name the way out.
    static func format(of file: ForeignFile, _ options: PairReadingOptions) throws(Refusal) -> PairFormat {
        if let format = options.format { return format }
        if file.container == .csv { return .csv }
        if options.mapping != nil {
            let found = try candidates(file)
            return [.argilla, .labelStudio].first { found == [$0] } ?? .json
        }
        let found = try candidates(file)
        if let format = found.first, found.count == 1 { return format }
        let names = PairFormat.allCases.map(\.rawValue).joined(separator: ", ")
        guard found.isEmpty else {
            throw Refusal(
                code: "format.ambiguous", at: file.path,
                "the records may be \(found.map(\.rawValue).joined(separator: " or "))", mend: "name the format")
        }
        throw Refusal(
            code: "format.unknown", at: file.path, "the records are of no format that is known; known are \(names)",
            mend: "name the format, or give a column mapping")
    }

    /// The formats that most records of the sample fit, all with the same count; a few damaged records change nothing.
    static func candidates(_ file: ForeignFile) throws(Refusal) -> [PairFormat] {
        var sample: [JSONObject] = []
        var file = file
        var firstRefusal: Refusal?
        try file.read { entry in
            switch entry {
            case .record(let record): if let object = record.value.object { sample.append(object) }
            case .refused(let refused): firstRefusal = firstRefusal ?? refused.refusal
            }
            return sample.count < sampleSize
        }
        // Nothing to go by: the refusals of the records themselves say more than "unknown" would.
        guard !sample.isEmpty else {
            if let firstRefusal { throw firstRefusal }
            return [.trl]
        }
        let counts = PairFormat.allCases.map { format in (format, sample.filter { fits($0, format) }.count) }
        let most = counts.map(\.1).max() ?? 0
        return counts.filter { $0.1 == most && 2 * most > sample.count }.map(\.0)
    }

    private static func fits(_ object: JSONObject, _ format: PairFormat) -> Bool {
        func has(_ key: String) -> Bool { object[key] != nil && object[key]?.isNull == false }
        func isText(_ key: String) -> Bool { object[key]?.string != nil }
        func isMessage(_ key: String) -> Bool {
            object[key]?.object != nil && (object[key]?["from"] != nil || object[key]?["role"] != nil)
        }
        let transcripts = ["chosen", "rejected"].allSatisfy {
            object[$0]?.string.map(AnthropicTranscript.isTranscript) == true
        }
        switch format {
        case .trl:
            if has("chosen") || has("rejected") {
                guard has("prompt") || !(transcripts || promptNames.contains(where: has)) else { return false }
                return ["chosen", "rejected"].allSatisfy { object[$0]?.object == nil }
            }
            // TRL's other shapes, which are refused by name.
            guard !ArgillaRecord.fits(object) else { return false }
            return has("text") || has("messages") || has("completion") || has("completions") || has("prompt")
        case .anthropicHH: return transcripts && !has("prompt")
        case .llamaFactoryAlpaca: return isText("instruction") && isText("chosen") && isText("rejected")
        case .llamaFactoryShareGPT:
            return (object["conversations"] ?? object["messages"])?.array != nil && isMessage("chosen")
                && isMessage("rejected")
        case .llamaFactoryMessages:
            return object["chosen_messages"]?.array != nil && object["rejected_messages"]?.array != nil
        case .argilla: return ArgillaRecord.fits(object)
        case .labelStudio: return LabelStudioTask.fits(object)
        case .json:
            // Without a mapping nothing can be read, but two answers with a prompt under another name need one.
            return isText("chosen") && isText("rejected") && !has("prompt") && !transcripts
                && promptNames.contains(where: has) && !isText("instruction")
        case .csv: return false
        }
    }
}
