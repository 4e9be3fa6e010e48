internal import CHoldfastProvider

/// A function of `hf_provider.open`.
typealias OpenFunction =
    @convention(c) (
        UnsafePointer<hf_host>?, UnsafePointer<hf_open>?, UnsafePointer<hf_call>?,
        UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<hf_store_info>?
    ) -> hf_status

/// One function for each slot, since a C function cannot carry the provider that it opens.
let openFunctions: [OpenFunction] = unsafe [
    { unsafe open(0, $0, $1, $2, $3, $4) }, { unsafe open(1, $0, $1, $2, $3, $4) },
    { unsafe open(2, $0, $1, $2, $3, $4) }, { unsafe open(3, $0, $1, $2, $3, $4) },
    { unsafe open(4, $0, $1, $2, $3, $4) }, { unsafe open(5, $0, $1, $2, $3, $4) },
    { unsafe open(6, $0, $1, $2, $3, $4) }, { unsafe open(7, $0, $1, $2, $3, $4) },
]

private func open(
    _ slot: Int, _ host: UnsafePointer<hf_host>?, _ request: UnsafePointer<hf_open>?,
    _ call: UnsafePointer<hf_call>?, _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ info: UnsafeMutablePointer<hf_store_info>?
) -> hf_status {
    unsafe answer(call) { call throws(ProviderError) in
        unsafe out?.pointee = nil
        guard let provider = ProviderSlots.shared[slot], let request = unsafe request else {
            throw ProviderError(.internal, "open was called without a request")
        }
        let fields = unsafe knownFields(of: request, hf_open())
        let host = unsafe HostServices(host)
        if unsafe fields.role == UInt32(HF_ROLE_CHECK) {
            let role = provider.roles.contains(.store) ? Role.store : .log
            try unsafe provider.check(OpenRequest(fields, role: role), host)
            return hf_status(HF_OK)
        }
        guard let role = unsafe Role(rawValue: fields.role), provider.roles.contains(role) else {
            throw unsafe ProviderError(
                .unsupported, "type \"\(provider.type)\" cannot be a \(fields.role == 2 ? "log" : "store")")
        }
        guard let out = unsafe out else { throw ProviderError(.internal, "open was called without a result") }
        let driver = try unsafe provider.open(OpenRequest(fields, role: role), host, call)
        let box = DriverBox(driver, role: role)
        if let refusal = box.contradiction(role: role) {
            driver.close()
            throw refusal
        }
        if let info = unsafe info { unsafe fill(info, with: driver.info.crossing) }
        unsafe out.pointee = box.retained()
        return hf_status(HF_OK)
    }
}

extension DriverBox {
    /// What a driver claims and does not have.
    fileprivate func contradiction(role: Role) -> ProviderError? {
        let info = driver.info
        let wanted: StoreInfo.Capabilities = [.atomicBatch, .conditions]
        if role == .store, store == nil { return defect("opened as a store, it is no StoreDriver") }
        if role == .log, log == nil { return defect("opened as a log, it is no LogDriver") }
        if role == .store, batch == nil, !info.capabilities.isDisjoint(with: wanted) {
            return defect("it claims atomicBatch or conditions, and is no BatchStore")
        }
        if info.capabilities.contains(.shared), !info.capabilities.isSuperset(of: wanted) {
            return defect("it claims shared without atomicBatch and conditions")
        }
        if info.incarnation.isEmpty || info.incarnation.utf8.count > StoreInfo.incarnationByteCountMax {
            return defect("its incarnation \"\(info.incarnation)\" does not have 1 to 63 bytes")
        }
        return nil
    }

    private func defect(_ sentence: String) -> ProviderError {
        ProviderError(.internal, "driver \(type(of: driver)): \(sentence)")
    }
}

extension StoreInfo {
    /// The info as it crosses the boundary.
    fileprivate var crossing: hf_store_info {
        var info = hf_store_info()
        info.max_stores = storeCountMax
        info.capabilities = capabilities.rawValue
        info.max_value_size = valueByteCountMax
        info.max_batch_changes = batchChangeCountMax
        info.max_batch_size = batchByteCountMax
        unsafe withUnsafeMutableBytes(of: &info.incarnation) { room in
            for (index, byte) in incarnation.utf8.prefix(Self.incarnationByteCountMax).enumerated() {
                unsafe room[index] = byte
            }
        }
        return info
    }
}
