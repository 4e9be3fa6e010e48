public import Glibc

/// What a child gets of its parent's open files: nothing.
///
/// A child that inherits a socket keeps its other end from seeing that it was closed, and some sockets of this process are
/// not marked to be closed: those of NIO.
public enum InheritedDescriptors: Sendable {
    private typealias Close =
        @convention(c) (
            UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32
        ) -> Int32

    /// Lets the child close everything but its standard streams; must be the last of the actions.
    public static func close(_ actions: inout posix_spawn_file_actions_t) {
        // Declared for C programs of the GNU dialect alone; in glibc since 2.34.
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
        _ = unsafeBitCast(symbol, to: Close.self)(&actions, 3)
    }
}
