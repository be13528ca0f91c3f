internal import Diagnostics
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Preferences
internal import StrictJSON

/// Figures, the guideline, the queue and backups.
enum ManagingRoutes {
    static let all: [Route] = [
        .get("/api/v1/mine", .reviewer, isActivity: true, mine),
        .get("/api/v1/mine/export", .reviewer, isActivity: true, export),
        .get("/api/v1/progress", .lead, isActivity: true, progress),
        .get("/api/v1/guideline", .reviewer, isActivity: true, guideline),
        .post("/api/v1/guideline", .lead, .json, recordGuideline),
        .get("/api/v1/queue", .lead, isActivity: true, queue),
        .post("/api/v1/queue", .lead, .json, setQueue),
        .post("/api/v1/backup", .administrator, .json, backup),
    ]

    private static func mine(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let reviewer = session.account.reviewer
        let figures = try await exchange.reading(session) { try $0.readerFigures(of: reviewer) }
        return .json(ReaderSummary(figures).json)
    }

    private static func export(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let reviewer = session.account.reviewer
        let bytes = try await exchange.reading(session) { store in
            var bytes: [UInt8] = []
            try store.forEachDeed(of: reviewer) { line in
                bytes += line.utf8
                bytes.append(0x0A)
            }
            try store.recordView("export", reviewer)
            return bytes
        }
        var response = Response.bytes(bytes, type: "application/jsonl")
        response.headers[.contentDisposition] = "attachment; filename=\"my-judgements.jsonl\""
        return response
    }

    private static func progress(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let figures = try await exchange.reading(session) { try $0.reviewFigures() }
        return .json(ProgressSummary(figures: figures).json)
    }

    private static func guideline(_ exchange: Exchange, _ session: Session) async throws -> Response {
        guard let found = try await exchange.reading(session, { try $0.guideline() }) else {
            return .json(["version": nil, "text": "", "recorded_at": nil])
        }
        return .json([
            "version": .string(found.name), "text": .string(found.text), "recorded_at": JSONValue(found.recorded),
        ])
    }

    private static func recordGuideline(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        try fields.allowOnly("version", "text")
        let version = try fields.text("version")
        let text = try fields.text("text", bytes: 1...65_536)
        try await exchange.change(session) { try $0.recordGuideline(version, text: text) }
        return try await guideline(exchange, session)
    }

    private static func queue(_ exchange: Exchange, _ session: Session) async throws -> Response {
        .json(QueueShape.json(try await exchange.reading(session) { try $0.queuePolicy() }))
    }

    private static func setQueue(_ exchange: Exchange, _ session: Session) async throws -> Response {
        let fields = try exchange.json()
        let change = try QueueShape(fields)
        let policy = try await exchange.change(session) { store in
            let policy = change.applied(to: try store.queuePolicy())
            try store.setQueuePolicy(policy)
            return policy
        }
        return .json(QueueShape.json(policy))
    }

    private static func backup(_ exchange: Exchange, _ session: Session) async throws -> Response {
        try exchange.json().allowOnly()
        guard let folder = exchange.services.options.backups else {
            throw Problem(
                .conflict, "backup.no-folder", "this server was started without a folder for backups",
                mend: "start it with --backups FOLDER")
        }
        let name = BackupName.make()
        let report = try await exchange.reading(session) { try $0.backup(to: folder + "/" + name) }
        exchange.notes.set(event: "backup")
        return .json([
            "file": .string(name), "bytes": JSONValue(report.byteCount), "sha256": .string(report.sha256),
            "audit_head": .string("\(report.auditHead.sequence):\(report.auditHead.hash)"),
        ])
    }
}

/// Names of backups: the moment, so that they sort, and something random, so that two never meet.
enum BackupName {
    static func make() -> String {
        let moment = UTCTime.current().description.utf8.prefix(19).filter { $0 != UInt8(ascii: ":") }
        let random = RandomToken.make(bytes: 6).utf8.map { byte in
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") ? UInt8(ascii: "0") : byte
        }
        return
            "overread-\(String(decoding: Array(moment), as: UTF8.self))-\(String(decoding: random, as: UTF8.self)).sqlite"
    }
}

/// How the queue is ordered, as the API has it.
struct QueueShape: Sendable {
    enum Order: String, CaseIterable, Sendable {
        case arrival, random, informative

        init(_ order: QueuePolicy.Order) {
            switch order {
            case .fifo: self = .arrival
            case .random: self = .random
            case .informative: self = .informative
            }
        }

        /// The store's order; a new random one gets a seed of its own.
        var stored: QueuePolicy.Order {
            switch self {
            case .arrival: .fifo
            case .random: .random(seed: UInt64(UInt32.random(in: .min ... .max)))
            case .informative: .informative
            }
        }
    }

    var order: Order?
    var overlap: Int?
    var goldPercent: Int?
    var repeatPercent: Int?
    var specialty: QueuePolicy.SpecialtyMatch?

    init(order: Order) { self.order = order }

    init(_ fields: BodyFields) throws(Refusal) {
        try fields.allowOnly("order", "overlap", "gold_percent", "repeat_percent", "specialty")
        order = try fields.optionalChoice("order")
        overlap = try fields.optionalInteger("overlap", in: 1...20)
        goldPercent = try fields.optionalInteger("gold_percent", in: 0...50)
        repeatPercent = try fields.optionalInteger("repeat_percent", in: 0...50)
        specialty = try fields.optionalChoice("specialty")
    }

    func applied(to policy: QueuePolicy) -> QueuePolicy {
        var policy = policy
        if let order, order != Order(policy.order) { policy.order = order.stored }
        if let overlap { policy.overlap = overlap }
        if let goldPercent { policy.goldRate = Double(goldPercent) / 100 }
        if let repeatPercent { policy.repeatRate = Double(repeatPercent) / 100 }
        if let specialty { policy.specialtyMatch = specialty }
        return policy
    }

    static func json(_ policy: QueuePolicy) -> JSONObject {
        [
            "order": .string(Order(policy.order).rawValue), "overlap": JSONValue(policy.overlap as Int?),
            "gold_percent": JSONValue(Int((policy.goldRate * 100).rounded()) as Int?),
            "repeat_percent": JSONValue(Int((policy.repeatRate * 100).rounded()) as Int?),
            "specialty": .string(policy.specialtyMatch.rawValue),
        ]
    }
}
