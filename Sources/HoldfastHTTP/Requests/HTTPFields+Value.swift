internal import HTTPTypes

extension HTTPFields {
    /// The value of a header; several of one name are one value, as the library joins them.
    ///
    /// Nearly every header is there once or not at all, and a request is asked for a dozen: the library's own subscript
    /// makes a lazy sequence and joins it each time.
    ///
    /// Source: RFC 9110, section 5.3.
    func value(of name: HTTPField.Name) -> String? {
        var value: String?
        for field in self where field.name == name {
            guard value == nil else { return self[name] }
            value = field.value
        }
        return value
    }
}
