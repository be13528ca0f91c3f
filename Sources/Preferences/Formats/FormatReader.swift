internal import Diagnostics
internal import StrictJSON

/// Turns the records of one file into pairs, by the file's format.
struct FormatReader {
    /// What became of one verdict of a record.
    enum Outcome {
        case pair(PreferencePair)
        case leftOut(Refusal)
    }

    let format: PairFormat
    let mapping: ColumnMapping?
    /// Fields that were left out because nothing says what they mean, by name.
    private(set) var unread: Set<[UInt8]> = []
    /// What is worth knowing about the export itself, each said once.
    private(set) var notes: [String] = []

    init(format: PairFormat, mapping: ColumnMapping?) {
        self.format = format
        self.mapping = mapping
    }

    /// Every verdict of a record; a record without one gives why.
    mutating func outcomes(_ record: ForeignRecord) -> [Outcome] {
        do throws(Refusal) {
            switch format {
            case .trl: return [try pair(TRLRecord.fields(record), record)]
            case .anthropicHH: return [try pair(AnthropicTranscript.fields(record), record)]
            case .llamaFactoryAlpaca: return [try pair(LLaMAFactory.alpaca(record), record)]
            case .llamaFactoryShareGPT: return [try pair(LLaMAFactory.shareGPT(record), record)]
            case .llamaFactoryMessages: return [try pair(LLaMAFactory.messages(record), record)]
            case .csv, .json: return [try pair(MappedRecord.fields(record, mapping, &self), record)]
            case .argilla: return agreeing(try ArgillaRecord(record, mapping, &self).verdicts(), record)
            case .labelStudio: return agreeing(try LabelStudioTask(record, mapping, &self).verdicts(), record)
            }
        } catch {
            return [.leftOut(error)]
        }
    }

    mutating func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }

    mutating func noteUnread(_ name: String) { unread.insert(Array(name.utf8)) }

    private func pair(_ fields: PairFields, _ record: ForeignRecord) throws(Refusal) -> Outcome {
        var fields = fields
        if let source = format.source, fields.object["source"] == nil {
            fields.set("source", .string(source), from: [])
        }
        return .pair(try fields.pair(of: record))
    }

    /// The pairs of one record's verdicts, where its reviewers agree.
    ///
    /// A verdict given twice counts once. Where two reviewers prefer opposite sides, neither is taken: which of them is
    /// right is not for the order of the file to say.
    private func agreeing(_ verdicts: [Verdict], _ record: ForeignRecord) -> [Outcome] {
        var pairs: [(index: Int, pair: PreferencePair)] = []
        var outcomes: [Outcome?] = Array(repeating: nil, count: verdicts.count)
        for (index, verdict) in verdicts.enumerated() {
            switch verdict {
            case .leftOut(let refusal): outcomes[index] = .leftOut(refusal)
            case .fields(let fields):
                do throws(Refusal) {
                    guard case .pair(let pair) = try pair(fields, record) else { continue }
                    pairs.append((index, pair))
                } catch {
                    outcomes[index] = .leftOut(error)
                }
            }
        }
        let groups = Dictionary(grouping: pairs) { $0.pair.unorderedDigest }
        for group in groups.values {
            let agree = Set(group.map(\.pair.contentDigest)).count == 1
            for (position, member) in group.enumerated() {
                if agree, position == 0 {
                    outcomes[member.index] = .pair(member.pair)
                    continue
                }
                outcomes[member.index] = .leftOut(
                    Refusal(
                        code: agree ? "pair.repeated-verdict" : "pair.reviewers-disagree", at: record.place([]),
                        agree
                            ? "another verdict on this pair says the same; it is taken once"
                            : "the verdicts on this pair contradict each other; none is taken",
                        mend: agree ? "nothing needs doing" : "decide which side is preferred"))
            }
        }
        return outcomes.compactMap { $0 }
    }

    /// One reviewer's verdict: the fields of a pair, or why there is none.
    enum Verdict {
        case fields(PairFields)
        case leftOut(Refusal)
    }

    /// A verdict that prefers nothing.
    static func tie(_ place: String) -> Refusal {
        Refusal(
            code: "pair.tie", at: place, "the verdict is a tie: it prefers neither answer",
            mend: "nothing needs doing; a tie is no pair")
    }

    /// A record that nobody has judged, or not for good.
    static func noAnswer(_ place: String, _ why: String) -> Refusal {
        Refusal(code: "pair.no-answer", at: place, why, mend: "nothing needs doing, or have it judged")
    }

    /// A question that only a person can answer.
    static func mappingNeeded(_ place: String, _ problem: String, mend remedy: String) -> Refusal {
        Refusal(code: "format.mapping-needed", at: place, problem, mend: remedy)
    }
}
