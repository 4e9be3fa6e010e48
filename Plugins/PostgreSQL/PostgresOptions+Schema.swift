extension PostgresOptions {
    /// The schema of the options, for the host and for people; durations in milliseconds, sizes in bytes.
    ///
    /// The host passes on each default that stands here, and an option wins over the connection string: what may stand
    /// in one has no default here.
    static let jsonSchema = """
        {
          "type": "object",
          "description": "PostgreSQL, or a server that speaks its protocol",
          "additionalProperties": false,
          "properties": {
            "url": {
              "type": "string", "secret": true,
              "description": "a connection string of libpq: postgresql://user@host:port,host/database?… or \
        key=value pairs; the options below win over it"
            },
            "host": {"type": "string", "description": "a name, an address or the directory of a Unix socket"},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535, "description": "5432 unless url says another"},
            "hosts": {
              "type": "array", "items": {"type": "string"},
              "description": "several servers, host or host:port, tried in order"
            },
            "database": {"type": "string"},
            "user": {"type": "string"},
            "password": {"type": "string", "secret": true},
            "passfile": {"type": "string", "format": "path"},
            "target_session_attrs": {
              "type": "string",
              "enum": ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"],
              "description": "which of several servers will do; read-write unless url says otherwise"
            },
            "sslmode": {
              "type": "string", "enum": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
            },
            "sslrootcert": {"type": "string"},
            "sslcert": {"type": "string"},
            "sslkey": {"type": "string"},
            "sslpassword": {"type": "string", "secret": true},
            "sslcrl": {"type": "string"},
            "channel_binding": {"type": "string", "enum": ["disable", "prefer", "require"]},
            "application_name": {"type": "string", "description": "holdfast unless url says otherwise"},
            "options": {"type": "string", "description": "settings of the session, as libpq passes them on"},
            "schema": {
              "type": "string", "minLength": 1, "maxLength": 63,
              "description": "where the tables are, made where it is missing; else the first of search_path"
            },
            "table_prefix": {
              "type": "string", "minLength": 1, "maxLength": 32, "default": "holdfast_",
              "description": "what the name of each table begins with"
            },
            "synchronous_commit": {
              "type": "string", "enum": ["off", "local", "remote_write", "on", "remote_apply"],
              "description": "of a store, when a commit returns; off: a crash may take the latest, which the \
        log brings back; else what the server is set to; a log is never off"
            },
            "connect_timeout": {
              "type": "integer", "format": "duration", "minimum": 1000, "maximum": 600000, "default": 10000,
              "description": "how long opening waits for each server"
            },
            "statement_timeout": {
              "type": "integer", "format": "duration", "minimum": 0, "maximum": 86400000, "default": 60000,
              "description": "how long the server runs one statement when nobody cancels it; 0 is no bound"
            },
            "tombstone_retention": {
              "type": "integer", "format": "duration", "minimum": 60000, "maximum": 315360000000,
              "default": 604800000,
              "description": "how long a store keeps traces of what was removed; longer than a backup lags"
            },
            "partitions": {
              "type": "integer", "minimum": 0, "maximum": 1024, "default": 0,
              "description": "of a store, how many parts its tables are hashed into when they are made; 0 is one \
        table, or whatever is there"
            },
            "max_size": {
              "type": "integer", "format": "size", "minimum": 0, "maximum": 70368744177664, "default": 0,
              "description": "a log that takes so much refuses entries until it is trimmed; 0 is no bound"
            }
          }
        }
        """
}
