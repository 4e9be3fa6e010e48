extension String {
    /// Whether another text has the same bytes.
    ///
    /// `==` takes `é` for the same whether it is one scalar or two, and what is stored is told apart by its bytes: so
    /// names of callers are compared with this, and looked up as bytes.
    func isSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
