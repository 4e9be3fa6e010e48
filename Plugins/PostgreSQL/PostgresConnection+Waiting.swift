internal import CPostgreSQL
private import Glibc
internal import HoldfastProviderKit
internal import HoldfastSupport

extension PostgresConnection {
    /// Sends what is queued and takes every answer up to the end of the pipeline.
    func finish(
        _ call: CallContext, count: Int, commits: Bool, streams: Bool,
        _ body: (Int, PostgresResult) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        guard unsafe PQpipelineSync(handle) == 1 else { throw lost(mayBeApplied: commits) }
        var wait = PostgresWait(call, host)
        var failure: ProviderError?
        var index = 0
        if streams, count == 1 { unsafe PQsetSingleRowMode(handle) }
        while true {
            try awaitAnswer(&wait, commits: commits && failure == nil)
            guard let result = unsafe PQgetResult(handle) else {
                if unsafe PQstatus(handle) == CONNECTION_BAD { throw lost(mayBeApplied: commits) }
                index += 1
                if streams, index == count - 1 { unsafe PQsetSingleRowMode(handle) }
                continue
            }
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                try settle(failure, wait, call)
                if commits, let verdict = wait.verdict {
                    // A commit that waits for a standby is cancelled by ending the wait: it then says that it
                    // succeeded, and no standby has it.
                    throw ProviderError(
                        verdict, "the commit was cancelled, and the server may have kept it",
                        flags: [.retryable, .maybeApplied])
                }
                return
            case PGRES_PIPELINE_ABORTED: break
            case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_COMMAND_OK:
                if failure == nil {
                    do throws(ProviderError) {
                        try unsafe body(index, PostgresResult(result))
                    } catch {
                        failure = error
                    }
                }
            default:
                let refusal = unsafe Self.failure(of: result)
                let isBroken = unsafe PQstatus(handle) == CONNECTION_BAD
                if refusal.isFatal || isBroken {
                    markDead()
                    // A failure before this one has kept the commit from being run.
                    throw failure ?? refusal.error(mayBeApplied: commits)
                }
                failure = failure ?? refusal.error()
            }
        }
    }

    /// Ends what a failure has left open, and says why.
    private func settle(_ failure: ProviderError?, _ wait: PostgresWait, _ call: CallContext)
        throws(ProviderError)
    {
        guard var failure else { return }
        if unsafe PQtransactionStatus(handle) != PQTRANS_IDLE {
            // Nobody waits for this answer longer than for a cancelled statement.
            var brief = PostgresWait(graceFrom: host)
            guard unsafe PQsendQueryParams(handle, "ROLLBACK", 0, nil, nil, nil, nil, 1) == 1,
                unsafe PQpipelineSync(handle) == 1
            else { throw lost(mayBeApplied: false) }
            var isOpen = true
            while isOpen {
                try awaitAnswer(&brief, commits: false)
                guard let result = unsafe PQgetResult(handle) else {
                    if unsafe PQstatus(handle) == CONNECTION_BAD { throw lost(mayBeApplied: false) }
                    continue
                }
                isOpen = unsafe PQresultStatus(result) != PGRES_PIPELINE_SYNC
                unsafe PQclear(result)
            }
        }
        if let verdict = wait.verdict, failure.sqlState == "57014" {
            failure.code = verdict
            failure.flags = verdict == .timeout ? .retryable : []
            failure.message =
                verdict == .timeout
                ? "the deadline of the call has passed" : "the caller took the request back"
        }
        throw failure
    }

    /// Waits until the next answer is there, sending what has not been sent.
    private func awaitAnswer(_ wait: inout PostgresWait, commits: Bool) throws(ProviderError) {
        while true {
            let unsent = unsafe PQflush(handle)
            guard unsafe PQisBusy(handle) == 1 else { return }
            guard unsent >= 0 else {
                // What the server said before it closed may still be there to be read.
                guard unsafe PQconsumeInput(handle) == 1 else { return }
                guard unsafe PQisBusy(handle) == 1 else { return }
                throw lost(mayBeApplied: commits)
            }
            var socket = unsafe pollfd(
                fd: PQsocket(handle), events: Int16(POLLIN) | (unsent > 0 ? Int16(POLLOUT) : 0), revents: 0)
            let ready = unsafe poll(&socket, 1, wait.nextTimeout)
            if ready > 0 {
                // A failure shows in the status of the connection; the next result carries its message.
                if socket.revents & ~Int16(POLLOUT) != 0, unsafe PQconsumeInput(handle) == 0 { return }
                continue
            }
            switch wait.look() {
            case .goOn: continue
            case .cancel: unsafe PostgresCancel.send(to: handle)
            case .giveUp:
                markDead()
                let flags: ProviderError.Flags = commits ? [.maybeApplied, .storeDead] : .storeDead
                throw ProviderError(
                    wait.verdict ?? .timeout, "the server did not answer before the deadline of the call",
                    flags: flags.union(.retryable))
            }
        }
    }

    /// Says that the connection broke, in libpq's words.
    func lost(mayBeApplied: Bool) -> ProviderError {
        markDead()
        let text = unsafe String(cString: PQerrorMessage(handle))
        return PostgresFailure(sqlState: "", message: PostgresText.sentence(text), isFatal: true)
            .error(mayBeApplied: mayBeApplied)
    }

    private static func failure(of result: OpaquePointer) -> PostgresFailure {
        func field(_ code: Int32) -> String? {
            unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
        }
        let state = field(PostgresText.sqlStateField) ?? ""
        let severity = field(PostgresText.severityField) ?? ""
        // The detail may quote a row, so it stays out of the message.
        let whole = unsafe String(cString: PQresultErrorMessage(result))
        let message = field(PostgresText.primaryField) ?? whole
        return PostgresFailure(
            sqlState: state, message: "the server says: \(PostgresText.sentence(message))",
            isFatal: severity == "FATAL" || severity == "PANIC" || state.isEmpty)
    }
}
