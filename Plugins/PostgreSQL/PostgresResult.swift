internal import CPostgreSQL
internal import HoldfastProviderKit

/// The answer to one statement, or one row of it; its bytes live until it is cleared.
@safe struct PostgresResult {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { unsafe self.result = result }

    /// How many rows it has.
    var rowCount: Int { unsafe Int(PQntuples(result)) }

    /// How many rows the statement has changed.
    var changedRowCount: Int { unsafe Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// A column as bytes; empty where it is null.
    func bytes(_ row: Int, _ column: Int32) -> BorrowedBytes {
        unsafe BorrowedBytes(
            start: PQgetvalue(result, Int32(row), column),
            count: Int(PQgetlength(result, Int32(row), column)))
    }

    /// A column of an integer type of any width, or of `bool`; 0 where it is null.
    func integer(_ row: Int, _ column: Int32) -> Int64 {
        unsafe bytes(row, column).withUnsafeBytes { bytes in
            guard let first = unsafe bytes.first else { return 0 }
            return unsafe bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) { $0 << 8 | Int64($1) }
        }
    }

    /// A column of a text type.
    func text(_ row: Int, _ column: Int32) -> String { bytes(row, column).readable }

    /// A column as a version; an empty one is zero.
    ///
    /// - Throws: `corrupt` for a value that has neither 0 nor 16 bytes.
    func version(_ row: Int, _ column: Int32) throws(ProviderError) -> Version {
        let bytes = bytes(row, column)
        if bytes.isEmpty { return .zero }
        if let version = Version(bytes) { return version }
        throw ProviderError(
            .corrupt, "a stored version has \(bytes.count) bytes, expected \(Version.byteCount)")
    }

    /// A column as the flags of a record.
    func flags(_ row: Int, _ column: Int32) -> RecordFlags {
        RecordFlags(rawValue: UInt32(truncatingIfNeeded: integer(row, column)))
    }
}
