extension RedisOptions {
    /// The schema of the options, for the host and for people; durations in milliseconds, sizes in bytes.
    static let jsonSchema = """
        {
          "type": "object",
          "description": "Redis, or a server that speaks its protocol",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": {
              "type": "string", "secret": true,
              "description": "redis://user:password@host:port/database, unix:/path, or \
        sentinel://host:port,host:port/name/database"
            },
            "user": {"type": "string", "description": "of the server's ACL; wins over the url"},
            "password": {"type": "string", "secret": true, "description": "wins over the url"},
            "database": {
              "type": "integer", "minimum": 0, "maximum": 65535, "description": "wins over the url; else 0"
            },
            "sentinel_user": {"type": "string"},
            "sentinel_password": {"type": "string", "secret": true},
            "key_prefix": {
              "type": "string", "minLength": 1, "maxLength": 64, "default": "holdfast:",
              "description": "what the name of each key begins with; no braces"
            },
            "connect_timeout": {
              "type": "integer", "format": "duration", "minimum": 100, "maximum": 600000, "default": 5000,
              "description": "how long opening waits for each server"
            },
            "tombstone_retention": {
              "type": "integer", "format": "duration", "minimum": 60000, "maximum": 315360000000,
              "default": 604800000,
              "description": "how long a store keeps traces of what was removed; longer than a backup lags"
            },
            "require_durable": {
              "type": "boolean", "default": true,
              "description": "a log is refused unless the server has appendonly yes and appendfsync always"
            },
            "max_size": {
              "type": "integer", "format": "size", "minimum": 0, "maximum": 70368744177664, "default": 0,
              "description": "a log that takes so much refuses entries until it is trimmed; 0 is no bound"
            }
          }
        }
        """
}
