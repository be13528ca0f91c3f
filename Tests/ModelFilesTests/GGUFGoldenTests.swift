import Diagnostics
import Foundation
import Kernels
import ModelFiles
import Testing

@Suite("GGUF: files of the peer's writer")
struct GGUFGoldenTests {
    @Test("every metadata type is read as it was written")
    func values() throws {
        let metadata = try GGUFFile(path: try Golden.path("types.gguf")).metadata
        #expect(metadata["t.u8"]?.value == .unsigned(200))
        #expect(metadata["t.i8"]?.value == .signed(-100))
        #expect(metadata["t.u16"]?.value == .unsigned(60000))
        #expect(metadata["t.i16"]?.value == .signed(-30000))
        #expect(metadata["t.u32"]?.value == .unsigned(4_000_000_000))
        #expect(metadata["t.i32"]?.value == .signed(-2_000_000_000))
        #expect(metadata["t.u64"]?.value == .unsigned(1 << 40))
        #expect(metadata["t.i64"]?.value == .signed(-(1 << 40)))
        #expect(metadata["t.f32"]?.value == .float(Double(Float(0.1))))
        #expect(metadata["t.f64"]?.value == .float(0.1))
        #expect(try metadata.bool("t.bool"))
        #expect(try metadata.string("t.string") == "Größe")
        #expect(try metadata.stringArray("t.strings") == ["a", "", "ü€"])
        #expect(try metadata.int32Array("t.ints") == [1, -2, 3])
        #expect(try metadata.floatArray("t.floats") == [0.5, -0.25])
        #expect(try metadata.uint("t.u64") == 1 << 40)
    }

    @Test("a missing key names the nearest one, and a wrong type what was found and what is needed")
    func getters() throws {
        let metadata = try GGUFFile(path: try Golden.path("types.gguf")).metadata
        expect(refusal { _ = try metadata.string("t.strin") }, "gguf.missing_key", "nearest key is \"t.string\"")
        expect(refusal { _ = try metadata.uint("t.i8") }, "gguf.wrong_type", "i8 -100", "an integer from 0", "byte")
        expect(
            refusal { _ = try metadata.stringArray("t.ints") }, "gguf.wrong_type", "array of 3 i32", "array of strings")
        #expect(try metadata.optionalString("t.absent") == nil)
    }

    @Test("tensor names, types, sizes and places are the peer's")
    func tensors() throws {
        let file = try GGUFFile(path: try Golden.path("types.gguf"))
        let peer = try #require(
            JSONSerialization.jsonObject(with: Data(try Golden.bytes("types.tensors.json"))) as? [[Any]])
        #expect(peer.count == 5 && file.tensors.count == 5)
        for (tensor, row) in zip(file.tensors, peer) {
            #expect(tensor.name == row[0] as? String)
            #expect(Int(tensor.typeID) == row[1] as? Int)
            #expect(tensor.dimensions == row[2] as? [Int])
            #expect(tensor.byteOffset == row[3] as? Int)
            #expect(tensor.byteCount == row[4] as? Int)
        }
        #expect(try file.tensor(named: "q4_1.weight").shape == [3, 64])
        expect(refusal { _ = try file.tensor(named: "q4_2.weight") }, "gguf.missing_tensor", "nearest name is \"q4_")
    }

    @Test("the sizes of the element types are ggml's")
    func sizes() throws {
        let peer = try #require(
            JSONSerialization.jsonObject(with: Data(try Golden.bytes("ggml-types.json"))) as? [String: [Int]])
        for type in ElementType.allCases {
            #expect(peer[type.name] == [Int(type.rawValue), type.blockSize, type.bytesPerBlock])
        }
        #expect(ElementType.q4_1.byteCount(elements: 64) == 40)
        #expect(ElementType.q4_1.byteCount(elements: 65) == nil)
        #expect(ElementType.q8_0.byteCount(elements: .max - 31) == nil)
        #expect(ElementType.f32.byteCount(elements: 0) == 0)
    }

    @Test("a value or a block's scale that is NaN or infinite is found with its tensor and row")
    func notFinite() throws {
        let folder = try TemporaryFolder()
        let good = try Golden.bytes("types.gguf")
        let file = try GGUFFile(path: try Golden.path("types.gguf"))
        try file.checkFinite()
        // The exponent's bytes in the second row of each tensor: F32, F16, and the scales or minimum of the blocks.
        for (name, place, high, what) in [
            ("full.weight", 256 + 4 * 7 + 2, [0x80, 0x7F], "1 values"),
            ("half.weight", 128 + 2, [0x00, 0x7C], "1 values"),
            ("q4_0.weight", 36, [0x01, 0xFC], "1 blocks"), ("q4_1.weight", 40 + 2, [0x00, 0x7E], "1 blocks"),
            ("q8_0.weight", 68 + 34, [0x00, 0x7C], "1 blocks"),
        ] as [(String, Int, [UInt8], String)] {
            var bytes = good
            let start = try file.tensor(named: name).byteOffset + place
            bytes.replaceSubrange(start..<start + 2, with: high)
            let path = try folder.file("bad.gguf", bytes)
            expect(
                refusal { try GGUFFile(path: path).checkFinite() }, "gguf.not_finite", "tensor \"\(name)\", row 1", what
            )
        }
    }
}
