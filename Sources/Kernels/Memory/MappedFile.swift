public import Diagnostics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A regular file, mapped read-only into memory and kept open.
///
/// Frozen weights are computed on in place, from the mapping, so that a model costs no memory of its own. Everything
/// that is *parsed* (headers, vocabularies, digests) is copied out with `pread` instead: if another process cuts the
/// file short meanwhile, a copy is refused, where a touch of the mapping would end the process with SIGBUS. Callers
/// check ``hasShrunk`` before they hand the mapping to the kernels.
///
/// The class is immutable after `init`, hence `@unchecked Sendable`.
@safe
public final class MappedFile: @unchecked Sendable {
    /// The path as it was given, for messages.
    public let path: String
    /// The size of the file in bytes when it was opened.
    public let byteCount: Int
    /// The first byte of the mapping; at least one byte is mapped even if the file is empty.
    let base: UnsafeRawPointer

    private let descriptor: Int32
    private var mappedByteCount: Int { max(byteCount, 1) }

    /// Opens and maps `path`; symbolic links are followed, but only regular files are accepted.
    ///
    /// - Throws: `file.missing`, `file.not_regular` (a folder, FIFO, socket or device, none of which is waited for),
    ///   `file.unreadable` or `file.not_mapped`.
    public init(path: String) throws(Refusal) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw Refusal(
                code: "file.missing", at: path.isEmpty ? "the path" : "a path with a NUL byte",
                "it names no file", mend: "give the file's path")
        }
        // O_NONBLOCK: opening a FIFO without a writer returns at once instead of waiting for ever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.openFailure(path, errno) }
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else {
            let failure = Self.openFailure(path, errno)
            close(descriptor)
            throw failure
        }
        guard info.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Refusal(
                code: "file.not_regular", at: path, "it is \(Self.kindName(info.st_mode)), not a regular file",
                mend: "give the path of the file itself")
        }
        let size = Int(info.st_size)
        let mapping =
            if size > 0 {
                unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
            } else {
                unsafe mmap(nil, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            }
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            let reason = Self.describe(errno)
            close(descriptor)
            throw Refusal(
                .environment, code: "file.not_mapped", at: path, "\(size) bytes cannot be mapped: \(reason)",
                mend: "check the limits on address space (ulimit -v) and the file system")
        }
        self.path = path
        self.byteCount = size
        self.descriptor = descriptor
        unsafe self.base = UnsafeRawPointer(mapping)
    }

    deinit {
        unsafe munmap(UnsafeMutableRawPointer(mutating: base), mappedByteCount)
        close(descriptor)
    }

    /// Whether the file is now shorter than when it was opened, so that touching the mapping's end would be fatal.
    public var hasShrunk: Bool {
        var info = stat()
        return unsafe fstat(descriptor, &info) != 0 || Int(info.st_size) < byteCount
    }

    /// Refuses to go on if another process has cut the file short since it was opened.
    ///
    /// - Throws: `file.shrunk`.
    public func checkNotShrunk() throws(Refusal) {
        guard !hasShrunk else { throw shrunk(at: byteCount) }
    }

    /// A copy of the bytes in `range`, which must lie inside the file.
    ///
    /// The bytes are read from the file, not from the mapping.
    ///
    /// - Throws: `file.shrunk` if the file has been cut short, `file.unreadable` if the disk fails.
    public func bytes(in range: Range<Int>) throws(Refusal) -> [UInt8] {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "bytes \(range) asked of a file of \(byteCount) bytes")
        var failure: Int32 = 0
        let copy = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count {
                guard let start = buffer.baseAddress else { return }
                let got = unsafe pread(
                    descriptor, start + filled, range.count - filled, off_t(range.lowerBound + filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                filled += got
            }
        }
        if failure != 0 {
            throw Refusal(
                .environment, code: "file.unreadable", at: location(at: range.lowerBound + copy.count),
                "the read failed: \(Self.describe(failure))", mend: "check the disk, then try again")
        }
        guard copy.count == range.count else { throw shrunk(at: range.lowerBound + copy.count) }
        return copy
    }

    /// A checked reader that starts at byte `offset`.
    public func reader(at offset: Int = 0) -> ByteReader {
        ByteReader(self, at: offset)
    }

    /// Calls `body` with the whole file in order, `size` bytes at a time (fewer in the last call), for digests.
    ///
    /// - Throws: what `body` throws, and the errors of ``bytes(in:)``.
    public func forEachChunk(size: Int = 1 << 20, _ body: ([UInt8]) throws(Refusal) -> Void) throws(Refusal) {
        precondition(size > 0, "chunks of \(size) bytes; at least 1")
        var offset = 0
        while offset < byteCount {
            let end = offset + min(size, byteCount - offset)
            try body(try bytes(in: offset..<end))
            offset = end
        }
    }

    /// `path, byte N`: how a place in this file is named in messages.
    public func location(at offset: Int) -> String { "\(path), byte \(offset)" }

    private func shrunk(at offset: Int) -> Refusal {
        Refusal(
            .environment, code: "file.shrunk", at: location(at: offset),
            "the file had \(byteCount) bytes when it was opened and is shorter now",
            mend: "stop the program that rewrites it, then start again")
    }

    private static func openFailure(_ path: String, _ number: Int32) -> Refusal {
        switch number {
        case ENOENT, ENOTDIR:
            Refusal(code: "file.missing", at: path, "there is no such file", mend: "check the path")
        case ENXIO:
            Refusal(
                code: "file.not_regular", at: path, "it is a socket, not a regular file",
                mend: "give the path of the file itself")
        default:
            Refusal(
                .environment, code: "file.unreadable", at: path, "it cannot be opened: \(describe(number))",
                mend: "check its permissions and owner")
        }
    }

    private static func describe(_ number: Int32) -> String {
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }

    private static func kindName(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a FIFO"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "something else"
        }
    }
}

/// Writing files so that after a crash or a power cut the old content or the new is there, never a part.
public enum DurableFile {
    /// Writes `bytes` as the whole content of `path`: to a temporary file beside it, synchronised, then renamed.
    ///
    /// The new file has mode 0666 less the process's umask. The folder is synchronised too, so the rename lasts.
    ///
    /// - Throws: `disk.full` or `file.not_written`; the temporary file is removed and `path` is as it was.
    public static func write(_ bytes: [UInt8], to path: String) throws(Refusal) {
        let temporary = temporaryName(beside: path)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw failure("created", path, errno, bytes.count) }
        var written = 0
        var number: Int32 = 0
        unsafe bytes.withUnsafeBytes { buffer in
            while written < bytes.count, let start = buffer.baseAddress {
                let put = unsafe systemWrite(descriptor, start + written, bytes.count - written)
                if put < 0 && errno == EINTR { continue }
                if put <= 0 {
                    number = put < 0 ? errno : EIO
                    return
                }
                written += put
            }
        }
        if number == 0 && fsync(descriptor) != 0 { number = errno }
        if close(descriptor) != 0 && number == 0 { number = errno }
        if number == 0 { number = unsafe rename(temporary, path) == 0 ? 0 : errno }
        guard number == 0 else {
            _ = unsafe unlink(temporary)
            throw failure("written", path, number, bytes.count)
        }
        try synchronizeFolder(folder(of: path))
    }

    /// Moves the finished folder `new` to `path` and synchronises the folder that holds both.
    ///
    /// An empty or absent folder is replaced in one step. A filled one is first moved to a hidden name beside it, which
    /// is returned for the caller to remove; a crash between the two moves leaves both folders whole.
    ///
    /// - Throws: `file.not_written`; the old folder is where it was.
    public static func installFolder(_ new: String, at path: String) throws(Refusal) -> String? {
        var aside: String?
        if unsafe rename(new, path) != 0 {
            guard errno == ENOTEMPTY || errno == EEXIST else { throw failure("put in place", path, errno, 0) }
            let old = temporaryName(beside: path)
            guard unsafe rename(path, old) == 0 else { throw failure("put in place", path, errno, 0) }
            guard unsafe rename(new, path) == 0 else {
                let number = errno
                _ = unsafe rename(old, path)
                throw failure("put in place", path, number, 0)
            }
            aside = old
        }
        try synchronizeFolder(folder(of: path))
        return aside
    }

    /// Makes the entries of the folder `path` last through a power cut.
    public static func synchronizeFolder(_ path: String) throws(Refusal) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened", path, errno, 0) }
        defer { close(descriptor) }
        // EINVAL: a file system that has nothing to synchronise for folders.
        if fsync(descriptor) != 0 && errno != EINVAL { throw failure("synchronised", path, errno, 0) }
    }

    /// A name in the same folder as `path` that no other writer uses: hidden, with the process's number and a random one.
    public static func temporaryName(beside path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? "file"
        return "\(folder(of: path))/.\(name).partial-\(getpid())-\(UInt64.random(in: 0..<(1 << 40)))"
    }

    /// The folder that holds `path`.
    public static func folder(of path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1 && bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    }

    private static func failure(_ what: String, _ path: String, _ number: Int32, _ needed: Int) -> Refusal {
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        if number == ENOSPC || number == EDQUOT {
            return Refusal(
                .environment, code: "disk.full", at: path, "\(needed) bytes are needed and do not fit: \(reason)",
                mend: "free space on that disk, then try again")
        }
        return Refusal(
            .environment, code: "file.not_written", at: path, "it cannot be \(what): \(reason)",
            mend: "check the folder's permissions and the disk")
    }
}

/// The system's `write`, which ``DurableFile/write(_:to:)`` hides.
private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    unsafe write(descriptor, start, count)
}
