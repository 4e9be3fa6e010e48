package import HoldfastSupport
package import InMemoryTracing
package import Instrumentation
package import Tracing

/// Writes spans to a file, one OTLP request in JSON a line, which collectors read.
///
/// Spans that have ended are gathered and written together: as soon as there are enough of them, and by ``flush()``, which
/// whoever made the tracer calls from time to time and at the end.
///
/// Source: opentelemetry.io/docs/specs/otel/protocol/file-exporter; w3.org/TR/trace-context.
package final class TraceFile: Tracer {
    package typealias Span = InMemorySpan

    private let random: RandomSource
    private let share: Double
    private let version: String
    private let write: @Sendable ([UInt8]) -> Void
    private let spans = Guarded<[FinishedInMemorySpan]>([])

    private static let spanCountMax = 64

    /// Makes a tracer.
    ///
    /// - Parameters:
    ///   - share: of traces that begin here, how many are kept, 0 to 1; what a caller has begun is kept as the caller says.
    ///   - version: of the program.
    ///   - random: makes ids.
    ///   - write: takes whole lines; from any thread.
    package init(
        share: Double, version: String, random: RandomSource = .system,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.share = share
        self.version = version
        self.random = random
        self.write = write
    }

    /// Begins a span.
    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
        let context = context()
        let parent = context.inMemorySpanContext
        let isKept = context[SampledKey.self] ?? (Double(random.next() >> 11) / 0x1p53 < share)
        var own = context
        own[SampledKey.self] = isKept
        let place = InMemorySpanContext(
            traceID: parent?.traceID ?? Self.hex(random.next()) + Self.hex(random.next() | 1),
            spanID: Self.hex(random.next() | 1), parentSpanID: parent?.spanID)
        return InMemorySpan(
            operationName: operationName, context: own, spanContext: place, kind: kind,
            startInstant: instant()
        ) { [self] span in
            if isKept { add(span) }
        }
    }

    private func add(_ span: FinishedInMemorySpan) {
        let full = spans.withLock { spans -> [FinishedInMemorySpan]? in
            spans.append(span)
            guard spans.count >= Self.spanCountMax else { return nil }
            defer { spans = [] }
            return spans
        }
        if let full { write(OpenTelemetryText.line(full, version: version)) }
    }

    /// Writes what has been gathered.
    package func flush() {
        let gathered = spans.withLock { spans -> [FinishedInMemorySpan] in
            defer { spans = [] }
            return spans
        }
        if !gathered.isEmpty { write(OpenTelemetryText.line(gathered, version: version)) }
    }

    /// See `Tracer`.
    package func forceFlush() { flush() }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension TraceFile {
    /// Takes over the trace of a caller: the header `traceparent`.
    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier),
            let parent = TraceParent(text)
        else { return }
        context.inMemorySpanContext = InMemorySpanContext(
            traceID: parent.traceID, spanID: parent.spanID, parentSpanID: nil)
        context[SampledKey.self] = parent.isSampled
    }

    /// Hands the trace on.
    package func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let place = context.inMemorySpanContext else { return }
        let flags = context[SampledKey.self] == true ? "01" : "00"
        injector.inject(
            "00-\(place.traceID)-\(place.spanID)-\(flags)", forKey: "traceparent", into: &carrier)
    }
}

/// Whether the trace of a context is kept.
private enum SampledKey: InstrumentationContextKey {
    typealias Value = Bool
}

/// The header `traceparent`.
///
/// Source: w3.org/TR/trace-context, section 3.2.
struct TraceParent: Hashable, Sendable {
    let traceID: String
    let spanID: String
    let isSampled: Bool

    /// Reads a header; nothing for one that is not well formed, which is to be ignored.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff",
            parts[0] != "00" || parts.count == 4,
            Self.isHex(parts[0], 2), Self.isHex(parts[1], 32), Self.isHex(parts[2], 16),
            Self.isHex(parts[3], 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        traceID = parts[1]
        spanID = parts[2]
        isSampled = flags & 1 == 1
    }

    private static func isHex(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
