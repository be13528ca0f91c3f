public import Diagnostics

/// How often each field of a feed's messages carries an accession number: run it before a feed is trusted.
public struct AccessionSelfTest: Sendable, Equatable {
    /// What was counted of one field.
    public struct Hits: Sendable, Equatable {
        /// Orders in which the field was filled.
        public var filled = 0
        /// Different values among them.
        public var distinct = 0
    }

    /// How many orders (OBR) were looked at.
    public let orderCount: Int
    /// The counts by field.
    public let hits: [AccessionField: Hits]
    /// The field that the feed is set to.
    public let configured: AccessionField

    /// The share of orders in which the configured field was filled, 0 to 1; 0 when there was no order.
    public var hitRate: Double { rate(configured) }

    /// Looks at messages, without reading their text.
    public init(_ messages: [HL7Message], settings: FeedSettings) {
        let reader = ORUReader(
            settings: settings, keys: IdentifierKeys(key: { _, _, _ in "" }, digest: { _ in "" }))
        var orders = 0
        var filled: [AccessionField: Int] = [:]
        var values: [AccessionField: Set<[UInt8]>] = [:]
        for message in messages {
            var common: HL7Segment?
            for segment in message.segments {
                if segment.name == "ORC" { common = segment }
                guard segment.name == "OBR" else { continue }
                orders += 1
                let block = ORUReader.OrderBlock(patient: nil, patientNumber: 0, order: segment, common: common)
                common = nil
                for field in AccessionField.allCases {
                    let value = reader.accession(message, block, field)
                    guard !value.isEmpty else { continue }
                    filled[field, default: 0] += 1
                    values[field, default: []].insert(Array(value.utf8))
                }
            }
        }
        orderCount = orders
        configured = settings.accessionField
        hits = Dictionary(
            uniqueKeysWithValues: AccessionField.allCases.map {
                ($0, Hits(filled: filled[$0] ?? 0, distinct: values[$0]?.count ?? 0))
            })
    }

    /// The share of orders in which a field was filled, 0 to 1.
    public func rate(_ field: AccessionField) -> Double {
        orderCount == 0 ? 0 : Double(hits[field]?.filled ?? 0) / Double(orderCount)
    }

    /// The field that is filled most often; of equals the configured one, then the order OBR-18, OBR-3, ORC-3.
    public var best: AccessionField {
        AccessionField.allCases.reduce(configured) { rate($1) > rate($0) ? $1 : $0 }
    }

    /// A refusal when the configured field is filled in under 95 % of the orders, else nil.
    public var verdict: Refusal? {
        guard orderCount > 0, hitRate < 0.95 else { return nil }
        let filled = hits[configured]?.filled ?? 0
        return Refusal(
            code: "feed.accession", at: configured.rawValue,
            "the accession number's field is filled in \(filled) of \(orderCount) orders",
            mend: best == configured
                ? "ask the interface team where the accession number is"
                : "set the feed's accession field to \(best.rawValue), filled in \(hits[best]?.filled ?? 0) of them")
    }
}
