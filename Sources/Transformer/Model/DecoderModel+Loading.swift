public import Diagnostics
public import Kernels
internal import ModelFiles
internal import Tokenization

extension DecoderModel {
    /// Opens a GGUF file of the `llama` architecture; the weights stay where they are, in the mapped file.
    ///
    /// - Parameters:
    ///   - path: the GGUF file.
    ///   - workers: the threads to use.
    /// - Throws: a refusal when the file is missing, damaged, of another architecture, or lacks a tensor; it names the
    ///   key or tensor.
    public convenience init(path: String, workers: Workers = Workers()) throws(Refusal) {
        let file = try GGUFFile(path: path)
        let configuration = try ModelConfiguration(file)
        let vocabulary = try file.vocabulary()
        let tokenizer = try Tokenizer(
            TokenizerDefinition(
                tokens: vocabulary.tokens, tokenTypes: vocabulary.tokenTypes, merges: vocabulary.merges,
                model: vocabulary.model, preTokenizer: vocabulary.preTokenizer ?? "default",
                bosTokenID: vocabulary.bosTokenID, eosTokenID: vocabulary.eosTokenID,
                unknownTokenID: vocabulary.unknownTokenID, paddingTokenID: vocabulary.paddingTokenID,
                addBOS: vocabulary.addBOSToken ?? false, addEOS: vocabulary.addEOSToken ?? false,
                chatTemplate: vocabulary.chatTemplate))
        guard tokenizer.vocabularySize == configuration.vocabularySize else {
            throw Refusal(
                code: "model.vocabulary", at: path,
                "\(tokenizer.vocabularySize) tokens for \(configuration.vocabularySize) rows of the embedding (allowed: as many)",
                mend: "convert the model again")
        }
        let embedding = try file.frozenWeight(
            TensorNaming.ggufEmbedding, rows: configuration.vocabularySize, columns: configuration.hiddenSize)
        let head =
            configuration.tiesWordEmbeddings
            ? embedding
            : try file.frozenWeight(
                TensorNaming.ggufOutput, rows: configuration.vocabularySize, columns: configuration.hiddenSize)
        var layers: [Layer] = []
        for index in 0..<configuration.numHiddenLayers {
            layers.append(try Self.layer(index, of: file, configuration))
        }
        self.init(
            configuration: configuration, tokenizer: tokenizer,
            chatTemplate: try ChatTemplate.detect(fromJinja: vocabulary.chatTemplate), path: path,
            name: try file.metadata.optionalString("general.name") ?? "unnamed model", file: file.file,
            workers: workers,
            embedding: embedding, head: head,
            finalNorm: try file.vector(TensorNaming.ggufOutputNorm, count: configuration.hiddenSize), layers: layers)
    }

    private static func layer(
        _ index: Int, of file: GGUFFile, _ configuration: ModelConfiguration
    ) throws(Refusal) -> Layer {
        var projections: [Projection: FrozenWeight] = [:]
        for projection in Projection.allCases {
            let shape = projection.shape(in: configuration)
            projections[projection] = try file.frozenWeight(
                projection.ggufName(layer: index), rows: shape.out, columns: shape.in,
                rowOrder: projection.isPermutedInGGUF
                    ? .interleaved(headDimension: configuration.headDimension) : .halves)
        }
        return Layer(
            inputNorm: try file.vector(TensorNaming.ggufAttentionNorm(layer: index), count: configuration.hiddenSize),
            postAttentionNorm: try file.vector(
                TensorNaming.ggufFeedForwardNorm(layer: index), count: configuration.hiddenSize),
            projections: projections)
    }
}

extension GGUFFile {
    /// A matrix of the file as a frozen weight; refused when its shape or type is not one that we read.
    func frozenWeight(
        _ name: String, rows: Int, columns: Int, rowOrder: FrozenWeight.RowOrder = .halves
    ) throws(Refusal) -> FrozenWeight {
        let tensor = try tensor(named: name)
        guard tensor.rows == rows, tensor.columns == columns else {
            throw Refusal(
                code: "model.shape", at: "\(path), tensor \(name)",
                "\(tensor.rows) x \(tensor.columns) (allowed by the file's own header: \(rows) x \(columns))",
                mend: "download or convert the model again")
        }
        guard let type = tensor.elementType else {
            throw Refusal(
                code: "model.type", at: "\(path), tensor \(name)",
                "type \(tensor.typeName) (allowed: \(ElementType.allCases.map(\.name).joined(separator: ", ")))",
                mend: "use a Q8_0, Q4_0, Q4_1, F16, BF16 or F32 file of the model")
        }
        return FrozenWeight(
            file: file, byteOffset: tensor.byteOffset, elementType: type, rows: rows, columns: columns,
            rowOrder: rowOrder)
    }

    /// A vector of the file, expanded; refused when it is not finite.
    func vector(_ name: String, count: Int) throws(Refusal) -> [Float] {
        let values = try frozenWeight(name, rows: 1, columns: count).row(0)
        guard values.allSatisfy(\.isFinite) else {
            throw Refusal(
                code: "model.not-finite", at: "\(path), tensor \(name)",
                "\(values.count { !$0.isFinite }) of \(count) values are not finite numbers",
                mend: "download or convert the model again")
        }
        return values
    }
}
