/// Puts values of the environment over those of the file: `HOLDFAST_STORAGE_PRIMARY_PATH` over
/// `storage.primary.path`.
///
/// A name is the path of the key in capitals, joined by `_`, a hyphen being `_` too; a backup is named by
/// its position
/// from 0 or by its name. A variable sets one single value. An empty one counts as not set. A name that
/// leads to no key
/// is an error, as a misspelt key in the file is.
struct EnvironmentOverrides {
    private static let prefix = "HOLDFAST_"
    /// Other variables that begin with `HOLDFAST_` belong to other parts of the product.
    private static let sections = ["STORAGE", "SERVER", "BLOBS"]

    private let variables: [(name: String, value: String)]
    private let findings: ConfigurationFindings

    /// Prepares the overrides of an environment.
    init(variables: [String: String], findings: ConfigurationFindings) {
        self.findings = findings
        let isType = { (name: String) in name.hasSuffix("_TYPE") }
        self.variables = variables.filter { name, value in
            Self.sections.contains { name.hasPrefix("\(Self.prefix)\($0)_") } && !value.isEmpty
        }.map { (name: $0.key, value: $0.value) }.sorted { left, right in
            // A type decides which other keys there are, so types come first, those of outer backends before
            // inner.
            if isType(left.name) != isType(right.name) { return isType(left.name) }
            let isShorter = left.name.utf8.count < right.name.utf8.count
            return left.name.utf8.count == right.name.utf8.count ? left.name < right.name : isShorter
        }
    }

    /// Sets every value that the environment gives.
    func apply(to root: ConfigurationNode) -> ConfigurationNode {
        variables.reduce(root) { root, variable in
            let edit = OverrideEdit(name: variable.name, value: variable.value)
            let words = variable.name.dropFirst(Self.prefix.count)
            switch edit.set(words, in: root, keys: ConfigurationKeys.root) {
            case .set(let node): return node
            case .notScalar(let path):
                findings.add("sets \(path), which takes no single value; set it in the file", at: edit.origin)
            case .unknown:
                let names = edit.names(below: root, keys: ConfigurationKeys.root).map { Self.prefix + $0 }
                let near = Spelling.nearest(to: variable.name, among: names)
                let advice = near.map { "did you mean \($0)?" } ?? "expected for example HOLDFAST_STORAGE_ACK"
                findings.add("sets no known key, \(advice)", at: edit.origin)
            }
            return root
        }
    }
}
