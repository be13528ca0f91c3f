import Diagnostics
import Foundation
import ModelFiles
import Testing

@Suite("Safetensors: the peer's files, bit for bit")
struct SafetensorsTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test("F32, F16 and BF16 values are the peer's, bit for bit")
    func values() throws {
        let file = try SafetensorsFile(path: try Golden.path("mixed.safetensors"))
        let peer = try #require(
            JSONSerialization.jsonObject(with: Data(try Golden.bytes("mixed.bits.json"))) as? [String: [Int]])
        #expect(peer.count == 4)
        for (name, bits) in peer {
            #expect(try file.floats(named: name).map { Int($0.bitPattern) } == bits, "\(name)")
        }
        #expect(try file.shape(named: "zeta") == [2, 3])
        #expect(try file.shape(named: "scalar") == [])
        #expect(try file.floats(named: "empty") == [])
        #expect(file.metadataValue("format") == "pt")
        #expect(file.names == ["alpha", "brain", "count", "empty", "flag", "höhe \"q\"", "scalar", "zeta"])
        expect(refusal { _ = try file.floats(named: "count") }, "safetensors.wrong_type", "I64", "\"count\"")
        expect(refusal { _ = try file.floats(named: "zetta") }, "safetensors.missing_tensor", "\"zeta\"")
    }

    @Test("read and written again, the file's bytes are the reference writer's")
    func roundTrip() throws {
        let file = try SafetensorsFile(path: try Golden.path("mixed.safetensors"))
        var writer = SafetensorsWriter(metadata: ["format": "pt"])
        for name in file.names.reversed() {
            let tensor = try file.tensor(named: name)
            writer.add(name, shape: tensor.shape, type: tensor.type, bytes: try file.bytes(named: name))
        }
        #expect(try writer.serialized() == Golden.bytes("mixed.safetensors"))
    }

    @Test("every half-precision value decodes as the standard library's Float16 does")
    func halves() throws {
        var writer = SafetensorsWriter()
        writer.add("all", shape: [65536], type: .f16, bytes: (0...UInt16.max).flatMap { little($0) })
        let path = folder.path + "/halves.safetensors"
        try writer.write(to: path)
        #if arch(x86_64) && os(macOS)
        #else
            let decoded = try SafetensorsFile(path: path).floats(named: "all")
            for bits in 0...UInt16.max {
                let expected = Float(Float16(bitPattern: bits))
                let value = decoded[Int(bits)]
                #expect(value.isNaN ? expected.isNaN : value.bitPattern == expected.bitPattern)
                if value.isNaN != expected.isNaN { break }
            }
        #endif
    }

    @Test("writing over a file leaves the new content and no other file")
    func overwriting() throws {
        let path = try folder.file("a.safetensors", [1, 2, 3])
        var writer = SafetensorsWriter()
        writer.add("x", shape: [2], floats: [1, -0.0])
        try writer.write(to: path)
        #expect(try SafetensorsFile(path: path).floats(named: "x").map(\.bitPattern) == [0x3F80_0000, 0x8000_0000])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.safetensors"])
        expect(
            refusal { try writer.write(to: folder.path + "/none/x.safetensors") }, "file.not_written",
            "cannot be created")
    }

    // MARK: - Bad files

    private func headerRefusal(_ header: String, data: Int = 0, claimed: UInt64? = nil) throws -> Refusal? {
        try refused(
            little(claimed ?? UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 0, count: data))
    }

    private func refused(_ bytes: [UInt8]) throws -> Refusal? {
        let path = try folder.file("bad.safetensors", bytes)
        return refusal { _ = try SafetensorsFile(path: path) }
    }

    private func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
        "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test("header lengths that cannot be are refused with the claimed and the real size")
    func headerLengths() throws {
        expect(try refused([1, 2, 3]), "safetensors.truncated", "8 bytes are needed and 3 are left")
        for length: UInt64 in [1 << 63, 100_000_001, 3] {
            expect(
                try headerRefusal("{}", claimed: length), "safetensors.bad_header", "\(length) bytes; 2 bytes are left")
        }
        expect(try headerRefusal("{}", claimed: 0), "safetensors.bad_header", "0 bytes; 2 to")
        #expect(try headerRefusal("{}") == nil)
        #expect(try headerRefusal("{}      ") == nil)
    }

    @Test("a header that does not begin with {, or has other than spaces after its JSON, is refused")
    func headerBytes() throws {
        expect(try headerRefusal(" {}"), "safetensors.bad_header", "starts with 20", "byte 8")
        expect(try headerRefusal("{}\n"), "safetensors.bad_header", "ends with 0a", "byte 10")
        expect(try headerRefusal("{}x "), "safetensors.bad_header", "ends with 78")
        let path = try folder.file("bad.safetensors", little(UInt64(5)) + [0x7B, 0x22, 0xFF, 0x22, 0x7D])
        #expect(refusal { _ = try SafetensorsFile(path: path) }?.code.hasPrefix("json.") == true)
    }

    @Test("a tensor's name twice in the header is refused with both positions")
    func duplicates() throws {
        let header = "{\"a\":\(entry("U8", "[4]", "[0,4]")),\"a\":\(entry("F32", "[1]", "[0,4]"))}"
        let found = try #require(try headerRefusal(header, data: 4))
        #expect(found.description.contains("twice"), "\(found)")
        #expect(found.description.contains("1:2"), "\(found)")
    }

    @Test(
        "offsets that are reversed, negative, fractional or exponential are refused",
        arguments: [
            "[4,0]", "[-4,0]", "[0,4.0]", "[0,4e0]", "[0]", "[0,4,8]", "[0,\"4\"]", "null", "[0,99999999999999999999]",
        ])
    func offsets(_ offsets: String) throws {
        let refusal = try headerRefusal("{\"a\":\(entry("U8", "[4]", offsets))}", data: 4)
        #expect(
            ["safetensors.bad_offsets", "safetensors.bad_entry"].contains(refusal?.code),
            "\(String(describing: refusal))")
        #expect(refusal?.location.contains("tensor \"a\"") == true)
    }

    @Test("overlaps, gaps, data past the end and bytes after the last tensor are refused")
    func places() throws {
        func two(_ first: String, _ second: String, data: Int) throws -> Refusal? {
            try headerRefusal("{\"a\":\(entry("U8", "[4]", first)),\"b\":\(entry("U8", "[4]", second))}", data: data)
        }
        #expect(try two("[0,4]", "[4,8]", data: 8) == nil)
        expect(try two("[0,4]", "[2,6]", data: 8), "safetensors.bad_offsets", "overlaps tensor \"a\"", "\"b\"")
        expect(try two("[0,4]", "[0,4]", data: 4), "safetensors.bad_offsets", "overlaps")
        expect(try two("[0,4]", "[5,9]", data: 9), "safetensors.bad_offsets", "gap after tensor \"a\"", "4 is needed")
        expect(try two("[1,5]", "[5,9]", data: 9), "safetensors.bad_offsets", "gap after the data's start")
        expect(try two("[0,4]", "[4,8]", data: 7), "safetensors.truncated", "missing 1", "\"b\"")
        expect(try two("[0,4]", "[4,8]", data: 10), "safetensors.trailing_bytes", "2 bytes follow")
    }

    @Test("a shape that does not fit the byte range, or overflows, is refused with both sizes")
    func shapes() throws {
        func shaped(_ dtype: String, _ shape: String) throws -> Refusal? {
            try headerRefusal("{\"a\":\(entry(dtype, shape, "[0,4]"))}", data: 4)
        }
        expect(try shaped("F32", "[2]"), "safetensors.wrong_size", "needs 8 bytes", "declare 4")
        expect(try shaped("F32", "[4611686018427387904,4]"), "safetensors.size_overflow", "dimension 1")
        expect(try shaped("F4", "[8]"), "safetensors.unknown_type", "\"F4\"", "F32")
        expect(try shaped("f32", "[1]"), "safetensors.unknown_type", "\"f32\"")
        expect(try shaped("F32", "[1.0]"), "safetensors.bad_entry", "integers")
        #expect(try shaped("F32", "[]") == nil)
    }

    @Test("an empty tensor lies between two others, where its begin is its end, and nowhere else")
    func emptyTensors() throws {
        func empty(_ offsets: String) throws -> Refusal? {
            try headerRefusal(
                "{\"a\":\(entry("U8", "[4]", "[0,4]")),\"e\":\(entry("U8", "[0]", offsets)),\"b\":\(entry("U8", "[4]", "[4,8]"))}",
                data: 8)
        }
        #expect(try empty("[4,4]") == nil)
        expect(try empty("[2,2]"), "safetensors.bad_offsets", "\"e\"")
    }

    @Test("__metadata__ holds strings only", arguments: ["{\"a\":1}", "{\"a\":{\"b\":\"c\"}}", "[]", "\"x\"", "null"])
    func metadata(_ value: String) throws {
        expect(try headerRefusal("{\"__metadata__\":\(value)}"), "safetensors.bad_metadata")
        #expect(try headerRefusal("{\"__metadata__\":{\"a\":\"1\"}}") == nil)
    }

    @Test("unknown or missing keys of an entry are refused")
    func entries() throws {
        expect(
            try headerRefusal("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":1}}"),
            "safetensors.bad_entry", "\"x\"")
        expect(
            try headerRefusal("{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}"), "safetensors.bad_entry",
            "data_offsets is missing")
        expect(try headerRefusal("{\"a\":3}"), "safetensors.bad_entry", "object is needed")
    }

    @Test("cut at every byte, a file is refused and nothing crashes")
    func everyCut() throws {
        let bytes = try Golden.bytes("mixed.safetensors")
        for count in 0..<bytes.count where try refused(Array(bytes[..<count])) == nil {
            Issue.record("cut after \(count) of \(bytes.count) bytes it was accepted")
        }
    }

    @Test("2,000 seeded mutations are read or refused, never a crash")
    func mutations() throws {
        let bytes = try Golden.bytes("mixed.safetensors")
        var refusedCount = 0
        for seed in 0..<2_000 {
            var generator = SeededGenerator(state: UInt64(seed))
            if try refused(mutated(bytes, headerByteCount: bytes.count, by: &generator)) != nil { refusedCount += 1 }
        }
        #expect(refusedCount > 1_000)
    }
}
