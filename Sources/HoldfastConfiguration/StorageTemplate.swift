/// The commented `storage.yaml` that `holdfast init` writes.
public enum StorageTemplate: Sendable {
    /// The text of the file: the same as the `storage.yaml` at the top of the repository.
    public static let text = #"""
        # storage.yaml: where Holdfast keeps what agents say and do.
        #
        # The file is read when the host starts. `holdfast check` says what is wrong with it, by line;
        # `holdfast check --print` shows every value that holds and where it comes from.
        # Relative paths begin at the directory of this file. Every key: docs/reference/configuration.md.

        storage:
          # A chain: every write goes into the log first, then into the primary; the backups follow.
          type: chain

          # Reads go here. Another backend is another `type`: nothing is rebuilt, for example
          #   primary: { type: memory }
          # It need not wait for the disk, since the log does: after a power loss it gets from there what it lacks.
          primary:
            type: sqlite
            path: ./data/history.db
            synchronous: normal

          # Each backup holds everything again, a moment later, and answers reads while the primary is away.
          backups:
            - type: sqlite
              path: ./data/backup.db
              synchronous: normal

          # The write-ahead log: nothing that was acknowledged is lost, whatever happens to the backends.
          log:
            type: file-log
            path: ./data/log

          # The longest that a change waits for a healthy backup.
          flush_interval: 5s

          # While the primary is away: reject writes, or accept them into the log.
          on_primary_failure: reject

        # A value may come from the environment or from a file, and is then never shown:
        #   url: "${DATABASE_URL}"                            an error where it is not set
        #   url: "${REDIS_URL:-redis://127.0.0.1:6379}"       with a default
        #   password: file:/run/secrets/database-password     less the line end
        # An environment variable also overrides any single value of this file:
        #   HOLDFAST_STORAGE_FLUSH_INTERVAL=1s
        #   HOLDFAST_STORAGE_PRIMARY_PATH=/var/lib/holdfast/history.db

        # Plugins are found beside the `holdfast` executable. Those of others may lie elsewhere:
        # plugins:
        #   path: [/usr/local/lib/holdfast]

        """#
}
