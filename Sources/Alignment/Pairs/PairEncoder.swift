public import Diagnostics
public import Tokenization

/// Turns preferences into token ids as TRL 1.16's `DPOTrainer` does.
///
/// The prompt is rendered with the generation prompt, the whole without; both are tokenised on their own, and the
/// answers begin where the ids of prompt and whole part. So the prompt's ids are always the beginning of the whole's.
/// Standard texts get the end-of-sequence token appended where it is missing. `max_length` keeps the beginning.
public struct PairEncoder: Sendable {
    /// The tokenizer.
    public let tokenizer: Tokenizer
    /// The chat template for conversational examples.
    public let template: ChatTemplate
    /// The longest sequence, prompt and answer together, tokens; nil for no limit.
    public let maxLength: Int?
    /// The model's context, tokens: no sequence may be longer whatever `maxLength` says.
    public let contextLength: Int

    /// An encoder for a model's tokenizer and template.
    public init(tokenizer: Tokenizer, template: ChatTemplate, maxLength: Int?, contextLength: Int) {
        self.tokenizer = tokenizer
        self.template = template
        self.maxLength = maxLength
        self.contextLength = contextLength
    }

    /// Encodes one preference.
    ///
    /// - Throws: a refusal that names the example when a text is empty, both answers are the same, the two kinds of
    ///   text are mixed, or the prompt leaves no room for an answer.
    public func encode(_ example: PreferenceExample) throws(Refusal) -> EncodedPair {
        let place = "pair \(example.id)"
        let promptIDs = try encodePrompt(example.prompt, at: place)
        let chosenIDs = try encodeWhole(example.prompt, example.chosen, field: "chosen", at: place)
        let rejectedIDs = try encodeWhole(example.prompt, example.rejected, field: "rejected", at: place)
        guard chosenIDs != rejectedIDs else {
            throw Refusal(
                code: "pair.no-preference", at: place, "chosen and rejected are the same tokens",
                mend: "remove the pair or correct one of the two")
        }
        let boundary = min(Self.commonPrefix(promptIDs, chosenIDs), Self.commonPrefix(promptIDs, rejectedIDs))
        let limit = min(maxLength ?? contextLength, contextLength)
        guard boundary < limit else {
            throw Refusal(
                code: "pair.prompt-too-long", at: place,
                "the prompt has \(boundary) tokens and leaves no room for an answer (allowed: fewer than \(limit), "
                    + (maxLength.map { $0 < contextLength ? "max_length)" : "the model's context)" }
                        ?? "the model's context)"),
                mend: "shorten the prompt, or raise max_length up to the model's context of \(contextLength)")
        }
        guard boundary > 0, chosenIDs.count > boundary, rejectedIDs.count > boundary else {
            throw Refusal(
                code: "pair.empty", at: place,
                "\(boundary) prompt, \(chosenIDs.count - boundary) chosen and \(rejectedIDs.count - boundary) rejected tokens "
                    + "(allowed: at least one each)",
                mend: "give the pair a prompt and two answers")
        }
        var pair = EncodedPair(
            id: example.id, prompt: Array(chosenIDs[..<boundary]),
            chosen: Array(chosenIDs[boundary...].prefix(limit - boundary)),
            rejected: Array(rejectedIDs[boundary...].prefix(limit - boundary)))
        pair.chosenWasCut = chosenIDs.count > limit
        pair.rejectedWasCut = rejectedIDs.count > limit
        pair.boundaryMoved = boundary < promptIDs.count
        guard pair.chosen != pair.rejected else {
            throw Refusal(
                code: "pair.same-after-cut", at: place,
                "chosen and rejected are the same after the cut to \(limit) tokens",
                mend: "raise max_length or remove the pair")
        }
        return pair
    }

    /// The ids of a prompt that an answer is to follow.
    public func encodePrompt(_ prompt: ExampleText, at place: String = "prompt") throws(Refusal) -> [TokenID] {
        switch prompt {
        case .text(let text): return tokenizer.encode(text)
        case .messages(let messages):
            guard !messages.isEmpty else {
                throw Refusal(
                    code: "pair.empty", at: place, "a prompt without a message", mend: "give it a user message")
            }
            return tokenizer.encode(try template.render(messages, addGenerationPrompt: true))
        }
    }

    private func encodeWhole(
        _ prompt: ExampleText, _ answer: ExampleText, field: String, at place: String
    ) throws(Refusal) -> [TokenID] {
        switch (prompt, answer) {
        case (.text(let prompt), .text(let answer)):
            guard !answer.isEmpty else { throw Self.emptyAnswer(field, at: place) }
            guard let end = tokenizer.eosTokenID.map({ tokenizer.decode([$0]) }) else {
                throw Refusal(
                    code: "pair.no-end", at: place, "the model's tokenizer names no end-of-sequence token",
                    mend: "use a model whose file has tokenizer.ggml.eos_token_id")
            }
            return tokenizer.encode(
                prompt + answer + (answer.utf8.suffix(end.utf8.count).elementsEqual(end.utf8) ? "" : end))
        case (.messages(let prompt), .messages(let answer)):
            guard answer.contains(where: { !$0.content.isEmpty }) else { throw Self.emptyAnswer(field, at: place) }
            return tokenizer.encode(try template.render(prompt + answer, addGenerationPrompt: false))
        default:
            throw Refusal(
                code: "pair.mixed", at: place,
                "\"prompt\" and \"\(field)\" are not of one kind (allowed: all text or all messages)",
                mend: "write all three as strings or all three as lists of messages")
        }
    }

    private static func emptyAnswer(_ field: String, at place: String) -> Refusal {
        Refusal(code: "pair.empty", at: place, "\"\(field)\" is empty", mend: "remove the pair or give the text")
    }

    static func commonPrefix(_ a: [TokenID], _ b: [TokenID]) -> Int {
        zip(a, b).prefix { $0 == $1 }.count
    }
}
