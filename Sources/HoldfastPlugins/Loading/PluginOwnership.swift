internal import Glibc
internal import HoldfastModel

/// Who may have written a plugin: it runs with all rights of the host, so only root and the host's own user.
///
/// A directory that others may write is as good as the file itself: they could put another file there. The sticky bit,
/// as on `/tmp`, forbids that for the directories above. A group counts as the owner when it is the owner's private one.
enum PluginOwnership {
    /// Checks the directory of a file, and those above it.
    static func checkDirectories(of path: String, user: UInt32) throws(HoldfastError) {
        var directory = path
        var isNearest = true
        while let slash = directory.lastIndex(of: "/") {
            directory = slash == directory.startIndex ? "/" : String(directory[..<slash])
            var status = stat()
            guard unsafe stat(directory, &status) == 0 else {
                throw PluginFile.refusal(
                    path, "has a directory that cannot be read: \(directory)", .permission)
            }
            let isSticky = status.st_mode & S_ISVTX != 0 && !isNearest
            if !isSticky, let refusal = writerRefusal(directory, status) {
                throw PluginFile.refusal(path, "lies in \(directory), which \(refusal)", .permission)
            }
            if isNearest, let refusal = ownerRefusal(directory, status, user: user) {
                throw PluginFile.refusal(path, "lies in \(directory), which \(refusal)", .permission)
            }
            isNearest = false
            if directory == "/" { break }
        }
    }

    /// Checks the file itself.
    static func checkFile(_ path: String, _ status: stat, user: UInt32) throws(HoldfastError) {
        if let refusal = writerRefusal(path, status) ?? ownerRefusal(path, status, user: user) {
            throw PluginFile.refusal(path, refusal, .permission)
        }
    }

    private static func writerRefusal(_ path: String, _ status: stat) -> String? {
        let mode = String(status.st_mode & 0o7777, radix: 8)
        if status.st_mode & S_IWOTH != 0 {
            return "anyone may write (mode \(mode)); only its owner may: chmod go-w \(path)"
        }
        guard status.st_mode & S_IWGRP != 0, !isPrivateGroup(status.st_gid, of: status.st_uid) else {
            return nil
        }
        return "group \(status.st_gid) may write (mode \(mode)); only its owner may: chmod g-w \(path)"
    }

    private static func ownerRefusal(_ path: String, _ status: stat, user: UInt32) -> String? {
        guard status.st_uid != 0, status.st_uid != user else { return nil }
        let expected = user == 0 ? "root" : "root or user \(user)"
        return "belongs to user \(status.st_uid), expected \(expected): chown \(user) \(path)"
    }

    /// Whether a group has the name of a user and nobody else in it, as many systems make one for each user.
    private static func isPrivateGroup(_ group: gid_t, of user: uid_t) -> Bool {
        guard let name = userName(user) else { return false }
        var entry = unsafe Glibc.group()
        var result: UnsafeMutablePointer<Glibc.group>? = nil
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        return unsafe buffer.withUnsafeMutableBufferPointer { text in
            guard let start = text.baseAddress,
                unsafe getgrgid_r(group, &entry, start, text.count, &result) == 0, unsafe result != nil,
                unsafe String(cString: entry.gr_name) == name
            else { return false }
            guard var member = unsafe entry.gr_mem else { return true }
            while let other = unsafe member.pointee {
                if unsafe String(cString: other) != name { return false }
                unsafe member += 1
            }
            return true
        }
    }

    private static func userName(_ user: uid_t) -> String? {
        var entry = unsafe passwd()
        var result: UnsafeMutablePointer<passwd>? = nil
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        return unsafe buffer.withUnsafeMutableBufferPointer { text in
            guard let start = text.baseAddress,
                unsafe getpwuid_r(user, &entry, start, text.count, &result) == 0, unsafe result != nil
            else { return nil }
            return unsafe String(cString: entry.pw_name)
        }
    }
}
