internal import Preferences
internal import StrictJSON

/// A case as the screen needs it: the two answers by side, and nothing that tells who wrote them.
enum CaseShape {
    static func json(_ shown: Presentation, note: Draft?, viewer: String?) -> JSONValue {
        [
            "presentation": JSONValue(shown.id), "kind": .string(shown.kind.rawValue),
            "revision": JSONValue(shown.revision as Int?),
            "exam": ExamShape.json(modality: shown.modality, bodyPart: shown.bodyPart),
            "context": ContextShape.json(shown.prompt), "left": .string(shown.left.plainText),
            "right": .string(shown.right.plainText), "guideline": JSONValue(shown.guideline),
            "lease_expires_at": JSONValue(shown.leaseExpires), "note": JSONValue(note?.text),
            "viewer": JSONValue(viewer),
        ]
    }

    /// A case with the comment that was saved for it and the link to its images, as the screen needs it.
    static func json(
        of shown: Presentation, for reviewer: String, in store: PreferenceStore, _ viewer: ViewerLink?
    ) throws -> JSONValue {
        json(
            shown, note: try store.draft(of: .judgement(presentation: shown.id), by: reviewer),
            viewer: shown.exam.flatMap { viewer?.address(exam: $0) })
    }
}

/// An answer as the screen needs it.
enum AnswerShape {
    static func json(_ judgement: Judgement) -> JSONValue {
        [
            "choice": .string(judgement.choice.rawValue), "strength": JSONValue(judgement.strength?.rawValue),
            "confidence": JSONValue(judgement.confidence),
            "criteria": .array(
                judgement.criteria.map {
                    ["criterion": .string($0.criterion.rawValue), "winner": JSONValue($0.winner?.rawValue)]
                }),
            "errors": .array(judgement.errors.map(json)), "comment": JSONValue(judgement.comment),
        ]
    }

    private static func json(_ mark: Judgement.ErrorMark) -> JSONValue {
        var object: JSONObject = [
            "side": .string(mark.side.rawValue), "category": .string(mark.category.rawValue),
            "significant": .bool(mark.isSignificant),
        ]
        func add(_ key: String, _ value: JSONValue) {
            if !value.isNull { object.members.append(JSONObject.Member(key, value)) }
        }
        add("actionability", JSONValue(mark.actionability?.rawValue))
        add("section", JSONValue(mark.section))
        add("start", JSONValue(mark.bytes?.lowerBound))
        add("end", JSONValue(mark.bytes?.upperBound))
        add("note", JSONValue(mark.note))
        return .object(object)
    }
}
