private import Glibc
internal import HoldfastModel
internal import HoldfastSupport

/// An image in this process, for as long as the process lives.
@safe final class LoadedImage: @unchecked Sendable {
    // @unchecked: the handle is a constant that the loader made; dlsym may be called from any thread.

    /// The file it came from.
    let path: String
    /// Keeps calls that open or close apart.
    let controlGate = ControlGate()
    private let handle: UnsafeMutableRawPointer
    private let identity: PluginFile.Identity

    private init(handle: UnsafeMutableRawPointer, path: String, identity: PluginFile.Identity) {
        unsafe self.handle = handle
        self.path = path
        self.identity = identity
    }

    /// What was loaded already, by file, by path and by checksum: the loader itself would answer with the same image, also
    /// for another file that has come to its path.
    private static let loaded = Guarded<[Key: LoadedImage]>([:])

    private enum Key: Hashable {
        case file(device: UInt64, inode: UInt64)
        case path(String)
        case checksum([UInt8])
    }

    /// The address of an exported function.
    func symbol(_ name: String) -> UnsafeMutableRawPointer? { unsafe dlsym(handle, name) }

    /// Loads a checked file, or answers with the image that it was loaded as.
    @safe static func load(
        _ file: PluginFile, sha256: String?, digest: PluginDigest?
    ) throws(HoldfastError) -> LoadedImage {
        guard let sha256 else { return try load(file) }
        guard let digest = unsafe digest else {
            throw PluginFile.refusal(
                file.path,
                "has a sha256 in storage.yaml, but this program was built without a digest function; "
                    + "pass one when embedding, or remove sha256", .unsupported)
        }
        guard let expected = checksum(sha256) else {
            throw PluginFile.refusal(
                file.path,
                "has the sha256 \"\(sha256)\" in storage.yaml, expected 64 hexadecimal digits: sha256sum "
                    + file.path, .invalid)
        }
        return try unsafe file.withContent { content throws(HoldfastError) in
            let actual = unsafe digest(content)
            guard actual == expected else {
                throw PluginFile.refusal(
                    file.path,
                    "has sha256 \(hexadecimal(actual)), storage.yaml says \(hexadecimal(expected)); "
                        + "install the expected file, or correct sha256", .permission)
            }
            return try unsafe load(file, content: content, checksum: actual)
        }
    }

    private static func load(_ file: PluginFile) throws(HoldfastError) -> LoadedImage {
        try loaded.withLock { images throws(HoldfastError) in
            let key = Key.file(device: file.identity.device, inode: file.identity.inode)
            if let image = images[key] ?? images[.path(file.path)] {
                guard image.identity == file.identity else {
                    throw PluginFile.refusal(
                        file.path, "was changed after this process had loaded it; restart the host",
                        .unavailable)
                }
                return image
            }
            let image = try LoadedImage(opening: file.path, file)
            guard file.isUnchanged else {
                throw PluginFile.refusal(
                    file.path, "was replaced while it was being loaded; restart the host", .unavailable)
            }
            images[key] = image
            images[.path(file.path)] = image
            return image
        }
    }

    /// Loads a copy that nobody can change: the file itself might be written between the check and the load.
    private static func load(
        _ file: PluginFile, content: UnsafeRawBufferPointer, checksum: [UInt8]
    ) throws(HoldfastError) -> LoadedImage {
        try loaded.withLock { images throws(HoldfastError) in
            if let image = images[.checksum(checksum)] { return image }
            let name = file.path.split(separator: "/").last.map(String.init) ?? "plugin"
            guard let copy = unsafe SealedFile(copying: content, name: name) else {
                throw PluginFile.refusal(
                    file.path, "cannot be copied into memory; see the limits of the host", .unavailable)
            }
            // The descriptor stays open: the loader would take a later file of the same number for this one.
            let image = try LoadedImage(opening: copy.path, file)
            images[.checksum(checksum)] = image
            return image
        }
    }

    private convenience init(opening path: String, _ file: PluginFile) throws(HoldfastError) {
        // RTLD_LOCAL: two plugins may both link libpq without seeing each other's copy.
        guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
            throw PluginFile.refusal(
                file.path, "cannot be loaded: \(reason); install what it needs, or link it with -Wl,-z,defs",
                .unavailable)
        }
        unsafe self.init(handle: handle, path: file.path, identity: file.identity)
    }

    private static func checksum(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap(hexDigit)
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
    }
}
