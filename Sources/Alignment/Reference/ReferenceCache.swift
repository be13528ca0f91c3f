public import Diagnostics
internal import Foundation
public import Kernels
internal import StrictJSON
internal import Tokenization
public import Transformer

/// The reference's log-probabilities, computed once and kept on disk.
///
/// A file holds the pairs of one base, one starting adapter (none for a fresh run), one template and one length limit;
/// within it a pair is found by its token ids. So runs that differ in loss, beta, learning rate or seed share it, and
/// any change that could move a value misses it. Nothing in the file is text.
public struct ReferenceCache: Sendable {
    /// Raised whenever the arithmetic changes in more than the last bits.
    static let version = 1

    /// The folder of the cache files.
    public let folder: String

    /// A cache in a folder, which is made when first needed.
    public init(folder: String) { self.folder = folder }

    /// What the values of one file depend on.
    public struct Key: Sendable, Equatable {
        /// SHA-256 of the model file.
        public var base: String
        /// SHA-256 of the adapter that the run starts from, nil when it changes nothing.
        public var startingAdapter: String?
        /// The chat template's name.
        public var template: String
        /// The length limit, nil for none.
        public var maxLength: Int?
        /// The type in which products take their factors.
        public var computeType: ComputeType

        /// A key.
        public init(
            base: String, startingAdapter: String?, template: String, maxLength: Int?,
            computeType: ComputeType = .float32
        ) {
            self.base = base
            self.startingAdapter = startingAdapter
            self.template = template
            self.maxLength = maxLength
            self.computeType = computeType
        }

        var json: JSONObject {
            [
                "version": .number(JSONNumber(ReferenceCache.version)), "base_sha256": .string(base),
                "adapter_sha256": startingAdapter.map { .string($0) } ?? .null, "chat_template": .string(template),
                "max_length": maxLength.map { .number(JSONNumber($0)) } ?? .null,
                "compute_dtype": .string(computeType.rawValue),
            ]
        }
    }

    /// The reference scores of pairs, in order; what the cache lacks is computed and added to it.
    ///
    /// - Parameters:
    ///   - pairs: the pairs.
    ///   - model: the base.
    ///   - adapter: the adapter that the run starts from; the reference is the model at that point, as in TRL.
    ///   - key: what the values depend on.
    ///   - progress: told pairs done and how many must be computed; false stops.
    /// - Returns: the scores and how many of them were computed now; nil when stopped (what was computed is kept).
    /// - Throws: a refusal when the cache file is damaged or cannot be written.
    public func scores(
        for pairs: [EncodedPair], model: DecoderModel, adapter: LoRAAdapter?, key: Key,
        progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
    ) throws(Refusal) -> (scores: [PairScore], computed: Int)? {
        let path = self.path(of: key)
        var known = try read(path, key: key)
        let digests = pairs.map(Digests.pair)
        var seen = Set<String>()
        let distinct = zip(pairs, digests).filter { seen.insert($0.1).inserted }
        let missing = distinct.count { known[$0.1] == nil }
        if missing > 0 {
            let scorer = PairScorer(
                model: model, adapter: key.startingAdapter == nil ? nil : adapter, computeType: key.computeType)
            var computed = 0
            scorer.forEachPass(over: distinct.map(\.0), isWanted: { known[distinct[$0].1] == nil }) { indices, scores in
                for (index, score) in zip(indices, scores) where known[distinct[index].1] == nil {
                    known[distinct[index].1] = score
                    computed += 1
                }
                return progress(computed, missing)
            }
            try write(known, to: path, key: key)
            guard computed == missing else { return nil }
        }
        let scores = zip(pairs, digests).compactMap { pair, digest -> PairScore? in
            guard var score = known[digest] else { return nil }
            score.id = pair.id
            return score
        }
        return (scores, missing)
    }

    private func path(of key: Key) -> String {
        let name = Digests.bytes(JSONValue.object(key.json).serializedBytes(sortedKeys: true)).prefix(16)
        return "\(folder)/reference-\(name).json"
    }

    private func read(_ path: String, key: Key) throws(Refusal) -> [String: PairScore] {
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        let damaged = Refusal(
            code: "reference.damaged", at: path, "not a reference cache of this model and settings",
            mend: "delete the file; it is computed again")
        let value: JSONValue
        do { value = try JSONValue(parsing: Array(data), named: path) } catch { throw damaged }
        guard value["key"] == .object(key.json), let rows = value["scores"]?.object else { throw damaged }
        var known: [String: PairScore] = [:]
        for row in rows.members {
            guard let items = row.value.array, items.count == 4, let chosen = items[0].double,
                let rejected = items[1].double,
                let chosenTokens = items[2].int, let rejectedTokens = items[3].int
            else { throw damaged }
            known[row.key] = PairScore(
                id: "", chosenLogp: chosen, rejectedLogp: rejected, chosenTokens: chosenTokens,
                rejectedTokens: rejectedTokens)
        }
        return known
    }

    private func write(_ known: [String: PairScore], to path: String, key: Key) throws(Refusal) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Refusal(
                .environment, code: "file.not_written", at: folder, "the folder cannot be made",
                mend: "check the permissions of the folder above")
        }
        let rows = known.keys.sorted().compactMap { digest -> JSONObject.Member? in
            guard let score = known[digest] else { return nil }
            return JSONObject.Member(
                digest,
                .array([
                    .number(JSONNumber(score.chosenLogp)), .number(JSONNumber(score.rejectedLogp)),
                    .number(JSONNumber(score.chosenTokens)), .number(JSONNumber(score.rejectedTokens)),
                ]))
        }
        let value: JSONValue = .object(["key": .object(key.json), "scores": .object(JSONObject(rows))])
        try DurableFile.write(value.serializedBytes(), to: path)
    }
}
