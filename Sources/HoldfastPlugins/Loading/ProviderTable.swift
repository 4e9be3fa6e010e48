internal import CHoldfastProvider
internal import HoldfastModel
internal import HoldfastSupport

/// One backend type of a plugin, its functions checked.
@safe struct ProviderTable: @unchecked Sendable {
    // @unchecked: the functions are constants of an image that is never unloaded.

    /// The `type:` of storage.yaml.
    let type: String
    /// JSON Schema of the options; `{}` accepts everything.
    let schema: String
    /// The functions.
    let functions: hf_provider

    /// Copies and checks a table.
    ///
    /// - Throws: `unsupported` when a required function is missing, named in the sentence.
    init(_ pointer: UnsafePointer<hf_provider>, plugin path: String) throws(HoldfastError) {
        let (table, byteCount) = unsafe ForeignTable.copy(pointer, into: hf_provider())
        guard let type = unsafe ForeignText.string(table.type, byteCountMax: 64),
            PluginSearchPath.isType(type)
        else {
            throw PluginFile.refusal(
                path,
                "has a provider without a type that matches [a-z0-9][a-z0-9-]*; correct hf_provider.type",
                .unsupported)
        }
        let required: [(String, Bool)] = unsafe [
            ("open", table.open != nil), ("close", table.close != nil), ("get", table.get != nil),
            ("set", table.set != nil), ("drop", table.drop != nil), ("append", table.append != nil),
            ("get_list", table.get_list != nil), ("query", table.query != nil),
        ]
        let missing = required.filter { !$0.1 }.map(\.0)
        guard missing.isEmpty else {
            let table = "hf_provider of type \"\(type)\" (struct_size \(byteCount))"
            throw PluginFile.refusal(
                path,
                "lacks \(missing.joined(separator: ", ")) in its \(table); open, close and the six primitives "
                    + "get, set, drop, append, get_list, query must be there: a function that the store cannot do "
                    + "answers HF_E_UNSUPPORTED", .unsupported)
        }
        self.type = type
        unsafe functions = table
        schema = try unsafe Self.schema(table, type: type, plugin: path)
    }

    private static func schema(
        _ table: hf_provider, type: String, plugin path: String
    ) throws(HoldfastError) -> String {
        guard unsafe table.options_schema != nil else { return "{}" }
        guard let schema = unsafe ForeignText.string(table.options_schema, byteCountMax: 1 << 20) else {
            throw PluginFile.refusal(
                path,
                "has an options_schema of type \"\(type)\" that is not UTF-8 of at most 1 MiB; correct it",
                .unsupported)
        }
        guard (try? JSONPointer.value(at: [], in: Array(schema.utf8))) != nil else {
            throw PluginFile.refusal(
                path, "has an options_schema of type \"\(type)\" that is not JSON; correct it", .unsupported)
        }
        return schema
    }
}
