import Glibc

/// The three descriptors that every process begins with.
enum StandardStreams: Sendable {
    /// Takes the places of those that are closed, before anything else opens a file.
    ///
    /// Else the log or a database would get the number, and what is meant for people would be written into it. Reading
    /// and writing in the place of input and output fails; in the place of the error stream it goes nowhere.
    ///
    /// From then on a pipe whose reader has gone is an error that is said, and no signal that ends the process in the
    /// middle of something.
    static func hold() {
        _ = signal(SIGPIPE, SIG_IGN)
        for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDWR)] {
            guard fcntl(number, F_GETFD) < 0, errno == EBADF else { continue }
            // The lowest number that is free is this one.
            _ = unsafe open("/dev/null", mode)
        }
    }
}
