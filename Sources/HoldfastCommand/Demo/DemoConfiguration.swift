/// The configurations that a demonstration writes into its directory.
enum DemoConfiguration {
    /// A chain of two SQLite files and a log, which goes on taking writes without its primary.
    static let chain = """
        storage:
          type: chain
          primary: { name: primary, type: sqlite, path: ./primary/history.db }
          backups:
            - { name: backup, type: sqlite, path: ./backup/history.db }
          log: { type: file-log, path: ./log }
          on_primary_failure: accept

        """

    /// One of the SQLite files on its own.
    static func single(_ name: String) -> String {
        """
        storage: { name: \(name), type: sqlite, path: ./\(name)/history.db }

        """
    }
}
