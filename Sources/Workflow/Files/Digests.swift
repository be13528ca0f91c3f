import Crypto
import Diagnostics
import Kernels

/// SHA-256 of files and texts, as 64 hexadecimal digits.
enum Digests {
    /// The digest of a file's bytes.
    static func file(_ path: String) throws(Refusal) -> String { try mapped(try MappedFile(path: path)) }

    /// The digest of a mapped file's bytes.
    static func mapped(_ file: MappedFile) throws(Refusal) -> String {
        var hash = SHA256()
        try file.forEachChunk { bytes throws(Refusal) in hash.update(data: bytes) }
        return hex(hash.finalize())
    }

    /// The digest of a text's UTF-8 bytes.
    static func text(_ text: String) -> String { hex(SHA256.hash(data: Array(text.utf8))) }

    private static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
