internal import Diagnostics
internal import Preferences
internal import StrictJSON

/// What a client sends of a corrected text.
struct CorrectionBody: Sendable {
    let text: String
    let reason: Judgement.ErrorMark.Category?
    let isSignificant: Bool?
    let activeMilliseconds: Int?

    init(_ fields: BodyFields) throws(Refusal) {
        text = try fields.text("text", bytes: 1...65_536)
        reason = try fields.optionalChoice("reason")
        isSignificant = try fields.optionalBool("significant")
        activeMilliseconds = try fields.optionalInteger("active_ms", in: 0...JudgementBody.greatestTime)
    }

    /// The edit, in the form of the text that was corrected: of a conversation's messages the last one is the answer.
    func edit(like original: PromptText) -> Edit {
        let corrected: PromptText =
            switch original {
            case .text: .text(text)
            case .messages(let messages):
                .messages([PromptText.Message(role: messages.last?.role ?? "assistant", content: text)])
            }
        return Edit(
            text: corrected, activeMilliseconds: activeMilliseconds, reason: reason,
            isClinicallySignificant: isSignificant)
    }

    /// An edit that was kept.
    static func json(_ kept: RecordedEdit) -> JSONObject {
        [
            "edit": JSONValue(kept.edit), "kept_words": JSONValue(kept.keptWords as Int?),
            "inserted_words": JSONValue(kept.insertedWords as Int?),
            "deleted_words": JSONValue(kept.deletedWords as Int?),
        ]
    }
}
