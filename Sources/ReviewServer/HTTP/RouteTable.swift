internal import HTTPTypes
internal import Hummingbird

/// All routes, found by method and path; a path that is not in it does not exist.
struct RouteTable: Sendable {
    /// What was found for a request.
    enum Match {
        case route(Route, parameters: [String: String])
        /// The path is there, with other methods.
        case otherMethods([HTTPRequest.Method])
        case nothing
    }

    let routes: [Route]
    private let plain: [String: [Route]]
    private let patterns: [(segments: [String], routes: [Route])]

    init(_ routes: [Route]) {
        self.routes = routes
        let byPath = Dictionary(grouping: routes, by: \.path)
        plain = byPath.filter { !$0.key.contains("{") }
        patterns = byPath.filter { $0.key.contains("{") }.sorted { $0.key < $1.key }.map {
            (Self.segments($0.key), $0.value)
        }
    }

    /// Finds the route; parameters are percent-decoded, and a segment that is not UTF-8 or holds a slash matches nothing.
    func match(_ method: HTTPRequest.Method, path: String) -> Match {
        if let found = plain[path] { return pick(method, found, [:]) }
        let asked = Self.segments(path)
        for (segments, routes) in patterns where segments.count == asked.count {
            if let parameters = Self.parameters(asked, of: segments) { return pick(method, routes, parameters) }
        }
        return .nothing
    }

    private func pick(_ method: HTTPRequest.Method, _ routes: [Route], _ parameters: [String: String]) -> Match {
        guard let route = routes.first(where: { $0.method == method }) else {
            return .otherMethods(routes.map(\.method))
        }
        return .route(route, parameters: parameters)
    }

    private static func parameters(_ asked: [String], of segments: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (given, wanted) in zip(asked, segments) {
            if wanted.hasPrefix("{") {
                guard let value = FormFields.decoded(given.utf8, isForm: false), !value.isEmpty,
                    !value.utf8.contains(UInt8(ascii: "/")), !value.utf8.contains(0)
                else { return nil }
                parameters[String(wanted.dropFirst().dropLast())] = value
            } else if given != wanted {
                return nil
            }
        }
        return parameters
    }

    private static func segments(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().map {
            String(decoding: Array($0), as: UTF8.self)
        }
    }
}
