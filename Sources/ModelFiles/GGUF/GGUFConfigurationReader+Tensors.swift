import Diagnostics
import Kernels

extension GGUFConfigurationReader {
    /// Checks that the file has every tensor of a model with `configuration`, in its shape, and no other.
    func checkTensors(of configuration: ModelConfiguration) throws(Refusal) {
        var shapes = Self.expectedShapes(of: configuration)
        var wrong: [String] = []
        var foreign: [String] = []
        var unread: [String] = []
        for tensor in file.tensors {
            guard let expected = shapes.removeValue(forKey: tensor.name) else {
                foreign.append(ShownText.quoted(tensor.name))
                continue
            }
            if tensor.shape != expected {
                wrong.append(
                    "\(ShownText.quoted(tensor.name)) is \(ShownText.shape(tensor.shape)), "
                        + "\(ShownText.shape(expected)) is needed")
            }
            if tensor.elementType == nil { unread.append("\(ShownText.quoted(tensor.name)) is \(tensor.typeName)") }
        }
        let convert = "convert the model again with a current converter"
        if file.tensorIfPresent(named: "rope_freqs.weight") != nil {
            throw refusal(
                "not_supported", "the tensor \"rope_freqs.weight\" scales the rotation, which is not computed",
                mend: "use a model without it, such as SmolLM2")
        }
        if !shapes.isEmpty {
            let missing = Self.names(of: configuration).filter { shapes[$0] != nil }.map { ShownText.quoted($0) }
            throw refusal(
                "missing_tensors", "\(missing.count) tensors are missing: \(ShownText.firstFive(missing))",
                mend: convert)
        }
        if !foreign.isEmpty {
            throw refusal(
                "not_supported",
                "\(foreign.count) tensors (biases or other parts) are not computed with: \(ShownText.firstFive(foreign))",
                mend: "use a model without them, such as SmolLM2")
        }
        if !wrong.isEmpty {
            throw refusal(
                "wrong_shapes", "shapes disagree with the header: \(ShownText.firstFive(wrong))", mend: convert)
        }
        if !unread.isEmpty {
            let read = ElementType.allCases.map(\.name).joined(separator: ", ")
            throw refusal(
                "unsupported_types", "types that are not read: \(ShownText.firstFive(unread)); \(read) are read",
                mend: "convert the model to Q8_0 or F16")
        }
    }

    private func refusal(_ problem: String, _ words: String, mend: String) -> Refusal {
        Refusal(code: "gguf.\(problem)", at: file.path, words, mend: mend)
    }

    /// The names of a model's tensors, in llama.cpp's order.
    private static func names(of configuration: ModelConfiguration) -> [String] {
        var names = [TensorNaming.ggufEmbedding, TensorNaming.ggufOutputNorm]
        if !configuration.tiesWordEmbeddings { names.append(TensorNaming.ggufOutput) }
        for layer in 0..<configuration.numHiddenLayers {
            names += [TensorNaming.ggufAttentionNorm(layer: layer), TensorNaming.ggufFeedForwardNorm(layer: layer)]
            names += Projection.allCases.map { $0.ggufName(layer: layer) }
        }
        return names
    }

    /// The shapes of a model's tensors in Hugging Face's order.
    private static func expectedShapes(of configuration: ModelConfiguration) -> [String: [Int]] {
        let hidden = configuration.hiddenSize
        var shapes = [
            TensorNaming.ggufEmbedding: [configuration.vocabularySize, hidden],
            TensorNaming.ggufOutputNorm: [hidden],
        ]
        if !configuration.tiesWordEmbeddings {
            shapes[TensorNaming.ggufOutput] = [configuration.vocabularySize, hidden]
        }
        for layer in 0..<configuration.numHiddenLayers {
            shapes[TensorNaming.ggufAttentionNorm(layer: layer)] = [hidden]
            shapes[TensorNaming.ggufFeedForwardNorm(layer: layer)] = [hidden]
            for projection in Projection.allCases {
                let shape = projection.shape(in: configuration)
                shapes[projection.ggufName(layer: layer)] = [shape.out, shape.in]
            }
        }
        return shapes
    }
}
