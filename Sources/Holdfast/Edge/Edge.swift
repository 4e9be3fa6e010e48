internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// Where input is checked before a backend sees it.
struct Edge: Sendable {
    let clock: any HostClock
    let valueByteCountMax: Int

    /// How far another host's clock may be ahead, as in `max_clock_drift`.
    private static let clockDriftMillisecondsMax: Int64 = 60_000

    /// A record that holds a value; its version is zero, which asks the backend for one.
    func record(_ value: Value, at address: Address, id: Version = .zero) throws(HoldfastError) -> Record {
        guard value.bytes.count <= valueByteCountMax else {
            throw HoldfastError(
                .invalid, "value has \(value.bytes.count) bytes, expected at most \(valueByteCountMax)")
        }
        if value.format == .json { try Self.checkJSON(value.bytes) }
        return Record(
            namespace: address.namespace, key: address.key, id: id, value: value.bytes,
            expiresAt: try value.expiry.map { expiry throws(HoldfastError) in try milliseconds(of: expiry) }
                ?? 0,
            flags: value.format == .bytes ? .bytes : [])
    }

    private static func checkJSON(_ bytes: Bytes) throws(HoldfastError) {
        do {
            try bytes.withSpan { text throws(JSONDamage) in try JSONSyntax.check(text) }
        } catch {
            throw HoldfastError(.invalid, "value is not JSON: \(error); other bytes need the format bytes")
        }
    }

    private func milliseconds(of expiry: Expiry) throws(HoldfastError) -> Int64 {
        switch expiry {
        case .at(let time):
            guard time.unixMilliseconds > 0 else {
                throw HoldfastError(.invalid, "expiry is at \(time), expected a time after 1970")
            }
            return time.unixMilliseconds
        case .after(let duration):
            guard duration > .zero else {
                throw HoldfastError(.invalid, "expiry is after \(duration), expected more than zero")
            }
            // Rounded up, so that nothing goes before its time.
            let (seconds, attoseconds) = duration.components
            let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
            let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
            let (time, isTooLate) = whole.addingReportingOverflow(clock.unixMilliseconds + fraction)
            guard !isTooLong, !isTooLate else {
                throw HoldfastError(
                    .invalid, "expiry is after \(duration), which no clock reaches; leave it out")
            }
            return time
        }
    }

    /// The request of one write, checked.
    func request(
        _ changes: [Change], scope: Address, _ options: WriteOptions
    ) throws(HoldfastError) -> WriteRequest {
        guard changes.count <= RequestLimits.changeCountMax else {
            throw HoldfastError(
                .invalid,
                "the request writes \(changes.count) records, expected at most \(RequestLimits.changeCountMax)"
            )
        }
        let byteCount = changes.reduce(0) { $0 + $1.record.value.count }
        guard byteCount <= RequestLimits.byteCountMax else {
            throw HoldfastError(
                .invalid,
                "the values of the request have \(byteCount) bytes, expected at most \(RequestLimits.byteCountMax)"
            )
        }
        var request = WriteRequest(changes, ack: options.ack, timeout: try Self.checked(options.timeout))
        if let text = options.idempotencyKey {
            try Limits.validate(
                Bytes(text), as: "idempotency key", byteCountMax: RequestLimits.idempotencyKeyByteCountMax)
            request.idempotencyKey = WriteRequest.IdempotencyKey(scope: scope, text: Bytes(text))
        }
        return request
    }

    /// Checks an id to trim to: a floor in the future would refuse every item until then.
    func checkBound(_ id: Version) throws(HoldfastError) {
        guard !id.isZero else {
            throw HoldfastError(.invalid, "the id to trim to is zero, expected the id of an item")
        }
        let latest = clock.unixMilliseconds + Self.clockDriftMillisecondsMax
        guard id.milliseconds <= UInt64(max(0, latest)) else {
            throw HoldfastError(.invalid, "the id to trim to, \(id), lies in the future")
        }
    }

    static func checked(_ options: CallOptions) throws(HoldfastError) -> CallOptions {
        var options = options
        options.timeout = try checked(options.timeout)
        return options
    }

    /// More than anybody waits: 73 years, which every deadline can be told for.
    private static let timeoutMax = Duration.nanoseconds(.max / 4)

    private static func checked(_ timeout: Duration?) throws(HoldfastError) -> Duration? {
        if let timeout, timeout <= .zero {
            throw HoldfastError(.invalid, "timeout is \(timeout), expected more than zero")
        }
        return timeout.map { min($0, timeoutMax) }
    }
}
