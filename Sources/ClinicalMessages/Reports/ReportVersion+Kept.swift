extension ReportVersion {
    /// Makes a version that was read earlier and kept elsewhere; everything else is as an empty message leaves it.
    ///
    /// - Parameters:
    ///   - source: the door it came in by.
    ///   - feed: the feed's name.
    ///   - messageKey: the key of the message.
    ///   - sourceDigest: the digest of the message.
    ///   - status: its status.
    public init(keptFrom source: Source, feed: String, messageKey: String, sourceDigest: String, status: StatusReading)
    {
        self.init(source: source, feed: feed, messageKey: messageKey, sourceDigest: sourceDigest, status: status)
    }
}

extension ReportVersion.Interpreter {
    /// Makes somebody who had a part in a report that was kept.
    public init(_ role: Role, key: String) { self.init(role: role, key: key) }
}
