import Glibc

/// The three descriptors that every process begins with.
enum StandardStreams: Sendable {
    /// Takes the places of those that are closed, before anything else opens a file.
    ///
    /// Else the log or a database would get the number, and what is meant for people would be written into it. Reading
    /// and writing in the place of input and output fails; in the place of the error stream it goes nowhere.
    static func hold() {
        for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDWR)] {
            guard fcntl(number, F_GETFD) < 0, errno == EBADF else { continue }
            // The lowest number that is free is this one.
            _ = unsafe open("/dev/null", mode)
        }
    }
}
