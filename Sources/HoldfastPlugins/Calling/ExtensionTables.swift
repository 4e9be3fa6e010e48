internal import CHoldfastProvider
internal import HoldfastModel

/// The optional tables of an open store, and what it claims held against them.
@safe struct ExtensionTables: @unchecked Sendable {
    // @unchecked: the functions are constants of an image that is never unloaded.

    let batch: hf_ext_batch?
    let flush: hf_ext_flush?
    let log: hf_ext_log?
    let select: hf_ext_select?
    let domain: hf_ext_domain?
    /// The names in the table of whole operations.
    let operations: Set<String>

    /// Asks a store for its tables.
    ///
    /// - Throws: `unsupported` when a table lacks a function without which it is of no use.
    init(_ functions: hf_provider, _ store: OpaquePointer, label: String) throws(HoldfastError) {
        let find = unsafe functions.get_extension
        func table(_ id: String) -> UnsafeRawPointer? { unsafe find?(store, id) }
        unsafe batch = table(HF_EXT_BATCH).map { unsafe ForeignTable.copy($0, into: hf_ext_batch()).table }
        unsafe flush = table(HF_EXT_FLUSH).map { unsafe ForeignTable.copy($0, into: hf_ext_flush()).table }
        unsafe log = table(HF_EXT_LOG).map { unsafe ForeignTable.copy($0, into: hf_ext_log()).table }
        unsafe select = table(HF_EXT_SELECT).map { unsafe ForeignTable.copy($0, into: hf_ext_select()).table }
        let domain = unsafe table(HF_EXT_DOMAIN).map {
            unsafe ForeignTable.copy($0, into: unsafe hf_ext_domain()).table
        }
        unsafe self.domain = domain
        var missing: [String] = []
        if let domain = unsafe domain {
            if unsafe domain.invoke == nil { missing.append("invoke of \(HF_EXT_DOMAIN)") }
            if unsafe domain.operations == nil { missing.append("operations of \(HF_EXT_DOMAIN)") }
        }
        operations = try unsafe Self.names(domain?.operations, label: label)
        if let select = select, unsafe select.select == nil { missing.append("select of \(HF_EXT_SELECT)") }
        if let batch = batch, unsafe batch.apply == nil { missing.append("apply of \(HF_EXT_BATCH)") }
        if let flush = flush, unsafe flush.flush == nil { missing.append("flush of \(HF_EXT_FLUSH)") }
        if let log = log {
            if unsafe log.append == nil { missing.append("append of \(HF_EXT_LOG)") }
            if unsafe log.read == nil { missing.append("read of \(HF_EXT_LOG)") }
            if unsafe log.bounds == nil { missing.append("bounds of \(HF_EXT_LOG)") }
            if unsafe log.trim == nil { missing.append("trim of \(HF_EXT_LOG)") }
        }
        guard missing.isEmpty else {
            throw HoldfastError(
                .unsupported,
                "\(label): its plugin lacks \(missing.joined(separator: ", ")); fill the table in, or "
                    + "answer NULL for its id in get_extension")
        }
    }

    /// The names of a list that ends with NULL.
    private static func names(
        _ list: UnsafePointer<UnsafePointer<CChar>?>?, label: String
    ) throws(HoldfastError) -> Set<String> {
        var names: Set<String> = []
        guard let list = unsafe list else { return names }
        var count = 0
        while let name = unsafe list[count] {
            count += 1
            guard count <= DomainCall.operationCountMax,
                let text = unsafe ForeignText.string(name, byteCountMax: DomainCall.nameByteCountMax),
                !text.isEmpty
            else {
                throw HoldfastError(
                    .unsupported,
                    "\(label): its plugin names operation \(count) in \(HF_EXT_DOMAIN), which is no name; give at most "
                        + "\(DomainCall.operationCountMax) of 1 to \(DomainCall.nameByteCountMax) bytes of UTF-8, "
                        + "and NULL behind them")
            }
            names.insert(text)
        }
        return names
    }

    /// What a store says of itself, checked.
    ///
    /// - Throws: `unsupported` for a claim without what it needs, `internal` for an incarnation that is none.
    static func info(
        _ raw: hf_store_info, _ tables: ExtensionTables, label: String
    ) throws(HoldfastError) -> StoreInfo {
        let claims = StoreInfo.Capabilities(rawValue: raw.capabilities)
        let hasBatch = tables.batch != nil
        for (claim, name) in [
            (StoreInfo.Capabilities.atomicBatch, "HF_CAP_ATOMIC_BATCH"), (.conditions, "HF_CAP_CONDITIONS"),
        ]
        where claims.contains(claim) && !hasBatch {
            throw HoldfastError(
                .unsupported,
                "\(label): its plugin claims \(name) without the table \(HF_EXT_BATCH); answer the table in "
                    + "get_extension, or drop the claim")
        }
        if claims.contains(.shared), !claims.isSuperset(of: [.atomicBatch, .conditions]) {
            throw HoldfastError(
                .unsupported,
                "\(label): its plugin claims HF_CAP_SHARED without HF_CAP_ATOMIC_BATCH and "
                    + "HF_CAP_CONDITIONS; several hosts at once need both")
        }
        return StoreInfo(
            capabilities: claims, incarnation: try incarnation(raw, label: label),
            valueByteCountMax: raw.max_value_size,
            batchChangeCountMax: raw.max_batch_changes, batchByteCountMax: raw.max_batch_size,
            operations: tables.operations)
    }

    private static func incarnation(_ raw: hf_store_info, label: String) throws(HoldfastError) -> String {
        var raw = raw
        let bytes = unsafe withUnsafeBytes(of: &raw.incarnation) { unsafe [UInt8]($0) }
        guard let end = bytes.firstIndex(of: 0), end > 0,
            let text = String(validating: bytes[..<end], as: UTF8.self)
        else {
            throw HoldfastError(
                .internal,
                "\(label): its plugin left an incarnation that is not 1 to \(bytes.count - 1) bytes of UTF-8 "
                    + "with a NUL behind; fill hf_store_info.incarnation in, with what changes when writes may be lost"
            )
        }
        return text
    }
}
