internal import HoldfastProviderKit

/// The parameters of one statement in PostgreSQL's binary format.
///
/// Each column of a batch is one array, so a batch of any size is one statement with the same few parameters.
///
/// Source: `array_send` in PostgreSQL's `arrayfuncs.c`: dimensions, a flag for nulls, the type, then for each
/// dimension its size and lower bound, then each element with its length; all big endian.
struct PostgresParameters {
    private static let byteaType: Int32 = 17
    private static let int8Type: Int32 = 20

    /// All values, one behind the other.
    private(set) var bytes: [UInt8] = []
    /// Where each value lies in ``bytes``.
    private(set) var places: [Range<Int>] = []

    /// How many parameters there are.
    var count: Int { places.count }

    /// Adds a `bytea`.
    mutating func add(_ value: BorrowedBytes) { addValue { $0.append(value) } }

    /// Adds a `bytea`.
    mutating func add(bytes: [UInt8]) { addValue { $0 += bytes } }

    /// Adds an `int8`.
    mutating func add(_ value: Int64) { addValue { $0.append(bigEndian: value) } }

    /// Adds the 16 bytes of a version as a `bytea`, or none for zero.
    mutating func add(_ version: Version) { addValue { $0.append(version) } }

    /// Adds a `bytea[]`.
    ///
    /// - Parameters:
    ///   - count: how many elements.
    ///   - write: appends the bytes of one element.
    mutating func addArray(_ count: Int, _ write: (Int, inout [UInt8]) -> Void) {
        addArray(of: Self.byteaType, count, write)
    }

    /// Adds an `int8[]`.
    mutating func addIntegers(_ count: Int, _ value: (Int) -> Int64) {
        addArray(of: Self.int8Type, count) { $1.append(bigEndian: value($0)) }
    }

    private mutating func addArray(of type: Int32, _ count: Int, _ write: (Int, inout [UInt8]) -> Void) {
        addValue { bytes in
            bytes.append(bigEndian: Int32(count == 0 ? 0 : 1))
            bytes.append(bigEndian: Int32(0))
            bytes.append(bigEndian: type)
            guard count > 0 else { return }
            bytes.append(bigEndian: Int32(count))
            bytes.append(bigEndian: Int32(1))
            for index in 0..<count {
                let place = bytes.count
                bytes.append(bigEndian: Int32(0))
                write(index, &bytes)
                bytes.store(bigEndian: Int32(bytes.count - place - 4), at: place)
            }
        }
    }

    private mutating func addValue(_ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        places.append(start..<bytes.count)
    }
}

extension [UInt8] {
    /// Appends lent bytes.
    mutating func append(_ lent: BorrowedBytes) {
        unsafe lent.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// Appends the 16 bytes of a version, or none for zero, which is how a document's id is stored.
    mutating func append(_ version: Version) {
        if version.isZero { return }
        unsafe version.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    fileprivate mutating func store(bigEndian value: Int32, at place: Int) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { source in
            for offset in 0..<4 { unsafe self[place + offset] = source[offset] }
        }
    }
}
