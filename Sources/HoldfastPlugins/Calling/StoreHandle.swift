internal import CHoldfastProvider
internal import HoldfastModel
internal import HoldfastSupport

/// One open `hf_store`, its tables, and everything that its plugin answers checked against the contract.
///
/// Its functions block; a lane calls them from its thread, or the caller itself where the store says that it never
/// waits. One call at a time, unless the store is `concurrent`.
@safe final class StoreHandle: @unchecked Sendable {
    // @unchecked: the pointer and the tables are constants; who calls keeps to the contract's thread rules.

    /// What it can do.
    let info: StoreInfo
    /// The pool ceiling; 0 is none.
    let storeCountMax: Int
    /// `archive (sqlite)`, for messages.
    let label: String
    /// The plugin's file, for messages.
    let pluginPath: String
    /// The clock that plugins see.
    let clock: any HostClock
    /// Its functions.
    let functions: hf_provider
    /// Its optional tables.
    let extensions: ExtensionTables
    private let store: OpaquePointer
    private let late: LateAnswers
    private let controlGate: ControlGate
    private let useCount = Guarded(1)

    /// The role of primaries and backups.
    static let storeRole = Int(HF_ROLE_STORE)
    /// The role of a write-ahead log.
    static let logRole = Int(HF_ROLE_LOG)

    /// What is needed to open a backend.
    struct Opening: Sendable {
        let provider: ProviderTable
        let library: PluginLibrary
        let name: String
        let options: Bytes
        let indexes: Bytes

        /// `archive (sqlite)`.
        var label: String { "\(name) (\(provider.type))" }
    }

    /// Opens a backend; blocks.
    ///
    /// - Parameters:
    ///   - opening: which one.
    ///   - role: `HF_ROLE_STORE` or `HF_ROLE_LOG`.
    ///   - context: deadline.
    ///   - turn: ended when the plugin has answered, or given up by who watches the deadline.
    ///   - extend: gives the plugin more time, where somebody waits who can.
    /// - Throws: what the plugin says, and `unsupported` or `internal` for one that breaks the contract.
    init(
        _ opening: Opening, role: Int, _ context: CallContext, turn: ControlGate.Turn,
        extend: PatienceTable.Extend? = nil
    ) throws(HoldfastError) {
        defer { turn.end() }
        let (pointer, raw) = try unsafe Self.open(opening, role: role, context, extend)
        guard let pointer = unsafe pointer else {
            throw HoldfastError(
                .internal,
                "\(opening.label): plugin \(opening.library.path) answered open with HF_OK and no store")
        }
        unsafe store = pointer
        label = opening.label
        pluginPath = opening.library.path
        clock = opening.library.host.clock
        controlGate = opening.library.controlGate
        unsafe functions = opening.provider.functions
        late = LateAnswers()
        do throws(HoldfastError) {
            extensions = try unsafe ExtensionTables(functions, store, label: opening.label)
            info = try ExtensionTables.info(raw, extensions, label: opening.label)
            storeCountMax = Int(raw.max_stores)
        } catch {
            unsafe opening.provider.functions.close?(pointer)
            late.forget()
            throw error
        }
    }

    /// Lets the plugin look at options without opening anything; blocks.
    ///
    /// - Throws: the plugin's `invalid`; a plugin that does not know how to check says `unsupported`, which is no error.
    static func check(_ opening: Opening, _ context: CallContext, turn: ControlGate.Turn)
        throws(HoldfastError)
    {
        defer { turn.end() }
        do throws(HoldfastError) {
            let (pointer, _) = try unsafe open(opening, role: HF_ROLE_CHECK, context)
            if let pointer = unsafe pointer { unsafe opening.provider.functions.close?(pointer) }
        } catch {
            guard error.code == .unsupported else { throw error }
        }
    }

    private static func open(
        _ opening: Opening, role: Int, _ context: CallContext, _ extend: PatienceTable.Extend? = nil
    ) throws(HoldfastError) -> (OpaquePointer?, hf_store_info) {
        let frame = CallFrame()
        frame.begin(context)
        let name = Bytes(opening.name)
        var request = unsafe hf_open()
        unsafe request.struct_size = UInt32(MemoryLayout<hf_open>.size)
        unsafe request.role = UInt32(role)
        unsafe request.instance = hf_bytes(name)
        unsafe request.options_json = hf_bytes(opening.options)
        unsafe request.indexes_json = hf_bytes(opening.indexes)
        var info = hf_store_info()
        info.struct_size = UInt32(MemoryLayout<hf_store_info>.size)
        var store: OpaquePointer? = nil
        let host = opening.library.host
        let status = host.patience.whileOpen(frame, extend) {
            unsafe opening.provider.functions.open?(host.table, &request, frame.call, &store, &info)
        }
        withExtendedLifetime((name, opening)) {}
        let outcome = ForeignStatus(status ?? hf_status(HF_E_UNSUPPORTED))
        guard outcome == .ok else {
            throw failure(
                outcome, frame, label: opening.label, plugin: opening.library.path, operation: "open")
        }
        return unsafe (store, info)
    }

    /// Takes note of one more lane that calls the store; each calls ``close()`` once.
    func share() { useCount.withLock { $0 += 1 } }

    /// Closes the store when nobody else calls it; blocks.
    ///
    /// So a store that one stuck lane still calls is closed by that lane, should it ever return.
    func close() {
        let isLast = useCount.withLock { count in
            count -= 1
            return count == 0
        }
        guard isLast else { return }
        let turn = controlGate.take()
        unsafe functions.close?(store)
        turn.end()
        late.forget()
    }

    /// Makes one call, and turns whatever comes back into a result or an error.
    ///
    /// - Parameters:
    ///   - operation: its name in the header, for messages.
    ///   - frame: the memory that is lent.
    ///   - context: deadline and trace.
    ///   - flags: `HF_CALL_…`.
    ///   - isWrite: whether a broken answer leaves open if something was stored.
    ///   - collectors: what takes the answers.
    ///   - body: calls the plugin.
    /// - Returns: `ok`, `unchanged`, or `notFound`.
    /// - Throws: the plugin's error, or one that names the rule that it broke.
    func invoke(
        _ operation: String, _ frame: CallFrame, _ context: CallContext, flags: UInt32 = 0,
        isWrite: Bool = false,
        collectors: [AnswerCollector] = [],
        _ body: (OpaquePointer, UnsafePointer<hf_call>, UnsafeMutablePointer<hf_sink>) -> hf_status?
    ) throws(HoldfastError) -> ForeignStatus {
        frame.begin(context, flags: flags)
        let sinks = unsafe frame.answers.open(collectors, owner: late)
        let answer = unsafe body(store, UnsafePointer(frame.call), sinks)
        frame.answers.close()
        let uncertain: HoldfastError.Flags = isWrite ? .maybeApplied : []
        guard let answer else { throw HoldfastError(.unsupported, "\(label): has no \(operation)") }
        if late.take() > 0 {
            throw broken(
                operation, .internal, "a sink that was called after its call had returned",
                flags: uncertain.union(.providerDead))
        }
        if let violation = collectors.lazy.compactMap(\.violation).first {
            throw broken(operation, violation.code, violation.rule, flags: uncertain)
        }
        switch ForeignStatus(answer) {
        case .ok: return .ok
        case .unchanged: return .unchanged
        case .notFound: return .notFound
        case .stopped:
            throw broken(operation, .internal, "HF_STOPPED, though nobody asked it to stop", flags: uncertain)
        case .foreign(let number):
            throw broken(
                operation, .internal, "status \(number), which the contract does not know", flags: uncertain)
        case let failed:
            throw Self.failure(failed, frame, label: label, plugin: pluginPath, operation: operation)
        }
    }

    /// The error for an answer that breaks the contract.
    func broken(
        _ operation: String, _ code: HoldfastError.Code, _ rule: String, flags: HoldfastError.Flags = []
    ) -> HoldfastError {
        HoldfastError(code, "\(label): plugin \(pluginPath) answered \(operation) with \(rule)", flags: flags)
    }

    private static func failure(
        _ status: ForeignStatus, _ frame: CallFrame, label: String, plugin: String, operation: String
    ) -> HoldfastError {
        let foreign = frame.foreignError
        guard case .failed(let code) = status else {
            return HoldfastError(.internal, "\(label): plugin \(plugin) answered \(operation) with \(status)")
        }
        let reason =
            foreign.message.isEmpty ? "\(operation) failed, and the plugin gave no reason" : foreign.message
        var error = HoldfastError(
            code, "\(label): \(reason)", retryAfter: foreign.retryAfter, vendorCode: foreign.vendorCode)
        error.flags.formUnion(foreign.flags)
        return error
    }
}
