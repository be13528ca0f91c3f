internal import Foundation
internal import GRDB
internal import StrictJSON

/// Candidates between rows and values.
enum CandidateRows {
    /// The candidate's row, made when text or provenance is new.
    static func id(of candidate: Candidate, _ promptID: Int64, _ created: String, _ database: Database) throws -> Int64
    {
        let identity = Data(candidate.identity)
        let known = try database.cachedStatement(
            sql: "SELECT candidate_id FROM candidate WHERE prompt_id = ? AND identity = ?")
        if let id = try Int64.fetchOne(known, arguments: [promptID, identity]) { return id }
        let model = candidate.model
        let decoding = candidate.decoding
        try database.cachedStatement(
            sql: """
                INSERT INTO candidate (prompt_id, identity, sha256, content, author_kind, author_key, version_id,
                    base_model, base_sha256, adapter, adapter_sha256, tokenizer_sha256, quantisation, runtime,
                    runtime_version, policy_iteration, seed, temperature, top_p, max_tokens, stop_reason, token_count,
                    latency_ms, leak_flags, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            promptID, identity, candidate.text.digest, StoredPairs.column(candidate.text).content,
            candidate.author.rawValue, candidate.authorKey, candidate.reportVersion, model?.base, model?.baseSHA256,
            model?.adapter, model?.adapterSHA256, model?.tokenizerSHA256, model?.quantisation, model?.runtime,
            model?.runtimeVersion, model?.policyIteration, decoding?.seed.map { String($0) }, decoding?.temperature,
            decoding?.topP, decoding?.maxTokens, decoding?.stopReason, decoding?.tokenCount,
            decoding?.latencyMilliseconds,
            JSONValue.array(candidate.leakFlags.map { .string($0) }).serialized(), created,
        ])
        return database.lastInsertedRowID
    }

    /// A row's candidate, its digest checked; nil when the row is not what was recorded.
    ///
    /// The row has the candidate's columns and `form`.
    static func candidate(_ row: Row) -> Candidate? {
        guard let author = Candidate.AuthorKind(rawValue: row["author_kind"]),
            let text = StoredPairs.text(row["content"], row["form"]),
            let flags = StoredPairs.json(row["leak_flags"])?.array?.compactMap(\.string)
        else { return nil }
        var candidate = Candidate(
            text: text, author: author, authorKey: row["author_key"], reportVersion: row["version_id"],
            leakFlags: flags)
        if let base = row["base_model"] as String? {
            candidate.model = Candidate.Model(
                base: base, baseSHA256: row["base_sha256"], adapter: row["adapter"],
                adapterSHA256: row["adapter_sha256"], tokenizerSHA256: row["tokenizer_sha256"],
                quantisation: row["quantisation"], runtime: row["runtime"], runtimeVersion: row["runtime_version"],
                policyIteration: row["policy_iteration"])
        }
        let decoding = Candidate.Decoding(
            seed: (row["seed"] as String?).flatMap { UInt64($0) }, temperature: row["temperature"],
            topP: row["top_p"], maxTokens: row["max_tokens"], stopReason: row["stop_reason"],
            tokenCount: row["token_count"], latencyMilliseconds: row["latency_ms"])
        if decoding != Candidate.Decoding() { candidate.decoding = decoding }
        let identity: Data = row["identity"]
        guard [UInt8](identity) == candidate.identity, candidate.text.digest == row["sha256"] as String else {
            return nil
        }
        return candidate
    }

    /// The candidate with a number, its digest checked.
    static func fetch(_ id: Int64, _ database: Database, path: String) throws -> Candidate {
        let statement = try database.cachedStatement(
            sql: "SELECT candidate.*, form FROM candidate JOIN prompt USING (prompt_id) WHERE candidate_id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]), let candidate = candidate(row) else {
            throw PreferenceStore.damaged("\(path), candidate row \(id)")
        }
        return candidate
    }
}
