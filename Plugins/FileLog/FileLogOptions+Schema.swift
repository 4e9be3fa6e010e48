internal import FileLog

extension FileLogOptions {
    /// The bound of the log unless options say otherwise, in bytes.
    static let byteCountMaxStandard: Int64 = 4 << 30

    /// The schema of the options, for the host and for people; sizes in bytes.
    static let jsonSchema = """
        {
          "type": "object",
          "description": "The write-ahead log in files of its own, held by one process",
          "x-roles": ["log"],
          "required": ["path"],
          "additionalProperties": false,
          "properties": {
            "path": {
              "type": "string", "format": "path", "minLength": 1,
              "description": "the directory of the log; a relative path begins at the directory of storage.yaml"
            },
            "create": {
              "type": "boolean", "default": true,
              "description": "make the directory and those above it where they are missing"
            },
            "sync": {
              "type": "string", "default": "always",
              "description": "when an entry is on the disk; always: before its append returns; \
        a time such as 100ms: at most so long after; never: when the system likes; \
        with the last two a power loss takes acknowledged entries"
            },
            "segment_size": {
              "type": "integer", "format": "size", "minimum": 16384, "maximum": 1073741824,
              "default": 16777216, "description": "the size of one file, a multiple of 4096 bytes"
            },
            "max_size": {
              "type": "integer", "format": "size", "minimum": 0, "maximum": 70368744177664,
              "default": 4294967296,
              "description": "a log whose files take so much refuses entries until it is trimmed; 0 is no bound"
            }
          }
        }
        """
}
