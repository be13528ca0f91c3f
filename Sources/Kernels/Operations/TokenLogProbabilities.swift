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
    /// The most positions whose logits exist at a time.
    public static let positionChunk = 384
    /// Rows of the table that are expanded at a time.
    static let vocabularyTile = 2048

    private let table: FrozenWeight
    private let products: MatrixProducts?
    private let logits: Matrix
    private let tile: Matrix
    /// In the products' form: a tile of the table, and the hidden states of a chunk or the gradient of a tile of its logits.
    private let tableFactor: ProductMatrix
    private let inputFactor: ProductMatrix

    /// A head on a table (vocabulary × C), tied to the embedding or not, whose products are in fp32 as it is unless
    /// `products` are of another form.
    public init(table: FrozenWeight, products: MatrixProducts? = nil) {
        self.table = table
        self.products = products?.form == .full ? nil : products
        tableFactor = ProductMatrix(products?.form ?? .full)
        inputFactor = ProductMatrix(products?.form ?? .full)
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
        for rows in Self.chunks(hidden.rows) {
            fillLogits(hidden, rows: rows, workers: workers)
            let statistics = rowStatistics(count: rows.count, workers: workers)
            for (row, statistic) in zip(rows, statistics) {
                let logit = Double(logits[row - rows.lowerBound, Int(targets[row])])
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
        for rows in Self.chunks(hidden.rows) {
            fillLogits(hidden, rows: rows, workers: workers)
            for row in rows { body(row, logits.row(row - rows.lowerBound)) }
        }
    }

    /// The most probable token after each row of `hidden` (N × C); the lowest id among equals.
    public func mostProbable(hidden: Matrix, workers: Workers) -> [Int32] {
        var result: [Int32] = []
        for rows in Self.chunks(hidden.rows) {
            fillLogits(hidden, rows: rows, workers: workers)
            result += rowStatistics(count: rows.count, workers: workers).map(\.argmax)
        }
        return result
    }

    /// As few chunks of positions as there can be, of nearly the same size: the table is expanded for each.
    static func chunks(_ positions: Int) -> [Range<Int>] {
        let count = (positions + positionChunk - 1) / positionChunk
        return (0..<count).map { Workers.part($0, of: count, total: positions, unit: 1) }
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

    private func forEachTile(
        _ products: MatrixProducts, as role: ProductMatrix.Role, _ body: (_ tokens: Range<Int>) -> Void
    ) {
        for start in stride(from: 0, to: table.rows, by: Self.vocabularyTile) {
            let tokens = start..<min(start + Self.vocabularyTile, table.rows)
            expand(table, rows: tokens, as: role, into: tableFactor, products: products)
            body(tokens)
        }
    }

    private func fillLogits(_ hidden: Matrix, rows: Range<Int>, products: MatrixProducts) {
        let columns = table.columns
        inputFactor.take(
            hidden.base + rows.lowerBound * columns, stride: columns, rows: rows.count, columns: columns,
            workers: products.workers)
        forEachTile(products, as: .weight) { tokens in
            products.multiply(
                inputFactor, tableFactor, backward: false, accumulating: false, into: logits.base + tokens.lowerBound,
                stride: logits.columns)
        }
    }

    private func pullBack(count: Int, into gradient: UnsafeMutablePointer<Float>, products: MatrixProducts) {
        forEachTile(products, as: .weightBackward) { tokens in
            inputFactor.take(
                logits.base + tokens.lowerBound, stride: logits.columns, rows: count, columns: tokens.count,
                workers: products.workers)
            products.multiply(
                inputFactor, tableFactor, backward: true, accumulating: tokens.lowerBound > 0, into: gradient,
                stride: table.columns)
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
