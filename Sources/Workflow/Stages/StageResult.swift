import StrictJSON

/// What a stage did: facts for a script and sentences for a person.
public struct StageResult: Sendable {
    /// One JSON object on one line.
    public let json: String
    /// A few lines.
    public let text: String

    init(_ facts: JSONObject, text: String) {
        json = JSONValue.object(facts).serialized()
        self.text = text
    }
}
