public import Diagnostics
internal import Kernels
internal import ModelFiles
public import Tokenization

/// What was written for one prompt.
public struct Generation: Sendable, Equatable {
    /// Why the answer ended.
    public enum FinishReason: String, Sendable {
        /// The model ended its turn.
        case endOfTurn = "stop"
        /// `maxNewTokens` or the model's context was reached.
        case length
        /// A stop string appeared.
        case stopString = "stop_string"
    }

    /// The tokens written, without the one that ends the turn.
    public var tokens: [TokenID]
    /// Their text, without a stop string.
    public var text: String
    /// Why it ended.
    public var finishReason: FinishReason
    /// The length of the prompt, tokens.
    public var promptTokens: Int
}

/// Writes answers to prompts, many at once, with one cache of keys and values.
///
/// The beginning that all prompts share (a system message, few-shot examples) is computed once. When an answer ends,
/// the next prompt takes its place.
public struct TextGenerator {
    private let model: DecoderModel
    private let adapter: LoRAAdapter?

    /// A generator on the base (`adapter` nil) or on the aligned model.
    public init(model: DecoderModel, adapter: LoRAAdapter? = nil) {
        self.model = model
        self.adapter = adapter
    }

    /// Tokens of prompts that are fed at once.
    static let prefillRows = 768

    private struct Slot {
        var prompt: Int
        var firstRow: Int
        /// Tokens that are in the cache, shared prefix included.
        var length: Int
        var written: [TokenID]
        var sampler: Sampler
    }

    /// Writes one answer to each prompt.
    ///
    /// - Parameters:
    ///   - prompts: token ids, each at least one and shorter than the model's context.
    ///   - options: how to decode.
    ///   - progress: told after each step how many prompts are finished, of how many, and the tokens written so far;
    ///     returning false stops.
    /// - Returns: one generation for each prompt, in order; unfinished ones have reason `length`.
    /// - Throws: a refusal naming the prompt (counted from 1) that does not fit the context.
    public func generate(
        _ prompts: [[TokenID]], options: GenerationOptions,
        progress: (_ done: Int, _ total: Int, _ tokens: Int) -> Bool = { _, _, _ in true }
    ) throws(Refusal) -> [Generation] {
        let context = model.configuration.maxPositionEmbeddings
        for (index, prompt) in prompts.enumerated() where prompt.isEmpty || prompt.count >= context {
            throw Refusal(
                code: "generate.prompt-length", at: "prompt \(index + 1)",
                "\(prompt.count) tokens (allowed: 1 to \(context - 1), the model's context is \(context))",
                mend: "shorten the prompt")
        }
        guard !prompts.isEmpty else { return [] }
        var run = Run(model: model, adapter: adapter, prompts: prompts, options: options)
        while run.step(), progress(run.finishedCount, prompts.count, run.tokensWritten) {}
        return run.results
    }

    /// The state of one call of `generate`.
    private struct Run {
        let model: DecoderModel
        let prompts: [[TokenID]]
        let options: GenerationOptions
        let decoder: CachedDecoder
        let sharedCount: Int
        let slotRows: Int
        let stopTokens: Set<TokenID>
        var freeRows: [Int]
        var waiting: Int = 0
        var slots: [Slot] = []
        var results: [Generation]
        var finishedCount = 0
        var tokensWritten = 0
        /// How often each prompt was admitted, for its draws.
        private var admitted: [[TokenID]: Int] = [:]

        init(model: DecoderModel, adapter: LoRAAdapter?, prompts: [[TokenID]], options: GenerationOptions) {
            self.model = model
            self.prompts = prompts
            self.options = options
            let longest = prompts.map(\.count).max() ?? 0
            sharedCount = prompts.count > 1 ? Self.sharedPrefix(prompts) : 0
            slotRows = min(longest + options.maxNewTokens, model.configuration.maxPositionEmbeddings) - sharedCount
            let slotCount = max(1, min(prompts.count, options.batchSize))
            decoder = CachedDecoder(model: model, adapter: adapter, cacheRows: sharedCount + slotCount * slotRows)
            freeRows = (0..<slotCount).reversed().map { [sharedCount, slotRows] in sharedCount + $0 * slotRows }
            stopTokens = Set([model.tokenizer.endOfTurnTokenID, model.tokenizer.eosTokenID].compactMap { $0 })
            results = prompts.map { Generation(tokens: [], text: "", finishReason: .length, promptTokens: $0.count) }
            if sharedCount > 0 { fillSharedPrefix() }
        }

        /// The tokens with which all prompts begin; each keeps at least one of its own.
        static func sharedPrefix(_ prompts: [[TokenID]]) -> Int {
            let shortest = (prompts.map(\.count).min() ?? 1) - 1
            var count = 0
            while count < shortest, prompts.allSatisfy({ $0[count] == prompts[0][count] }) { count += 1 }
            return count
        }

        private func fillSharedPrefix() {
            for start in stride(from: 0, to: sharedCount, by: TextGenerator.prefillRows) {
                let rows = start..<min(start + TextGenerator.prefillRows, sharedCount)
                let entries = rows.map { CachedDecoder.Entry(token: prompts[0][$0], position: Int32($0), cacheRow: $0) }
                let span = AttentionSpan(queryStart: 0, queryCount: rows.count, keyStart: 0, keyOffset: start)
                decoder.advance(entries, spans: [span], readRows: [])
            }
        }

        /// Admits waiting prompts or writes one token for every slot; false when nothing is left.
        mutating func step() -> Bool {
            if waiting < prompts.count, !freeRows.isEmpty {
                admit()
                return true
            }
            guard !slots.isEmpty else { return false }
            let entries = slots.map { slot in
                CachedDecoder.Entry(
                    token: slot.written[slot.written.count - 1], position: Int32(slot.length),
                    cacheRow: slot.firstRow + slot.length - sharedCount)
            }
            let spans = slots.enumerated().map { row, slot in
                AttentionSpan(
                    queryStart: row, queryCount: 1, prefixStart: 0, prefixCount: sharedCount, keyStart: slot.firstRow,
                    keyOffset: slot.length - sharedCount)
            }
            decoder.advance(entries, spans: spans, readRows: Array(slots.indices))
            for index in slots.indices { slots[index].length += 1 }
            take(Array(slots.indices))
            return true
        }

        /// Feeds as many waiting prompts as fit one pass and takes each one's first token.
        private mutating func admit() {
            var entries: [CachedDecoder.Entry] = []
            var spans: [AttentionSpan] = []
            var readRows: [Int] = []
            let firstNew = slots.count
            while waiting < prompts.count, let row = freeRows.last {
                let own = Array(prompts[waiting][sharedCount...])
                if !entries.isEmpty, entries.count + own.count > TextGenerator.prefillRows { break }
                freeRows.removeLast()
                spans.append(
                    AttentionSpan(
                        queryStart: entries.count, queryCount: own.count, prefixStart: 0, prefixCount: sharedCount,
                        keyStart: row))
                entries += own.enumerated().map {
                    CachedDecoder.Entry(token: $1, position: Int32(sharedCount + $0), cacheRow: row + $0)
                }
                readRows.append(entries.count - 1)
                slots.append(
                    Slot(
                        prompt: waiting, firstRow: row, length: prompts[waiting].count, written: [],
                        sampler: Sampler(options: options, stream: stream(of: prompts[waiting]))))
                waiting += 1
            }
            decoder.advance(entries, spans: spans, readRows: readRows)
            take(Array(firstNew..<slots.count))
        }

        /// A prompt's stream of draws: of its tokens and of how often they came before, so whatever else is asked, and in
        /// which order, changes nothing.
        private mutating func stream(of prompt: [TokenID]) -> String {
            let occurrence = admitted[prompt, default: 0]
            admitted[prompt] = occurrence + 1
            return "prompt-\(occurrence)-" + prompt.map(String.init).joined(separator: ",")
        }

        /// Chooses the next token of the given slots, whose hidden states the decoder has just left, and closes those that end.
        private mutating func take(_ indices: [Int]) {
            var chosen: [TokenID] = []
            if options.isPlainGreedy {
                chosen = decoder.mostProbable()
            } else {
                var slots = self.slots
                decoder.forEachLogits { row, logits in
                    let index = indices[row]
                    let seen = options.repetitionPenalty == 1 ? [] : prompts[slots[index].prompt] + slots[index].written
                    chosen.append(slots[index].sampler.next(logits: logits, seen: seen))
                }
                self.slots = slots
            }
            for (index, token) in zip(indices, chosen).reversed() { accept(token, in: index) }
        }

        private mutating func accept(_ token: TokenID, in index: Int) {
            if stopTokens.contains(token) { return close(index, .endOfTurn) }
            slots[index].written.append(token)
            tokensWritten += 1
            if !options.stopStrings.isEmpty {
                let text = model.tokenizer.decode(slots[index].written, skippingSpecialTokens: true)
                if options.stopStrings.contains(where: text.contains) { return close(index, .stopString) }
            }
            let isFull = slots[index].length >= model.configuration.maxPositionEmbeddings
            if slots[index].written.count >= options.maxNewTokens || isFull { close(index, .length) }
        }

        private mutating func close(_ index: Int, _ reason: Generation.FinishReason) {
            let slot = slots.remove(at: index)
            freeRows.append(slot.firstRow)
            var text = model.tokenizer.decode(slot.written, skippingSpecialTokens: true)
            if reason == .stopString {
                let cut = options.stopStrings.compactMap { text.firstRange(of: $0)?.lowerBound }.min()
                if let cut { text = String(text[..<cut]) }
            }
            results[slot.prompt] = Generation(
                tokens: slot.written, text: text, finishReason: reason, promptTokens: prompts[slot.prompt].count)
            finishedCount += 1
        }
    }
}
