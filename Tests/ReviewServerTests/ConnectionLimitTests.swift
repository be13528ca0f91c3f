import Hummingbird
import HummingbirdTesting
import Preferences
import StrictJSON
import Testing

@testable import ReviewServer

/// What a connection may take, on a real socket.
@Suite(.serialized) struct ConnectionLimitTests {
    @Test func aBodyThatDripsInIsCutOff() async throws {
        let harness = try Harness { options in
            options.limits.requestSeconds = 0.6
            options.limits.idleSeconds = 30
        }
        try await harness.live { client in
            let head =
                "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: 1000\r\n\r\n"
            let answer = try await RawConnection.with(port: client.port) {
                try await $0.exchange([head] + Array(repeating: "x", count: 100), pauseMilliseconds: 100)
            }
            #expect(answer != nil, "the connection stayed open")
        }
    }

    @Test func aHeadThatDripsInIsCutOff() async throws {
        let harness = try Harness { $0.limits.idleSeconds = 0.6 }
        try await harness.live { client in
            let answer = try await RawConnection.with(port: client.port) {
                try await $0.exchange(
                    ["GET / HTTP/1.1\r\n"] + Array(repeating: "X-A: b\r\n", count: 90), pauseMilliseconds: 100)
            }
            #expect(answer?.contains("200") != true)
            #expect(answer != nil, "the connection stayed open")
        }
    }

    @Test func aConnectionThatDoesNothingIsClosed() async throws {
        let harness = try Harness { $0.limits.idleSeconds = 0.4 }
        try await harness.live { client in
            let answer = try await RawConnection.with(port: client.port) { try await $0.exchange([]) }
            #expect(answer?.isEmpty == true)
        }
    }

    @Test func aRequestWithoutAHostOrWithAnothersIsRefused() async throws {
        let harness = try Harness()
        try await harness.live { client in
            for (host, status) in [
                ("", "400"), ("Host: evil.example\r\n", "421"), ("Host: localhost\r\nHost: evil.example\r\n", "400"),
                ("Host: \r\n", "400"), ("Host: localhost:\(client.port ?? 0)\r\n", "200"),
            ] {
                let answer = try await RawConnection.with(port: client.port) {
                    try await $0.exchange(["GET /login HTTP/1.1\r\n\(host)Connection: close\r\n\r\n"])
                }
                #expect(answer?.hasPrefix("HTTP/1.1 \(status)") == true, "\(host) \(answer?.prefix(40) ?? "nothing")")
            }
        }
    }

    @Test func aPathThatIsNoPathIsRefused() async throws {
        let harness = try Harness()
        try await harness.live { client in
            for path in ["*", "login", "/" + String(repeating: "a", count: 5000)] {
                let answer = try await RawConnection.with(port: client.port) {
                    try await $0.exchange(["GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"])
                }
                #expect(answer?.hasPrefix("HTTP/1.1 400") == true, "\(path.prefix(20)): \(answer?.prefix(40) ?? "")")
            }
        }
    }

    @Test func aBodyThatIsTooLargeIsRefusedAndAFarLargerOneCutOff() async throws {
        let harness = try Harness { $0.limits.bodyBytes = 1000 }
        try await harness.live { client in
            @Sendable func post(_ count: Int) -> String {
                "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Connection: close\r\nContent-Length: \(count)\r\n\r\n" + String(repeating: " ", count: count)
            }
            let large = try await RawConnection.with(port: client.port) { try await $0.exchange([post(2000)]) }
            #expect(large?.hasPrefix("HTTP/1.1 413") == true, "\(large?.prefix(40) ?? "nothing")")
            let huge = try await RawConnection.with(port: client.port) { try await $0.exchange([post(100_000)]) }
            #expect(huge != nil, "the connection stayed open")
        }
    }

    @Test func aHeadThatIsTooLargeIsRefused() async throws {
        let harness = try Harness()
        try await harness.live { client in
            for fields in [
                "X-A: " + String(repeating: "a", count: 20_000) + "\r\n",
                String(repeating: "X-A: b\r\n", count: 200),
            ] {
                let answer = try await RawConnection.with(port: client.port) {
                    try await $0.exchange(["GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"])
                }
                #expect(answer?.hasPrefix("HTTP/1.1 400") == true)
            }
        }
    }

    @Test func twoLengthsAreRefused() async throws {
        let harness = try Harness()
        try await harness.live { client in
            let answer = try await RawConnection.with(port: client.port) {
                try await $0.exchange([
                    "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /login HTTP/1.1\r\n\r\n"
                ])
            }
            #expect(answer?.hasPrefix("HTTP/1.1 400") == true)
            #expect(answer?.contains("200 OK") != true)
        }
    }
}
