public import Diagnostics
internal import Foundation
internal import StrictJSON

/// How a snapshot is written for other programs.
public struct SnapshotExport: Sendable {
    /// The shapes that can be written.
    public enum Shape: String, Sendable, CaseIterable {
        /// TRL's JSONL, every pair in the form that it has.
        case trl
        /// TRL's JSONL with every text a list of messages: plain prompts become the user's turn, answers the assistant's.
        case trlConversational = "trl-conversational"
        /// TRL's JSONL with every text a string; only conversations of one question and one answer can be.
        case trlPlain = "trl-plain"
        /// Argilla records as a JSON array, with the preference as a response to a ranking question.
        case argilla
        /// Comma-separated values by RFC 4180, lines ended by CRLF.
        case csv
    }

    /// The shape.
    public var shape: Shape
    /// Whether ids, patients' keys, reviewers and every other field go along, or the three texts alone.
    public var provenance: Bool
    /// The side of the split to write; nil for both.
    public var split: PreferencePair.Split?

    /// Makes an export of both sides.
    public init(_ shape: Shape, provenance: Bool, split: PreferencePair.Split? = nil) {
        self.shape = shape
        self.provenance = provenance
        self.split = split
    }
}

extension PreferenceSnapshot {
    /// The bytes of an export: the same for the same snapshot, pairs in the byte order of their ids, no date of writing.
    ///
    /// Read again (``PairFileReading``), `trl`, `argilla` and `csv` with provenance give the same pairs field by field,
    /// and without it the same texts. The other two shapes give the texts in the form that they were written in.
    ///
    /// - Throws: `export.not-plain` when a conversation has more turns than `trl-plain` can hold.
    public func exported(_ export: SnapshotExport) throws(Refusal) -> [UInt8] {
        let pairs = Self.byID(
            (export.split == .heldOut ? [] : train) + (export.split == .train ? [] : heldOut))
        switch export.shape {
        case .trl: return Self.lines(pairs, export.provenance)
        case .trlConversational: return Self.lines(pairs.map(\.conversational), export.provenance)
        case .trlPlain:
            var plain: [PreferencePair] = []
            for pair in pairs {
                if let pair = pair.plain { plain.append(pair) }
            }
            guard plain.count == pairs.count else {
                throw Refusal(
                    code: "export.not-plain", at: "snapshot \(digest.prefix(12))",
                    "\(pairs.count - plain.count) of \(pairs.count) pairs are conversations of more than one question and one "
                        + "answer, which plain text cannot hold", mend: "export trl-conversational")
            }
            return Self.lines(plain, export.provenance)
        case .argilla: return ArgillaExport.bytes(pairs, provenance: export.provenance)
        case .csv: return CSVExport.bytes(pairs, provenance: export.provenance)
        }
    }

    /// Writes an export to a file of mode 0600, whole or not at all; nothing is written over.
    public func write(_ export: SnapshotExport, to path: String) throws(Refusal) {
        let bytes = try exported(export)
        try FileSafety.writeDurably(path) { try $0.write(contentsOf: Data(bytes)) }
    }

    private static func lines(_ pairs: [PreferencePair], _ provenance: Bool) -> [UInt8] {
        fileBytes(pairs, provenance ? \.jsonObject : \.textsAlone)
    }

    private static func fileBytes(
        _ pairs: [PreferencePair], _ object: (PreferencePair) -> JSONObject
    ) -> [UInt8] {
        pairs.flatMap { JSONValue.object(object($0)).serializedBytes() + [0x0A] }
    }
}

extension PreferencePair {
    /// The record with nothing but its texts.
    var textsAlone: JSONObject { ["prompt": prompt.json, "chosen": chosen.json, "rejected": rejected.json] }

    /// The pair with every text as messages; the texts' bytes are unchanged.
    var conversational: PreferencePair {
        func messages(_ text: PromptText, _ role: String) -> PromptText {
            guard case .text(let content) = text else { return text }
            return .messages([PromptText.Message(role: role, content: content)])
        }
        var pair = self
        pair.prompt = messages(prompt, "user")
        pair.chosen = messages(chosen, "assistant")
        pair.rejected = messages(rejected, "assistant")
        return pair
    }

    /// The pair with every text as a string, or nil when a text has other turns than the one that a string stands for.
    var plain: PreferencePair? {
        func string(_ text: PromptText, _ role: String) -> PromptText? {
            guard case .messages(let messages) = text else { return text }
            guard messages.count == 1, let only = messages.first, only.role == role else { return nil }
            return .text(only.content)
        }
        guard let prompt = string(prompt, "user"), let chosen = string(chosen, "assistant"),
            let rejected = string(rejected, "assistant")
        else { return nil }
        var pair = self
        pair.prompt = prompt
        pair.chosen = chosen
        pair.rejected = rejected
        return pair
    }
}
