import Foundation

/// Small words that follow from a seed: SplitMix64.
struct Words {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The words of the vocabulary: 4,096, of 5 to 9 letters.
    static let vocabulary: [[UInt8]] = (0..<4096).map { number in
        Array(("w" + String(number, radix: 36) + (number % 3 == 0 ? "ation" : "ity")).utf8)
    }

    /// `count` words of the vocabulary.
    mutating func text(_ count: Int) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 9)
        for index in 0..<count {
            if index > 0 { bytes.append(0x20) }
            bytes += Words.vocabulary[Int(next() & 0xFFF)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A synthetic case: an instruction that all share, findings of its own, and two impressions.
struct SyntheticCase {
    let number: Int
    let prompt: String
    let chosen: String
    let rejected: String

    static let instruction = "Write the impression of this synthetic report in the department's style. Findings: "

    init(_ number: Int) {
        self.number = number
        var words = Words(state: UInt64(number))
        prompt = SyntheticCase.instruction + words.text(130)
        chosen = words.text(35)
        rejected = words.text(40)
    }

    var byteCount: Int { prompt.utf8.count + chosen.utf8.count + rejected.utf8.count }

    var jsonLine: String {
        #"{"id":"r\#(number)","patient":"P\#(number / 3)","exam":"E\#(number)","modality":"CT","#
            + #""body_part":"head","prompt":"\#(prompt)","chosen":"\#(chosen)","rejected":"\#(rejected)"}"# + "\n"
    }

    /// Writes the cases of a range as JSONL; gives the bytes of their texts.
    static func write(_ range: Range<Int>, to path: String) throws -> Int {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var byteCount = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 1000) {
            var piece: [UInt8] = []
            for number in start..<min(range.upperBound, start + 1000) {
                let one = SyntheticCase(number)
                byteCount += one.byteCount
                piece += one.jsonLine.utf8
            }
            try output.write(contentsOf: Data(piece))
        }
        try output.close()
        return byteCount
    }
}
