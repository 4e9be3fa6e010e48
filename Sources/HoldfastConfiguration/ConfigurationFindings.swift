internal import HoldfastModel

/// What reading a configuration brings to light: errors, warnings and effective values.
///
/// One per reading, never shared between tasks. A class, because every step of the decoding adds to it.
final class ConfigurationFindings {
    private(set) var errors: [HoldfastError] = []
    private(set) var warnings: [HoldfastError] = []
    private(set) var values: [EffectiveValue] = []

    /// Bounds the memory that a hostile file can make its own errors take.
    private static let errorCountMax = 1000

    /// Takes note of something wrong.
    func add(_ message: String, at origin: ConfigurationOrigin, code: HoldfastError.Code = .invalid) {
        guard errors.count < Self.errorCountMax else { return }
        errors.append(Self.error(message, at: origin, code: code))
    }

    /// Takes note of something that is allowed, and that an operator should know.
    func warn(_ message: String, at origin: ConfigurationOrigin) {
        warnings.append(Self.error(message, at: origin, code: .invalid))
    }

    /// Takes note of a value that holds.
    func record(_ key: String, _ value: JSONValue, from origin: ConfigurationOrigin) {
        values.append(EffectiveValue(key: key, json: value, origin: origin))
    }

    /// Ends the reading: throws what was wrong, if anything was.
    func throwErrors() throws(ConfigurationErrors) {
        guard let first = errors.first else { return }
        throw ConfigurationErrors(first, Array(errors.dropFirst()))
    }

    private static func error(
        _ message: String, at origin: ConfigurationOrigin, code: HoldfastError.Code
    ) -> HoldfastError {
        switch origin {
        case .file(let location): HoldfastError(code, message, at: location)
        case .environment(let name): HoldfastError(code, "environment variable \(name): \(message)")
        case .default: HoldfastError(code, message)
        }
    }
}
