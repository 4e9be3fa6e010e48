internal import CPostgreSQL
internal import HoldfastProviderKit

/// A connection string, looked at before it is used.
enum PostgresURL {
    /// Fails for what libpq does not understand.
    ///
    /// libpq's own message would quote the string, and with it a password; so it is not passed on.
    static func check(_ url: String) throws(ProviderError) {
        guard url.contains("=") || url.contains("://"), !url.utf8.contains(0) else { throw refusal }
        guard let list = unsafe PQconninfoParse(url, nil) else { throw refusal }
        defer { unsafe PQconninfoFree(list) }
        var option = unsafe list
        while let keyword = unsafe option.pointee.keyword {
            // An "@" in a password that is not written as %40 ends up in the host, and then in a message.
            let isHost = unsafe String(cString: keyword).hasPrefix("host")
            if isHost, let value = unsafe option.pointee.val, unsafe String(cString: value).contains("@") {
                throw ProviderError(
                    .invalid,
                    "option \"url\" has a host with \"@\", expected that character of a password as %40")
            }
            unsafe option += 1
        }
    }

    private static let refusal = ProviderError(
        .invalid,
        "option \"url\" is not a connection string, expected postgresql://user@host:port,host/database?key=value "
            + "or pairs of key=value, with special characters as libpq wants them")
}
