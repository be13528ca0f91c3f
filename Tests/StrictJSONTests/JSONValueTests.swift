import Diagnostics
import StrictJSON
import Testing

@Suite("Strict JSON: values, numbers, positions and writing")
struct JSONValueTests {
    func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8), named: "x") }

    @Test("integers are exact to 64 bits and no further, and digits are never lost")
    func integers() throws {
        #expect(try parse("9007199254740993").int == 9_007_199_254_740_993)
        #expect(try parse("9223372036854775807").int == Int.max)
        #expect(try parse("-9223372036854775808").int == Int.min)
        #expect(try parse("9223372036854775808").int == nil)
        #expect(try parse("1.0").int == nil)
        #expect(try parse("1e3").int == nil)
        #expect(try parse("-0").int == 0)
        #expect(
            try parse("0.10000000000000000000000000000000001").serialized() == "0.10000000000000000000000000000000001")
    }

    @Test("doubles are the nearest ones, and what is too large for one is not infinity")
    func doubles() throws {
        #expect(try parse("0.1").double == 0.1)
        #expect(try parse("0e1").double == 0)
        #expect(try parse("1e400").double == nil)
        #expect(try parse("-1e400").double == nil)
        #expect(try parse("1.7976931348623157e308").double == .greatestFiniteMagnitude)
        #expect(try parse("5e-324").double == .leastNonzeroMagnitude)
        #expect(try parse("1e-400").double == 0)
        for value in [0.1, 1.0, 1e-5, 1e16, -0.0, 5e-324, 1.7976931348623157e308, 2.0 / 3.0] {
            let written = JSONValue.number(JSONNumber(value)).serialized()
            #expect(try parse(written).double?.bitPattern == value.bitPattern)
        }
    }

    @Test("strings are resolved escape by escape and compared as bytes")
    func strings() throws {
        #expect(try parse("\"\\u0041\\uD83D\\uDE00\\n\\/é\"").string == "A😀\n/é")
        #expect(try parse("\"e\\u0301\"") != (try parse("\"\\u00e9\"")))
        let object = try #require(try parse("{\"e\u{301}\":1,\"\u{e9}\":2}").object)
        #expect(object["\u{e9}"]?.int == 2)
        #expect(object["e\u{301}"]?.int == 1)
    }

    @Test("members keep their order, and are replaced, added and removed by key")
    func objects() throws {
        var object = try #require(try parse("{\"b\":1,\"a\":[true,null],\"c\":{}}").object)
        #expect(object.keys == ["b", "a", "c"])
        object["b"] = "x"
        object["c"] = nil
        object["d"] = 2.5
        #expect(JSONValue.object(object).serialized() == "{\"b\":\"x\",\"a\":[true,null],\"d\":2.5}")
        #expect(JSONValue.object(object).serialized(sortedKeys: true) == "{\"a\":[true,null],\"b\":\"x\",\"d\":2.5}")
        #expect(object["a"]?.array?.first?.bool == true)
    }

    @Test("writing escapes control characters and nothing else, and lays out two spaces a level")
    func writing() {
        let text: JSONValue = "\u{0}\u{1f}\u{7f}\"\\/\n\t\r\u{8}\u{c}é😀\u{2028}"
        #expect(text.serialized() == "\"\\u0000\\u001f\\u007f\\\"\\\\/\\n\\t\\r\\b\\fé😀\u{2028}\"")
        let value: JSONValue = ["b": [1, []], "a": [:]]
        #expect(
            value.serialized(pretty: true) == """
                {
                  "b": [
                    1,
                    []
                  ],
                  "a": {}
                }
                """)
    }

    @Test("the place of a value deep in a document is found")
    func locate() {
        let bytes = Array("{\"a\": [1,\n  {\"b\": \"x\"}],\n \"c\": 3}".utf8)
        func place(_ path: JSONPathStep...) -> String? {
            JSONPosition.locate(path, in: bytes, firstLine: 5)?.description
        }
        #expect(place() == "5:1")
        #expect(place(.key("a"), .index(1), .key("b")) == "6:9")
        #expect(place(.key("c")) == "7:7")
        #expect(place(.key("d")) == nil)
        #expect(place(.key("a"), .index(7)) == nil)
        #expect(place(.key("b")) == nil)
    }

    @Test("random values survive writing and reading, plain, pretty and sorted")
    func roundTrip() throws {
        var random = Xorshift(seed: 20_260_301)
        for _ in 0..<500 {
            let value = random.value(depth: 5)
            for pretty in [false, true] {
                let written = value.serialized(pretty: pretty)
                #expect(try parse(written) == value, "seed 20260301")
            }
            let sorted = try parse(value.serialized(sortedKeys: true))
            #expect(sorted.serialized(sortedKeys: true) == value.serialized(sortedKeys: true))
        }
    }

    @Test("mutated documents are refused or read, never worse, and what is read is written back equal")
    func mutations() throws {
        let seed: UInt64 = 7_777
        var random = Xorshift(seed: seed)
        let base = Array("{\"a\":[1,-2.5e3,\"\\ud83d\\ude00é\\n\"],\"b\":{\"c\":null,\"d\":true},\"e\":\"x\"}".utf8)
        var read = 0
        for round in 0..<20_000 {
            var bytes = base
            for _ in 0...(random.next() % 3) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: index)
                default: bytes.removeLast(min(bytes.count - 1, index / 2))
                }
            }
            guard let value = try? JSONValue(parsing: bytes, named: "x") else { continue }
            read += 1
            let again = try JSONValue(parsing: value.serializedBytes(), named: "x")
            #expect(again == value, "seed \(seed), round \(round)")
        }
        #expect(read > 100)
    }
}

/// A small generator with a printed seed, so that a failure can be run again.
struct Xorshift {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func value(depth: Int) -> JSONValue {
        switch next() % (depth > 0 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(next() % 2 == 0)
        case 2: return .number(JSONNumber(Int(truncatingIfNeeded: next())))
        case 3:
            let double = Double(bitPattern: next())
            return .number(JSONNumber(double.isFinite ? double : 0.5))
        case 4, 5: return .string(string())
        case 6: return .array((0..<(next() % 5)).map { _ in value(depth: depth - 1) })
        default:
            var object = JSONObject()
            for _ in 0..<(next() % 5) { object[string()] = value(depth: depth - 1) }
            return .object(object)
        }
    }

    mutating func string() -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<(next() % 12) {
            let range: [UInt32] = [0x20, 0x80, 0x800, 0x11_0000]
            if let scalar = Unicode.Scalar(UInt32(next() % UInt64(range[Int(next() % 4)]))) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
