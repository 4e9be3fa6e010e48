internal import HoldfastSupport
internal import InMemoryTracing
internal import Tracing

/// Spans as OTLP has them in JSON.
///
/// Source: opentelemetry.io/docs/specs/otlp, JSON Protobuf encoding: ids are hexadecimal, 64-bit numbers are strings.
enum OpenTelemetryText {
    /// One line: a whole request to export some spans.
    static func line(_ spans: [FinishedInMemorySpan], version: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { request in
            request.member("resourceSpans") { list in
                list.array { list in
                    list.object { resource in
                        resource.member("resource") { $0.object { write(resource: version, to: &$0) } }
                        resource.member("scopeSpans") { list in
                            list.array { list in
                                list.object { scope in
                                    scope.member("scope") { $0.object { $0.member("name", "holdfast") } }
                                    scope.member("spans") { list in
                                        list.array { list in for span in spans { write(span, to: &list) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(resource version: String, to writer: inout JSONWriter) {
        writer.member("attributes") { list in
            list.array { list in
                for (key, value) in [("service.name", "holdfast"), ("service.version", version)] {
                    write(key, .string(value), to: &list)
                }
            }
        }
    }

    private static func write(_ span: FinishedInMemorySpan, to writer: inout JSONWriter) {
        writer.object { object in
            object.member("traceId", span.traceID)
            object.member("spanId", span.spanID)
            object.member("parentSpanId", span.parentSpanID)
            object.member("name", span.operationName)
            object.member("kind", number(of: span.kind))
            object.member("startTimeUnixNano", String(span.startInstant.nanosecondsSinceEpoch))
            object.member("endTimeUnixNano", String(span.endInstant.nanosecondsSinceEpoch))
            object.member("attributes") { list in
                list.array { list in span.attributes.forEach { write($0, $1, to: &list) } }
            }
            guard !span.errors.isEmpty || span.status?.code == .error else { return }
            object.member("status") { status in
                status.object { status in
                    status.member("code", 2)
                    status.member("message", span.status?.message ?? span.errors.first.map { "\($0.error)" })
                }
            }
        }
    }

    private static func number(of kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func write(_ key: String, _ value: SpanAttribute, to writer: inout JSONWriter) {
        writer.object { attribute in
            attribute.member("key", key)
            attribute.member("value") { writer in
                writer.object { object in
                    switch value {
                    case .int32(let number): object.member("intValue", String(number))
                    case .int64(let number): object.member("intValue", String(number))
                    case .double(let number): object.member("doubleValue", number)
                    case .bool(let flag): object.member("boolValue", flag)
                    case .string(let text): object.member("stringValue", text)
                    default: object.member("stringValue", "\(value)")
                    }
                }
            }
        }
    }
}
