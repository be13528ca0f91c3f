public import Diagnostics

/// Something a reader noticed and went on from; it quotes no report text, name or identifier.
public struct ReadingNotice: Sendable, Equatable {
    /// A stable word for counting, `area.what`, such as `hl7.line-feeds`.
    public let code: String
    /// Where: a file with byte offset, a message with segment, a FHIR path.
    public let location: String
    /// What was noticed and what was done, one clause without a final stop.
    public let text: String

    /// Makes a notice.
    public init(_ code: String, at location: String, _ text: String) {
        self.code = code
        self.location = location
        self.text = text
    }
}

/// An input unit that could not be read, kept apart with the reason so that its neighbours are read all the same.
public struct QuarantinedInput: Sendable, Equatable {
    /// Its number among the units of the file, from 0.
    public let index: Int
    /// Where its bytes lie in the file.
    public let bytes: Range<Int>
    /// Why it was not read.
    public let refusal: Refusal

    /// Makes a quarantined unit.
    public init(index: Int, bytes: Range<Int>, refusal: Refusal) {
        self.index = index
        self.bytes = bytes
        self.refusal = refusal
    }
}
