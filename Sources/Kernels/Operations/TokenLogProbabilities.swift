internal import CKernels

/// What the language-model head says at each of N positions about the token that follows.
public struct TokenLogProbabilities: Sendable, Equatable {
    /// ln p(target), one for each position.
    public var logProbabilities: [Double]
    /// The entropy of the distribution, nats.
    public var entropies: [Double]
    /// The mean of the raw logits over the vocabulary.
    public var meanLogits: [Double]
    /// The most probable token; the lowest id among equals.
    public var mostProbable: [Int32]
}

/// The language-model head: log-probabilities of tokens and their gradient, never holding all logits.
///
/// Positions go through in chunks, the vocabulary in tiles, so what exists at a time is one chunk's logits and one
/// tile of the expanded table. The gradient of a log-probability with respect to the hidden state is formed in the
/// same pass, unscaled: any loss that is a function of the log-probabilities then needs one weight for each position.
public final class LanguageModelHead {
    /// Positions whose logits exist at a time.
    public static let positionChunk = 192
    /// Rows of the table that are expanded at a time.
    static let vocabularyTile = 2048

    private let table: FrozenWeight
    private let products: MatrixProducts?
    private let logits: Matrix
    private let tile: Matrix
    /// In bf16: a tile of the table, the hidden states of a chunk, and the gradient of a tile of its logits.
    private let roundedTile = ProductMatrix(.bfloat16)
    private let roundedStates = ProductMatrix(.bfloat16)
    private let roundedLogits = ProductMatrix(.bfloat16)

    /// A head on a table (vocabulary × C), tied to the embedding or not, whose products are in fp32 unless `products` are
    /// of another type.
    public init(table: FrozenWeight, products: MatrixProducts? = nil) {
        self.table = table
        self.products = products?.computeType == .bfloat16 ? products : nil
        logits = Matrix(rows: 0, columns: table.rows)
        tile = Matrix(rows: 0, columns: table.columns)
    }

    /// ln p(target) at each position, and when asked its gradient with respect to the hidden states.
    ///
    /// - Parameters:
    ///   - hidden: (N × C), after the final norm.
    ///   - targets: N token ids; each must be in the vocabulary.
    ///   - gradient: becomes (N × C): row i is d ln p(target i) / d hidden i. Nil when not needed.
    ///   - workers: the threads to use.
    public func logProbabilities(
        of targets: [Int32], hidden: Matrix, gradient: Matrix? = nil, workers: Workers
    ) -> TokenLogProbabilities {
        precondition(
            hidden.rows == targets.count && hidden.columns == table.columns,
            "\(hidden.shape) for \(targets.count) targets")
        precondition(
            targets.allSatisfy { $0 >= 0 && Int($0) < table.rows }, "a target is not in a vocabulary of \(table.rows)")
        gradient?.resize(rows: hidden.rows)
        let products = gradient == nil ? 1 : 2
        return workers.measure(.head, operations: 2 * products * hidden.rows * table.rows * table.columns) {
            chunked(targets, hidden: hidden, gradient: gradient, workers: workers)
        }
    }

    private func chunked(
        _ targets: [Int32], hidden: Matrix, gradient: Matrix?, workers: Workers
    ) -> TokenLogProbabilities {
        var result = TokenLogProbabilities(logProbabilities: [], entropies: [], meanLogits: [], mostProbable: [])
        for start in stride(from: 0, to: hidden.rows, by: Self.positionChunk) {
            let rows = start..<min(start + Self.positionChunk, hidden.rows)
            fillLogits(hidden, rows: rows, workers: workers)
            let statistics = rowStatistics(count: rows.count, workers: workers)
            for (row, statistic) in zip(rows, statistics) {
                let logit = Double(logits[row - start, Int(targets[row])])
                result.logProbabilities.append(logit - statistic.log_sum_exp)
                result.entropies.append(statistic.entropy)
                result.meanLogits.append(statistic.mean)
                result.mostProbable.append(statistic.argmax)
            }
            if let gradient {
                pullBack(targets, rows: rows, statistics: statistics, into: gradient, workers: workers)
            }
        }
        return result
    }

    /// The raw logits of each row of `hidden` (N × C) in turn, for sampling; each row of the vocabulary's length.
    public func forEachLogits(hidden: Matrix, workers: Workers, _ body: (_ row: Int, _ logits: [Float]) -> Void) {
        for start in stride(from: 0, to: hidden.rows, by: Self.positionChunk) {
            let rows = start..<min(start + Self.positionChunk, hidden.rows)
            fillLogits(hidden, rows: rows, workers: workers)
            for row in rows { body(row, logits.row(row - start)) }
        }
    }

    /// The most probable token after each row of `hidden` (N × C); the lowest id among equals.
    public func mostProbable(hidden: Matrix, workers: Workers) -> [Int32] {
        var result: [Int32] = []
        for start in stride(from: 0, to: hidden.rows, by: Self.positionChunk) {
            let rows = start..<min(start + Self.positionChunk, hidden.rows)
            fillLogits(hidden, rows: rows, workers: workers)
            result += rowStatistics(count: rows.count, workers: workers).map(\.argmax)
        }
        return result
    }

    private func forEachTile(workers: Workers, _ body: (_ tokens: Range<Int>) -> Void) {
        for start in stride(from: 0, to: table.rows, by: Self.vocabularyTile) {
            let tokens = start..<min(start + Self.vocabularyTile, table.rows)
            tile.resize(rows: tokens.count)
            workers.forEachRange(tokens.count, unit: 8, minimum: 16) { part in
                table.decode(
                    rows: (tokens.lowerBound + part.lowerBound)..<(tokens.lowerBound + part.upperBound),
                    into: tile.base + part.lowerBound * table.columns)
            }
            body(tokens)
        }
    }

    private func fillLogits(_ hidden: Matrix, rows: Range<Int>, workers: Workers) {
        logits.resize(rows: rows.count)
        if let products { return fillLogits(hidden, rows: rows, products: products) }
        let states = Factor(hidden.base + rows.lowerBound * hidden.columns, stride: hidden.columns)
        forEachTile(workers: workers) { tokens in
            multiplyTransposed(
                states, Factor(tile.base, stride: tile.columns), m: rows.count, n: tokens.count, k: table.columns,
                accumulating: false, into: logits.base + tokens.lowerBound, stride: logits.columns, workers: workers)
        }
    }

    private func forEachRoundedTile(_ products: MatrixProducts, _ body: (_ tokens: Range<Int>) -> Void) {
        let columns = table.columns
        for start in stride(from: 0, to: table.rows, by: Self.vocabularyTile) {
            let tokens = start..<min(start + Self.vocabularyTile, table.rows)
            roundedTile.reshape(rows: tokens.count, columns: columns)
            products.workers.run { part, parts in
                let own = Workers.part(part, of: parts, total: tokens.count, unit: 8)
                for row in stride(from: own.lowerBound, to: own.upperBound, by: 64) {
                    let rows = row..<min(row + 64, own.upperBound)
                    let values = products.tile(part, count: 64 * columns)
                    table.decode(rows: (start + rows.lowerBound)..<(start + rows.upperBound), into: values)
                    ck_round_bf16(roundedTile.bfloat16 + row * columns, values, rows.count * columns)
                }
            }
            body(tokens)
        }
    }

    private func fillLogits(_ hidden: Matrix, rows: Range<Int>, products: MatrixProducts) {
        let columns = table.columns
        roundedStates.reshape(rows: rows.count, columns: columns)
        ck_round_bf16(roundedStates.bfloat16, hidden.base + rows.lowerBound * columns, rows.count * columns)
        forEachRoundedTile(products) { tokens in
            products.multiply(
                BFloat16Product(
                    m: rows.count, n: tokens.count, k: columns, xStride: columns, wStride: columns,
                    yStride: logits.columns, isTransposed: true, isAccumulating: false),
                x: roundedStates.bfloat16, w: roundedTile.bfloat16, into: logits.base + tokens.lowerBound)
        }
    }

    private func pullBack(count: Int, into gradient: UnsafeMutablePointer<Float>, products: MatrixProducts) {
        let columns = table.columns
        forEachRoundedTile(products) { tokens in
            roundedLogits.reshape(rows: count, columns: tokens.count)
            products.workers.forEachRange(count, minimum: 8) { rows in
                for row in rows {
                    ck_round_bf16(
                        roundedLogits.bfloat16 + row * tokens.count,
                        logits.base + row * logits.columns + tokens.lowerBound, tokens.count)
                }
            }
            products.multiply(
                BFloat16Product(
                    m: count, n: columns, k: tokens.count, xStride: tokens.count, wStride: columns, yStride: columns,
                    isTransposed: false, isAccumulating: tokens.lowerBound > 0),
                x: roundedLogits.bfloat16, w: roundedTile.bfloat16, into: gradient)
        }
    }

    private func rowStatistics(count: Int, workers: Workers) -> [ck_row_statistics] {
        var statistics = [ck_row_statistics](repeating: ck_row_statistics(), count: count)
        statistics.withUnsafeMutableBufferPointer { buffer in
            guard let target = buffer.baseAddress else { return }
            workers.forEachRange(count, minimum: 2) { rows in
                for row in rows {
                    target[row] = ck_logits_statistics(logits.base + row * logits.columns, logits.columns)
                }
            }
        }
        return statistics
    }

    private func pullBack(
        _ targets: [Int32], rows: Range<Int>, statistics: [ck_row_statistics], into gradient: Matrix, workers: Workers
    ) {
        workers.forEachRange(rows.count, minimum: 2) { part in
            for row in part {
                ck_logits_gradient(
                    logits.base + row * logits.columns, logits.columns, statistics[row].log_sum_exp,
                    Int(targets[rows.lowerBound + row]))
            }
        }
        if let products {
            return pullBack(
                count: rows.count, into: gradient.base + rows.lowerBound * gradient.columns, products: products)
        }
        forEachTile(workers: workers) { tokens in
            multiply(
                Factor(logits.base + tokens.lowerBound, stride: logits.columns),
                Factor(tile.base, stride: tile.columns),
                m: rows.count, n: table.columns, k: tokens.count, beta: tokens.lowerBound == 0 ? 0 : 1,
                into: gradient.base + rows.lowerBound * gradient.columns, stride: gradient.columns, workers: workers)
        }
    }
}
