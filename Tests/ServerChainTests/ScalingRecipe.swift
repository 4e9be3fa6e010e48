import HoldfastTestSupport

/// A storage.yaml of docs/how-to/run-several-hosts.md.
enum ScalingRecipe {
    /// The block after `<!-- recipe: NAME -->`.
    static func text(_ name: String) throws -> String {
        let document = try TextFile.read(
            "\(PluginCompiler.packageDirectory)/docs/how-to/run-several-hosts.md")
        let parts = document.components(of: "<!-- recipe: \(name) -->\n```yaml\n")
        guard parts.count == 2, let block = parts[1].components(of: "```").first else {
            throw TestSupportError(
                "docs/how-to/run-several-hosts.md has \(parts.count - 1) recipes \(name), expected one")
        }
        return String(block)
    }
}

extension StringProtocol {
    fileprivate func components(of separator: String) -> [Substring] {
        self[...].split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
    }
}
