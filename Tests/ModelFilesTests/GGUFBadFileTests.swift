import Diagnostics
import Kernels
import ModelFiles
import Testing

@Suite("GGUF: bad files are refused with the place and the mend")
struct GGUFBadFileTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// The refusal of the small model after `change`.
    private func changed(configured: Bool = false, _ change: (inout GGUFBuilder) -> Void) throws -> Refusal? {
        var file = GGUFBuilder.llama()
        change(&file)
        return try ggufRefusal(file.bytes(), configured: configured, in: folder)
    }

    @Test("the small model itself is read")
    func good() throws {
        #expect(try changed(configured: true) { _ in } == nil)
    }

    @Test("what is no GGUF file is named: empty, wrong magic, LFS pointer, web page, zip")
    func notGGUF() throws {
        expect(try ggufRefusal([], in: folder), "gguf.not_gguf", "it is empty")
        expect(try ggufRefusal([0x47, 0x47, 0x55], in: folder), "gguf.not_gguf", "starts with 47 47 55;")
        expect(try changed { $0.magic = Array("FUGG".utf8) }, "gguf.not_gguf", "46 55 47 47", "byte 0")
        expect(
            try ggufRefusal(Array("version https://git-lfs.github.com/spec/v1\noid".utf8), in: folder), "gguf.not_gguf",
            "Git LFS pointer", "git lfs pull")
        expect(
            try ggufRefusal(Array("<!DOCTYPE html><html>".utf8), in: folder), "gguf.not_gguf", "web page", "download")
        expect(try ggufRefusal([0x50, 0x4B, 3, 4, 0, 0], in: folder), "gguf.not_gguf", "zip", "unpack")
    }

    @Test("versions other than 2 and 3 are refused, and swapped bytes are recognised", arguments: [0, 1, 4, 4_000_000])
    func version(_ version: UInt32) throws {
        expect(
            try changed { $0.version = version }, "gguf.wrong_version", "version \(version); 2 and 3 are read", "byte 4"
        )
        expect(try changed { $0.version = UInt32(3).byteSwapped }, "gguf.wrong_version", "big-endian")
        #expect(try changed { $0.version = 2 } == nil)
    }

    @Test(
        "counts that the file cannot hold are refused before anything is allocated", arguments: [1 << 63, .max, 70_000])
    func counts(_ count: UInt64) throws {
        expect(try changed { $0.tensorCount = count }, "gguf.too_many", "claims \(count) tensors", "at most", "byte 8")
        expect(try changed { $0.keyCount = count }, "gguf.too_many", "claims \(count) keys", "at most", "byte 16")
    }

    @Test("lengths beyond the file are refused with the claimed and the remaining length")
    func lengths() throws {
        let start = Array("GGUF".utf8) + little(UInt32(3)) + little(UInt64(0)) + little(UInt64(1))
        let filler = [UInt8](repeating: 0x61, count: 40)
        expect(
            try ggufRefusal(start + little(UInt64.max) + filler, in: folder), "gguf.too_long", "\(UInt64.max)",
            "byte 24")
        expect(try ggufRefusal(start + little(UInt64(41)) + filler, in: folder), "gguf.truncated", "41", "40 are left")
        expect(
            try changed { $0.set("x", type: .string, little(UInt64(1 << 40))) }, "gguf.too_long", "\(1 << 40)")
    }

    @Test("arrays that are too long or nested are refused without recursion")
    func arrays() throws {
        expect(
            try changed { $0.set("x", type: .array, little(UInt32(0)) + little(UInt64(1) << 62)) }, "gguf.too_many",
            "\"x\"", "claims \(UInt64(1) << 62) elements of u8")
        let nested = (0..<10_000).flatMap { _ in little(UInt32(9)) + little(UInt64(1)) }
        expect(try changed { $0.set("x", type: .array, nested) }, "gguf.nested_array", "\"x\"", "array of arrays")
    }

    @Test("an unknown value type and a bool of 7 are refused with the key")
    func values() throws {
        expect(
            try changed { $0.keys.append((Array("x".utf8), little(UInt32(13)))) }, "gguf.bad_value_type", "13", "\"x\"")
        expect(try changed { $0.set("x", type: .bool, [7]) }, "gguf.bad_bool", "bool of 7", "\"x\"")
        expect(
            try changed { $0.set("x", type: .array, little(UInt32(7)) + little(UInt64(2)) + [1, 9]) }, "gguf.bad_bool",
            "bool of 9")
    }

    @Test("an empty key, a key twice, and a key that is not UTF-8 are refused")
    func keys() throws {
        expect(try changed { $0.set("", UInt32(1)) }, "gguf.bad_key", "empty")
        expect(
            try changed { $0.keys.append($0.keys[0]) }, "gguf.duplicate_key", "\"general.architecture\"",
            "first at byte 24")
        expect(try changed { $0.keys.append(([0xFF], little(UInt32(0)) + [1])) }, "gguf.not_utf8", "byte")
        expect(try changed { $0.set("a\u{1B}[2J", UInt32(1)) }, "gguf.bad_key", "\"a\\u{1b}[2J\"")
    }

    @Test("an alignment that is no power of two up to 65,536 is refused", arguments: [0, 13, 1 << 31, 131_072])
    func alignment(_ value: UInt32) throws {
        expect(try changed { $0.set("general.alignment", value) }, "gguf.bad_alignment", "u32 \(value)", "65536")
        expect(
            try changed { $0.set("general.alignment", type: .uint64, little(UInt64(32))) }, "gguf.bad_alignment",
            "u64 32")
    }

    @Test("other alignments that are allowed are used", arguments: [1, 8, 64, 4096])
    func goodAlignment(_ value: UInt32) throws {
        #expect(
            try changed(configured: true) {
                $0.set("general.alignment", value)
                $0.alignment = Int(value)
            } == nil)
    }

    @Test("a tensor's name that is empty, long, not UTF-8, double, or has a path in it is refused, and shown escaped")
    func names() throws {
        func named(_ name: [UInt8]) throws -> Refusal? { try changed { $0.tensors[1].name = name } }
        expect(try named([]), "gguf.bad_tensor_name", "is empty")
        expect(try named([UInt8](repeating: 0x61, count: 64)), "gguf.bad_tensor_name", "64 bytes; at most 63")
        expect(try named([0xC3, 0x28]), "gguf.not_utf8")
        expect(try named(Array("a\0b".utf8)), "gguf.bad_tensor_name", "\"a\\u{0}b\"", "control")
        expect(try named(Array("../x".utf8)), "gguf.bad_tensor_name", "\"../x\"")
        expect(try named(Array("a..b".utf8)), "gguf.bad_tensor_name", "..")
        expect(try named(Array("token_embd.weight".utf8)), "gguf.duplicate_tensor", "first at byte")
    }

    @Test("sizes are multiplied with checks, in at most 4 dimensions")
    func sizes() throws {
        func shaped(_ dimensions: [UInt64]) throws -> Refusal? { try changed { $0.tensors[1].dimensions = dimensions } }
        expect(try shaped([1, 1, 1, 1, 8]), "gguf.bad_shape", "5 dimensions", "\"output_norm.weight\"")
        expect(try shaped([UInt64.max]), "gguf.bad_shape", "dimension 1", "negative")
        expect(try shaped([(1 << 42) + 1, 1 << 42]), "gguf.size_overflow", "overflows at dimension 2")
        expect(try shaped([1 << 62]), "gguf.size_overflow", "byte count")
        // An empty tensor is read, and refused where the model needs it.
        let empty = try changed(configured: true) {
            $0.tensors[1].dimensions = [0]
            $0.tensors[1].data = []
        }
        expect(empty, "gguf.wrong_shapes", "\"output_norm.weight\" is [0], [8] is needed")
    }

    @Test("a row that is not a whole number of blocks is refused with the nearest valid length")
    func blocks() throws {
        expect(
            try changed {
                $0.tensors[1].dimensions = [40]
                $0.tensors[1].type = 3
            }, "gguf.bad_shape", "40 values", "Q4_1 blocks of 32", "length is 32")
    }

    @Test("unknown and removed types are refused with the list of those that are read", arguments: [4, 9, 31, 99])
    func types(_ type: UInt32) throws {
        expect(
            try changed { $0.tensors[1].type = type }, "gguf.unknown_type", "type \(type) ",
            "F32, F16, Q4_0, Q4_1, Q8_0, BF16",
            "\"output_norm.weight\"")
    }

    @Test("a known type that is not computed with is refused by name when a model is made of it")
    func knownType() throws {
        var file = GGUFBuilder.llama()
        let last = file.tensors.count - 1
        file.tensors[last].type = 12
        file.tensors[last].dimensions = [256, 8]
        file.tensors[last].data = [UInt8](repeating: 0, count: 144 * 8)
        file.tensors[last - 1].dimensions = [8, 256]
        file.tensors[last - 1].data = [UInt8](repeating: 0, count: 4 * 8 * 256)
        file.tensors[last - 2] = file.tensors[last - 1]
        file.tensors[last - 2].name = Array("blk.0.ffn_gate.weight".utf8)
        file.set("llama.feed_forward_length", UInt32(256))
        #expect(try ggufRefusal(file.bytes(), in: folder) == nil)
        expect(
            try ggufRefusal(file.bytes(), configured: true, in: folder), "gguf.unsupported_types",
            "\"blk.0.ffn_down.weight\" is Q4_K", "Q8_0")
    }

    @Test("offsets must follow one another: misaligned, overlapping, with a gap or past the end they are refused")
    func offsets() throws {
        for offset: UInt64 in [1, 0, 64, 192 + 32, UInt64.max, 1 << 63] {
            expect(
                try changed { $0.tensors[1].offset = offset }, "gguf.bad_offset", "\"output_norm.weight\"",
                "offset is \(offset); 160 is needed", "after tensor \"token_embd.weight\"")
        }
    }

    @Test("sizes whose sum overflows are refused in the header pass")
    func sum() throws {
        expect(
            try changed {
                $0.tensors[0].dimensions = [1 << 60]
                $0.tensors[1].dimensions = [1 << 60]
                $0.tensors[1].offset = 1 << 62
            }, "gguf.size_overflow", "\"output_norm.weight\"")
    }

    @Test("a download that was cut says how much is missing")
    func cut() throws {
        let bytes = GGUFBuilder.llama().bytes()
        expect(
            try ggufRefusal(Array(bytes.dropLast(100)), in: folder), "gguf.truncated",
            "needs \(bytes.count) bytes, has \(bytes.count - 100) (missing 100)", "\"blk.0.ffn_down.weight\"", "sha256")
    }

    @Test("bytes after the last tensor are counted, and refused on request")
    func trailing() throws {
        let path = try folder.file("long.gguf", GGUFBuilder.llama().bytes() + [1, 2, 3])
        #expect(try GGUFFile(path: path).trailingByteCount == 3)
        expect(
            refusal { _ = try GGUFFile(path: path, refusingTrailingBytes: true) }, "gguf.trailing_bytes",
            "3 bytes follow")
    }

    @Test("scores of another type or number than the tokens are refused")
    func scores() throws {
        func scored(_ type: UInt32, _ count: Int, _ data: [UInt8]) throws -> Refusal? {
            try changed(configured: true) {
                $0.set("tokenizer.ggml.scores", type: .array, little(type) + little(UInt64(count)) + data)
            }
        }
        expect(try scored(0, 5, [1, 2, 3, 4, 5]), "gguf.wrong_type", "array of 5 u8", "array of f32", "scores")
        expect(try scored(6, 4, [UInt8](repeating: 0, count: 16)), "gguf.wrong_count", "4 values for 5 tokens")
        #expect(try scored(6, 5, [UInt8](repeating: 0, count: 20)) == nil)
    }

    @Test("byte tokens must be <0x00> to <0xFF>", arguments: ["<0x-1>", "<0xZZ>", "<0x1>", "0x41"])
    func byteTokens(_ spelling: String) throws {
        func typed(_ token: String) throws -> Refusal? {
            try changed(configured: true) {
                $0.set("tokenizer.ggml.tokens", ["a", token, "c", "d", "e"])
                let types: [Int32] = [1, 6, 1, 1, 1]
                $0.set(
                    "tokenizer.ggml.token_type", type: .array,
                    little(UInt32(5)) + little(UInt64(5)) + types.flatMap { little($0) })
            }
        }
        expect(try typed(spelling), "gguf.bad_token", "token 1", "<0x00> to <0xFF>")
        #expect(try typed("<0x4a>") == nil)
    }

    @Test("cut at every byte, a file is refused and nothing crashes")
    func everyCut() throws {
        let bytes = GGUFBuilder.llama().bytes()
        let needed = bytes.count
        for count in 0..<needed where try ggufRefusal(Array(bytes[..<count]), configured: true, in: folder) == nil {
            Issue.record("cut after \(count) of \(needed) bytes it was accepted")
        }
    }

    @Test("2,000 seeded mutations are read or refused, never a crash")
    func mutations() throws {
        let bytes = GGUFBuilder.llama().bytes()
        var refused = 0
        for seed in 0..<2_000 {
            var generator = SeededGenerator(state: UInt64(seed))
            let mutant = mutated(bytes, headerByteCount: 1300, by: &generator)
            if try ggufRefusal(mutant, configured: true, in: folder) != nil { refused += 1 }
        }
        #expect(refused > 1_000)
    }
}
