public import HoldfastModel

/// Writes to several documents and lists of any namespaces, which happen all or not at all.
///
/// Steps take effect in the order in which they were added, and each sees those before it. A batch is a value: build
/// it, give it to ``HistoryStore/write(_:_:)``, use it again if that threw `conflict`. Input is checked there.
///
/// ```swift
/// var batch = Batch()
/// batch.check(lock.fence)
/// batch.append(.json(#"{"state":"done"}"#), to: "job-7", in: "events")
/// batch.put(.json(#"{"cursor":7}"#), at: "worker", in: "jobs")
/// try await store.write(batch)
/// ```
public struct Batch: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case put(Value, if: Condition?)
        case delete(if: Condition?)
        case check(Condition)
        case checkLast(Version)
        case append([Value], ifLast: Version?)
        case edit(Version, to: Value)
        case remove(Version)
        case clear
        case trim(upTo: Version)
        case erase
    }

    struct Entry: Hashable, Sendable {
        let namespace: Namespace
        let key: String
        let step: Step
    }

    private(set) var entries: [Entry] = []
    private(set) var fences: [Fence] = []

    /// Makes a batch without steps.
    public init() {}

    /// The number of steps; fences are none.
    public var count: Int { entries.count }
    /// Whether there is no step.
    public var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ step: Step, _ key: String, _ namespace: Namespace) {
        entries.append(Entry(namespace: namespace, key: key, step: step))
    }

    /// Lets a step on a list ask for another last id.
    mutating func replaceLast(at position: Int, by id: Version) {
        let entry = entries[position]
        let step: Step
        switch entry.step {
        case .checkLast: step = .checkLast(id)
        case .append(let values, _): step = .append(values, ifLast: id)
        default: return
        }
        entries[position] = Entry(namespace: entry.namespace, key: entry.key, step: step)
    }
}

extension Batch {
    /// Writes a document.
    public mutating func put(
        _ value: Value, at key: String, in namespace: String, if condition: Condition? = nil
    ) {
        add(.put(value, if: condition), key, Namespace(namespace))
    }

    /// Removes a document; that there is none is not an error.
    public mutating func delete(_ key: String, in namespace: String, if condition: Condition? = nil) {
        add(.delete(if: condition), key, Namespace(namespace))
    }

    /// Lets the batch take place only while a lock is held; the same as `WriteOptions(fence:)`, for any number of locks.
    public mutating func check(_ fence: Fence) { fences.append(fence) }

    /// Writes nothing, and lets the batch take place only if a condition on a document holds: one that was read before.
    public mutating func check(_ key: String, in namespace: String, is condition: Condition) {
        add(.check(condition), key, Namespace(namespace))
    }

    /// Writes nothing, and lets the batch take place only if the last id of a list is this one, zero for none.
    public mutating func checkLast(_ id: Version, of key: String, in namespace: String) {
        add(.checkLast(id), key, Namespace(namespace))
    }

    /// Appends one item to a list.
    public mutating func append(
        _ value: Value, to key: String, in namespace: String, ifLast last: Version? = nil
    ) {
        add(.append([value], ifLast: last), key, Namespace(namespace))
    }

    /// Appends many items to a list, next to each other.
    public mutating func append(
        _ values: [Value], to key: String, in namespace: String, ifLast last: Version? = nil
    ) {
        add(.append(values, ifLast: last), key, Namespace(namespace))
    }

    /// Replaces the value of one item, which keeps its place; `notFound` when it is not there.
    public mutating func edit(_ id: Version, of key: String, in namespace: String, to value: Value) {
        add(.edit(id, to: value), key, Namespace(namespace))
    }

    /// Removes one item; `notFound` when it is not there.
    public mutating func remove(_ id: Version, from key: String, in namespace: String) {
        add(.remove(id), key, Namespace(namespace))
    }

    /// Removes every item of a list.
    ///
    /// A batch that clears or trims a list cannot write a document at the same key of the same namespace.
    public mutating func clear(_ key: String, in namespace: String) {
        add(.clear, key, Namespace(namespace))
    }

    /// Removes every item of a list up to an id, the item with that id included.
    ///
    /// A batch that clears or trims a list cannot write a document at the same key of the same namespace.
    public mutating func trim(_ key: String, in namespace: String, upTo id: Version) {
        add(.trim(upTo: id), key, Namespace(namespace))
    }

    /// Removes a document and the whole list at the same key.
    public mutating func erase(_ key: String, in namespace: String) {
        add(.erase, key, Namespace(namespace))
    }
}
