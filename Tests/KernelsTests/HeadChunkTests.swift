import Foundation
import Testing

@testable import Kernels

@Suite("Chunks of the language-model head")
struct HeadChunkTests {
    @Test("positions are cut into as few chunks as there can be, of nearly the same size")
    func chunks() {
        #expect(LanguageModelHead.chunks(0) == [])
        #expect(LanguageModelHead.chunks(1) == [0..<1])
        #expect(LanguageModelHead.chunks(LanguageModelHead.positionChunk).count == 1)
        for positions in [385, 500, 1153, 4096] {
            let chunks = LanguageModelHead.chunks(positions)
            #expect(chunks.count == (positions + 383) / 384)
            #expect(chunks.flatMap { Array($0) } == Array(0..<positions))
            let sizes = chunks.map(\.count)
            #expect((sizes.max() ?? 0) <= 384 && (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    @Test("what a position is told does not depend on the chunk that it is in", arguments: [nil, 3])
    func positions(parts: Int?) throws {
        let (tokens, width, positions) = (50, 32, 800)
        let values = (0..<tokens * width).map { Float(($0 * 7919) % 201 - 100) / 40 }
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("overread-head-\(UUID().uuidString)")
        try values.withUnsafeBytes { try Data($0).write(to: url) }
        defer { try? FileManager.default.removeItem(at: url) }
        let table = FrozenWeight(
            file: try MappedFile(path: url.path), byteOffset: 0, elementType: .f32, rows: tokens, columns: width)
        let workers = Workers(2)
        let products = parts.map { MatrixProducts(.float32, form: .tiled(parts: $0), workers: workers) }
        let head = LanguageModelHead(table: table, products: products)
        // The same three states and targets, over and over: in every chunk each must be told the same.
        func states(_ count: Int) -> Matrix {
            Matrix(
                rows: count, columns: width,
                values: (0..<count * width).map { Float(($0 / width % 3 * 31 + $0 % width * 17) % 23 - 11) / 9 })
        }
        func targets(_ count: Int) -> [Int32] { (0..<count).map { Int32($0 % 3 * 11) } }
        let (many, few) = (Matrix(rows: 0, columns: width), Matrix(rows: 0, columns: width))
        let all = head.logProbabilities(
            of: targets(positions), hidden: states(positions), gradient: many, workers: workers)
        let three = head.logProbabilities(of: targets(3), hidden: states(3), gradient: few, workers: workers)
        for position in 0..<positions {
            #expect(abs(all.logProbabilities[position] - three.logProbabilities[position % 3]) < 1e-5)
            #expect(all.mostProbable[position] == three.mostProbable[position % 3])
            #expect(zip(many.row(position), few.row(position % 3)).allSatisfy { abs($0 - $1) < 1e-5 })
        }
        #expect(Set(three.logProbabilities).count == 3)
    }
}
