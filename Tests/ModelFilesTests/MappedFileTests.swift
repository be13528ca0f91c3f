import Diagnostics
import Foundation
import Kernels
import Testing

@Suite("Mapped files and checked reading")
struct MappedFileTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test("folders, FIFOs, missing and empty files")
    func kinds() throws {
        expect(refusal { _ = try MappedFile(path: folder.path) }, "file.not_regular", "a folder")
        expect(refusal { _ = try MappedFile(path: folder.path + "/none") }, "file.missing")
        expect(refusal { _ = try MappedFile(path: "") }, "file.missing")
        let fifo = folder.path + "/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        expect(refusal { _ = try MappedFile(path: fifo) }, "file.not_regular", "a FIFO")
        let empty = try MappedFile(path: try folder.file("empty", []))
        #expect(empty.byteCount == 0)
        #expect(try empty.bytes(in: 0..<0) == [])
    }

    @Test("a file that is cut short while it is open is refused, not a crash")
    func shrinking() throws {
        let path = try folder.file("big", [UInt8](repeating: 7, count: 300_000))
        let file = try MappedFile(path: path)
        #expect(!file.hasShrunk)
        var reader = file.reader(at: 100)
        #expect(try reader.u8() == 7)
        #expect(truncate(path, 1000) == 0)
        #expect(file.hasShrunk)
        expect(refusal { try file.checkNotShrunk() }, "file.shrunk", "300000 bytes")
        expect(refusal { _ = try file.bytes(in: 500..<2000) }, "file.shrunk", "byte 1000")
        expect(refusal { _ = try reader.bytes(200_000) }, "file.shrunk")
    }

    @Test("chunks give the whole file in order")
    func chunks() throws {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let file = try MappedFile(path: try folder.file("c", bytes))
        var collected: [UInt8] = []
        var sizes: [Int] = []
        try file.forEachChunk(size: 4096) { chunk in
            collected += chunk
            sizes.append(chunk.count)
        }
        #expect(collected == bytes)
        #expect(sizes == [4096, 4096, 1808])
    }

    @Test("numbers are little-endian, from memory and from a file alike")
    func numbers() throws {
        let bytes: [UInt8] =
            [1, 2, 1, 0xFF, 0xFF, 4, 3, 2, 1] + little(UInt64.max) + little(Float(-0.5).bitPattern)
            + little(Double(1e300).bitPattern) + little(UInt64(3)) + [0xE2, 0x82, 0xAC]
        let file = try MappedFile(path: try folder.file("n", bytes))
        for var reader in [ByteReader(bytes, named: "memory"), file.reader()] {
            #expect(try reader.u8() == 1)
            #expect(try reader.u16() == 0x0102)
            #expect(try reader.i16() == -1)
            #expect(try reader.u32() == 0x0102_0304)
            #expect(try reader.i64() == -1)
            #expect(try reader.f32() == -0.5)
            #expect(try reader.f64() == 1e300)
            #expect(try reader.string() == "€")
            #expect(reader.remaining == 0)
            expect(refusal { _ = try reader.u8() }, "file.truncated", "1 bytes are needed and 0 are left")
        }
    }

    @Test("reading across the window's edge gives the same bytes")
    func windows() throws {
        let bytes = (0..<200_001).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) }
        let file = try MappedFile(path: try folder.file("w", bytes))
        var fromFile = file.reader()
        var fromMemory = ByteReader(bytes, named: "memory")
        for step in 0..<3000 {
            let count = UInt64(step * 13 % 67)
            #expect(try fromFile.bytes(count) == fromMemory.bytes(count))
            if step.isMultiple(of: 2) { #expect(try fromFile.u64() == fromMemory.u64()) }
        }
        #expect(fromFile.offset == fromMemory.offset)
    }

    @Test(
        "a mapping adds nothing to the memory in use", .enabled(if: RealModel.exists, "no model file in .cache/models"))
    func resident() throws {
        func residentKilobytes() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("RssAnon") })
            return try #require(Int(line.split(separator: " ").dropLast().last?.filter(\.isNumber) ?? ""))
        }
        let before = try residentKilobytes()
        let file = try MappedFile(path: RealModel.path)
        var sum = 0
        try file.forEachChunk { sum += $0.count }
        #expect(sum == file.byteCount)
        #expect(try residentKilobytes() - before < 64 << 10)
    }
}
