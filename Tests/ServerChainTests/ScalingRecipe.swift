import HoldfastTestSupport

/// A storage.yaml of docs/SCALING.md.
enum ScalingRecipe {
    /// The block after `<!-- recipe: NAME -->`.
    static func text(_ name: String) throws -> String {
        let document = try TextFile.read("\(PluginCompiler.packageDirectory)/docs/SCALING.md")
        let parts = document.components(of: "<!-- recipe: \(name) -->\n```yaml\n")
        guard parts.count == 2, let block = parts[1].components(of: "```").first else {
            throw TestSupportError("docs/SCALING.md has \(parts.count - 1) recipes \(name), expected one")
        }
        return String(block)
    }
}

extension StringProtocol {
    fileprivate func components(of separator: String) -> [Substring] {
        self[...].split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
    }
}
