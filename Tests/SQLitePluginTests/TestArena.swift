import CHoldfastProvider

/// Memory that is lent to a plugin for one call, and poisoned after it: a pointer that was kept reads
/// nonsense.
final class TestArena {
    private var blocks: [UnsafeMutableRawBufferPointer] = []

    deinit {
        for block in blocks {
            block.initializeMemory(as: UInt8.self, repeating: 0xDB)
            block.deallocate()
        }
    }

    func bytes(_ bytes: [UInt8]) -> hf_bytes {
        guard !bytes.isEmpty else { return hf_bytes(data: nil, size: 0) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        block.copyBytes(from: bytes)
        blocks.append(block)
        return hf_bytes(data: block.baseAddress, size: block.count)
    }

    func bytes(_ text: String) -> hf_bytes { bytes(Array(text.utf8)) }

    func array<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let size = max(1, elements.count) * MemoryLayout<Element>.stride
        let block = UnsafeMutableRawBufferPointer.allocate(
            byteCount: size, alignment: MemoryLayout<Element>.alignment)
        blocks.append(block)
        let start = block.bindMemory(to: Element.self)
        _ = start.initialize(from: elements)
        return start.baseAddress.unsafelyUnwrapped
    }
}

extension hf_bytes {
    var array: [UInt8] { Array(UnsafeRawBufferPointer(start: data, count: size)) }
    var text: String { String(decoding: array, as: UTF8.self) }
}
