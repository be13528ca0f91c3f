internal import Crypto
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import ReviewPages

/// The stylesheet, the script and the icon, out of the program itself: no file of this machine is served.
enum AssetRoutes {
    static let all: [Route] = ReviewAsset.all.map { asset in
        let tag = "\"" + Base64URL.text(Array(SHA256.hash(data: Data(asset.bytes)).prefix(12))) + "\""
        return .get(
            asset.path,
            open: { exchange in
                var response =
                    exchange.head.headerFields[.ifNoneMatch] == tag
                    ? Response(status: .notModified) : .bytes(asset.bytes, type: asset.contentType)
                response.headers[.eTag] = tag
                // Pages name a version of it by its bytes; without one it is asked for again.
                response.headers[.cacheControl] =
                    exchange.query["v"] == nil ? "no-cache" : "public, max-age=31536000, immutable"
                return response
            })
    }
}
