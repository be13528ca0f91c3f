internal import Crypto
public import Diagnostics
internal import Foundation
internal import Kernels
public import Transformer

/// SHA-256 sums that name what a result depends on.
public enum Digests {
    /// The sum of a model's file, 64 hexadecimal digits.
    ///
    /// - Throws: a refusal when the file has become shorter while mapped.
    public static func file(of model: DecoderModel) throws(Refusal) -> String {
        var hash = SHA256()
        try model.file.forEachChunk { hash.update(data: $0) }
        return hex(hash.finalize())
    }

    /// The sum over an adapter's rank, multiplier and tensors; nil for one that changes nothing, since the base then stands for it.
    public static func adapter(_ adapter: LoRAAdapter?) -> String? {
        guard let adapter, !adapter.changesNothing else { return nil }
        var hash = SHA256()
        hash.update(data: Array("\(adapter.rank) \(adapter.scale)".utf8))
        adapter.forEachTensor { name, values in
            hash.update(data: Array(name.utf8))
            hash.update(data: bytes(of: values))
        }
        return hex(hash.finalize())
    }

    /// The sum of some bytes.
    public static func bytes(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

    /// The sum over a pair's token ids, each list with its length before it.
    static func pair(_ pair: EncodedPair) -> String {
        var bytes: [UInt8] = []
        for ids in [pair.prompt, pair.chosen, pair.rejected] {
            append(UInt32(ids.count), to: &bytes)
            for id in ids { append(UInt32(bitPattern: id), to: &bytes) }
        }
        return self.bytes(bytes)
    }

    private static func bytes(of values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values { append(value.bitPattern, to: &bytes) }
        return bytes
    }

    private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
