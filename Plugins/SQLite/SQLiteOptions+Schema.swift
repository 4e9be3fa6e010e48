extension SQLiteOptions {
    /// The schema of the options, for the host and for people; durations in milliseconds, sizes in bytes.
    static let jsonSchema = """
        {
          "type": "object",
          "description": "SQLite: one database file on this machine",
          "required": ["path"],
          "additionalProperties": false,
          "properties": {
            "path": {
              "type": "string", "format": "path", "minLength": 1,
              "description": "the database file; a relative path begins at the directory of storage.yaml"
            },
            "create": {
              "type": "boolean", "default": true,
              "description": "make the file and its directories where they are missing"
            },
            "synchronous": {
              "type": "string", "enum": ["off", "normal", "full", "extra"], "default": "full",
              "description": "when a store waits for the disk; full, extra: at each commit, \
        so that it is durable; normal: a power loss may take the latest commits, which the log brings back; \
        off: a power loss may damage the file; a log always uses full"
            },
            "busy_timeout": {
              "type": "integer", "format": "duration", "minimum": 0, "maximum": 600000, "default": 5000,
              "description": "how long a call waits for another process that writes to the file"
            },
            "cache_size": {
              "type": "integer", "format": "size", "minimum": 65536, "maximum": 68719476736,
              "default": 16777216, "description": "memory for pages of the file, for each connection"
            },
            "mmap_size": {
              "type": "integer", "format": "size", "minimum": 0, "maximum": 2147483648, "default": 0,
              "description": "how much of the file a store maps into memory; faster reads of large files, \
        but a process that cuts the file short then ends the host"
            },
            "page_size": {
              "type": "integer", "format": "size", "minimum": 512, "maximum": 65536, "default": 4096,
              "description": "the page size of a new file, a power of two; a file that exists keeps its own"
            },
            "checkpoint_size": {
              "type": "integer", "format": "size", "minimum": 65536, "maximum": 4294967296,
              "default": 8388608,
              "description": "how far the WAL beside the file grows before it is copied into the file"
            },
            "tombstone_retention": {
              "type": "integer", "format": "duration", "minimum": 60000, "maximum": 315360000000,
              "default": 604800000,
              "description": "how long a store keeps traces of what was removed; longer than a backup lags"
            },
            "max_size": {
              "type": "integer", "format": "size", "minimum": 0, "maximum": 70368744177664, "default": 0,
              "description": "a log that takes so much refuses entries until it is trimmed; 0 is no bound"
            }
          }
        }
        """
}
