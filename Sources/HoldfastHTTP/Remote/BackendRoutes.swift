internal import HTTPTypes
internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel
internal import NIOCore

/// The backend itself, for the command on the same machine: with it every command gives the answers that it would give
/// with the chain open in its own process.
enum BackendRoutes: RouteFamily {
    /// Where the calls go.
    package static let path = "/v1/backend"

    static var routes: [Route] { [call] }

    private static let call = Route(
        description: RouteDescription(
            method: .post, path: path, id: "backend",
            summary:
                "Carries one call of the backend as bytes, for the command of the same version; not for clients.",
            access: .admin, content: .value("A call."), outcome: .value("A reply."),
            examples: [
                RouteExample(
                    target: path, headers: [("Content-Type", "application/octet-stream")],
                    body: "\u{1}\u{6}")
            ])
    ) { (call) async throws(HoldfastError) -> Reply in
        guard call.caller.tenant == nil else {
            return Problem(
                .forbidden, .permission, "calls of the backend need a token without a tenant"
            ).reply(requestID: call.requestID)
        }
        let request: BackendCall
        do throws(HoldfastError) {
            request = try BackendCall(decoding: call.body.bytes)
        } catch {
            // What a client sends is wrong, not what is stored.
            throw HoldfastError(.invalid, "the body is no call of a backend: \(error.message)")
        }
        var reply = await request.perform(on: call.store.backend)
        if case .status(let status, let guarantees, _) = reply {
            reply = .status(status, guarantees, wordIndexes: call.store.wordIndexes)
        }
        var buffer = ByteBuffer()
        buffer.write(reply.encoded)
        return Reply(.ok, .buffer(buffer), type: Reply.MediaType.bytes)
    }
}
