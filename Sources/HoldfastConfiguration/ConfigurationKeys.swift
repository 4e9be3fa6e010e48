/// The tables of all keys of `storage.yaml`.
public enum ConfigurationKeys: Sendable {
    /// At the top of the file.
    public static let root: [ConfigurationKey] = [
        ConfigurationKey("plugins", .section, "where plugins are found"),
        ConfigurationKey("storage", .backend, required: true, "the backend that the host serves"),
        ConfigurationKey("server", .section, "the daemon"),
        ConfigurationKey("retention", .section, "what goes by itself, see [retention.md](retention.md)"),
        ConfigurationKey("blobs", .section, "large contents, which are kept apart from their records"),
    ]

    /// Under `plugins`.
    public static let plugins: [ConfigurationKey] = [
        ConfigurationKey(
            "path", .texts,
            "directories that are searched for plugins, in order, after `HOLDFAST_PLUGIN_PATH` and before the directory "
                + "of the executable; relative ones begin at the directory of the file")
    ]

    /// Under `server`.
    public static let server: [ConfigurationKey] = [
        ConfigurationKey(
            "listen", .listen, default: "127.0.0.1:7474",
            "the address and port of the daemon; `off` for none, port 0 for a free one"),
        ConfigurationKey(
            "socket", .text,
            "the path of a Unix socket to listen on as well; who may use it is decided by its mode, 0600"),
        ConfigurationKey(
            "tokens", .text,
            "the file of the bearer tokens that may come in over the network, one line for each; `holdfast token` makes one"
        ),
        ConfigurationKey(
            "insecure", .choice(["false", "true"]), default: "false",
            "whether to listen beyond this machine without tokens"),
        ConfigurationKey(
            "tls_certificate", .text, "the file of the certificate, in PEM, with those that vouch for it"),
        ConfigurationKey("tls_key", .text, "the file of the certificate's key, in PEM"),
        ConfigurationKey(
            "connections_max", .integer(1...1_000_000), default: "1024",
            "the most connections at once on each address; more wait"),
        ConfigurationKey(
            "body_max", .size(1...1 << 30), default: "48MiB", "the most bytes of a request's body"),
        ConfigurationKey(
            "headers_max", .size(1024...1 << 20), default: "64KiB", "the most bytes of a request's headers"),
        ConfigurationKey(
            "request_timeout", .duration(.milliseconds(1) ... .seconds(3600)), default: "30s",
            "how long a request may take; its client may ask for less"),
        ConfigurationKey(
            "read_timeout", .duration(.milliseconds(1) ... .seconds(3600)), default: "30s",
            "how long a request may take to arrive once its headers are there"),
        ConfigurationKey(
            "write_timeout", .duration(.milliseconds(1) ... .seconds(3600)), default: "30s",
            "how long a client may take no byte of its answer"),
        ConfigurationKey(
            "idle_timeout", .duration(.milliseconds(1) ... .seconds(86_400)), default: "75s",
            "how long a connection may be without a request, which counts to the end of its headers"),
        ConfigurationKey(
            "followers_max", .integer(0...1_000_000), default: "512",
            "the most event streams at once, of each tenant; more are refused with 429"),
        ConfigurationKey(
            "follow_heartbeat", .duration(.milliseconds(100) ... .seconds(3600)), default: "15s",
            "after how long without an event a follower hears that the daemon is there"),
        ConfigurationKey(
            "drain_timeout", .duration(.zero ... .seconds(3600)), default: "10s",
            "how long requests may go on once the daemon was told to stop"),
        ConfigurationKey(
            "log_level", .choice(ServerConfiguration.LogLevel.allCases.map(\.rawValue)), default: "info",
            "what is logged at least; `debug` shows each request"),
    ]

    /// In a backend with `type: chain`.
    public static let chain: [ConfigurationKey] = [
        ConfigurationKey("type", .type, required: true, "`chain`"),
        ConfigurationKey(
            "name", .name,
            "the name in logs, metrics and marks; by default the place: `storage`, `primary`, …"),
        ConfigurationKey("primary", .backend, required: true, "follows the log in step; reads go to it"),
        ConfigurationKey(
            "backups", .backends, "follow the log behind; each is named `backup-1`, `backup-2`, … by default"),
        ConfigurationKey(
            "log", .provider, required: true, "the write-ahead log, which takes every write first"),
        ConfigurationKey("wal", .provider, "the same as `log`; only one of the two may be given"),
        ConfigurationKey(
            "hosts", .choice(["one", "many"]), default: "one",
            "whether hosts on other machines, or other processes, write to the same primary; each has its own log"
        ),
        ConfigurationKey(
            "flush_interval", .duration(.milliseconds(1) ... .seconds(3600)), default: "5s",
            "the longest that a change waits for a healthy backup; a backup that keeps up is sent changes at once"
        ),
        ConfigurationKey(
            "on_primary_failure", .choice(["reject", "accept"]), default: "reject",
            "what a write meets while the primary is away: an error, or the log alone"),
        ConfigurationKey(
            "on_log_full", .choice(["reject", "drop_backup"]), default: "reject",
            "when the log is full: refuse writes, or give up the backup that holds it back"),
        ConfigurationKey(
            "ack", .choice(["primary", "log", "all"]), default: "primary",
            "what a write waits for: log and primary, the log alone, or the backups too"),
        ConfigurationKey(
            "max_clock_drift", .duration(.milliseconds(1) ... .seconds(86_400)), default: "1m",
            "how far ahead of the clock of this host a version may be"),
        ConfigurationKey(
            "tombstone_retention", .duration(.seconds(60) ... .seconds(3650 * 86_400)), default: "7d",
            "how long the traces of removed records are kept"),
        ConfigurationKey(
            "retain", .duration(.zero ... .seconds(365 * 86_400)), default: "1h",
            "how long the log keeps entries that every backend has"),
        ConfigurationKey(
            "idempotency_retention", .duration(.seconds(1) ... .seconds(365 * 86_400)), default: "24h",
            "how long an idempotency key is remembered"),
        ConfigurationKey(
            "poison_attempts", .integer(1...1000), default: "8",
            "how often a change is tried on a backup that refuses it, before it is set aside"),
        ConfigurationKey("breaker", .section, "when a backend counts as down"),
        ConfigurationKey(
            "batch_max", .integer(1...100_000), default: "1024", "the most changes sent to a backup at once"),
        ConfigurationKey(
            "resync", .choice(["auto", "manual"]), default: "auto",
            "whether a backend that lost data is refilled from another without being asked"),
        ConfigurationKey(
            "start", .choice(["degraded", "strict"]), default: "degraded",
            "whether the host starts while its primary is away"),
        ConfigurationKey(
            "drain_timeout", .duration(.zero ... .seconds(3600)), default: "10s",
            "how long a stopping host waits for its backups"),
        ConfigurationKey(
            "timeout", .duration(.milliseconds(1) ... .seconds(3600)), default: "5s",
            "the deadline of one call to a backend"),
    ]

    /// In a backend of any other type; every further key is an option of the plugin.
    public static let provider: [ConfigurationKey] = [
        ConfigurationKey("type", .type, required: true, "the plugin: `libholdfast-<type>.so`"),
        ConfigurationKey(
            "name", .name,
            "the name in logs and metrics; by default the place: `primary`, `backup-1`, `log`, …"),
        ConfigurationKey("sha256", .sha256, "what the plugin's file must hash to"),
        ConfigurationKey("pool", .section, "how many connections the host opens"),
        ConfigurationKey(
            "indexes", .indexes,
            "fields that queries filter on, for each namespace; `\"@words\"` for the words of all strings"),
    ]

    /// Under `pool`.
    public static let pool: [ConfigurationKey] = [
        ConfigurationKey(
            "max", .integer(1...1024), default: "4",
            "the most connections of one backend; of those that read, questions leave one to reads"),
        ConfigurationKey(
            "idle_timeout", .duration(.zero ... .seconds(86_400)), default: "1m",
            "how long an unused connection stays open; 0 keeps none"),
        ConfigurationKey(
            "connect_timeout", .duration(.milliseconds(1) ... .seconds(600)), default: "5s",
            "how long opening a connection may take; its plugin may ask for more, for what it does once"),
    ]

    /// Under `breaker`.
    public static let breaker: [ConfigurationKey] = [
        ConfigurationKey(
            "failures", .integer(1...1000), default: "5",
            "how many failures in a row take a backend out of use"),
        ConfigurationKey(
            "retry_after", .duration(.milliseconds(1) ... .seconds(3600)), default: "1s",
            "how long until it is tried again; doubles each time, with jitter"),
        ConfigurationKey(
            "retry_max", .duration(.milliseconds(1) ... .seconds(3600)), default: "5s",
            "the longest wait between two attempts, never shorter than `retry_after`"),
    ]

    /// Under `retention`.
    public static let retention: [ConfigurationKey] = [
        ConfigurationKey(
            "interval", .duration(.seconds(1) ... .seconds(30 * 86_400)), default: "1h",
            "the pause between two runs of a daemon"),
        ConfigurationKey(
            "dry_run", .choice(["true", "false"]), default: "false",
            "whether runs only count what they would remove"),
        ConfigurationKey("policies", .policies, required: true, "what is kept"),
    ]

    /// Under `blobs`.
    public static let blobs: [ConfigurationKey] = [
        ConfigurationKey(
            "threshold", .size(256...1 << 30), default: "256KiB",
            "strings of JSON, and values that are not JSON, of at least so many bytes are kept apart, each once"
        ),
        ConfigurationKey(
            "collect_interval", .duration(.zero ... .seconds(30 * 86_400)), default: "1d",
            "how long after a collection, which removes what nothing refers to any more, a daemon makes the next; 0 for none"
        ),
        ConfigurationKey(
            "grace", .duration(.zero ... .seconds(365 * 86_400)), default: "1d",
            "contents that were used so recently stay"),
    ]

    /// In each of `policies`.
    public static let policy: [ConfigurationKey] = [
        ConfigurationKey("namespace", .text, required: true, "the namespace of the lists"),
        ConfigurationKey("prefix", .text, "only lists whose keys begin so; the longest one decides"),
        ConfigurationKey(
            "max_age", .duration(.milliseconds(1) ... .seconds(36_500 * 86_400)),
            "items that arrived longer ago go"),
        ConfigurationKey(
            "max_messages", .integer(0...1_000_000), "of each list, all but its newest so many items go"),
        ConfigurationKey(
            "keep_latest", .integer(0...1_000_000),
            "the newest so many items of each list stay, however old"),
        ConfigurationKey(
            "hold", .choice(["true", "false"]), default: "false",
            "nothing of these lists goes, whatever other policies say"),
    ]

    /// Every table with its heading, in the order of the documentation.
    public static let all: [(heading: String, keys: [ConfigurationKey])] = [
        ("Top level", root), ("`plugins`", plugins), ("`storage`, and each backend in it: a chain", chain),
        ("`breaker` of a chain", breaker), ("`storage`, and each backend in it: a provider", provider),
        ("`pool` of a provider", pool), ("`server`", server),
        ("`retention`", retention), ("each of `policies` of `retention`", policy), ("`blobs`", blobs),
    ]

    /// The tables in Markdown, as they stand in `docs/reference/configuration.md`.
    public static var documentation: String {
        all.map { heading, keys in
            let rows = keys.map { key in
                let fallback = key.defaultText.map { "`\($0)`" } ?? (key.isRequired ? "required" : "")
                return "| `\(key.name)` | \(key.kind) | \(fallback) | \(key.summary) |"
            }
            return "### \(heading)\n\n| key | takes | default | meaning |\n|---|---|---|---|\n"
                + rows.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }
}
