/// The first bytes of a shared library, read before the loader sees them.
///
/// Source: System V ABI, chapter 4, "ELF Header"; machine numbers from `<elf.h>`.
///
/// | offset | bytes | field | here |
/// |---|---|---|---|
/// | 0 | 4 | magic | 7F 45 4C 46 |
/// | 4 | 1 | class | 2, 64 bits |
/// | 5 | 1 | data | 1, little endian |
/// | 16 | 2 | type | 3, shared object |
/// | 18 | 2 | machine | 62 x86-64, 183 aarch64, 243 riscv |
struct ElfHeader {
    /// How many bytes are looked at.
    static let byteCount = 20

    #if arch(x86_64)
        static let hostMachine: UInt16 = 62
    #elseif arch(arm64)
        static let hostMachine: UInt16 = 183
    #elseif arch(riscv64)
        static let hostMachine: UInt16 = 243
    #endif

    private static let machineNames: [UInt16: String] = [
        3: "i386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390", 40: "arm", 62: "x86-64", 183: "aarch64",
        243: "riscv",
        258: "loongarch",
    ]

    /// Why a file is not a shared library of this machine, or nothing.
    static func refusal(of bytes: [UInt8]) -> String? {
        let expected = "expected a shared library (ELF) for \(name(of: hostMachine))"
        guard bytes.count >= byteCount, bytes[0..<4].elementsEqual([0x7F, 0x45, 0x4C, 0x46]) else {
            return "is not an ELF file, \(expected)"
        }
        guard bytes[4] == 2 else { return "is an ELF file of class \(bytes[4]), \(expected)" }
        guard bytes[5] == 1 else { return "is an ELF file of the other byte order, \(expected)" }
        let type = UInt16(bytes[16]) | UInt16(bytes[17]) << 8
        guard type == 3 else { return "is an ELF file of type \(type), \(expected); link it with -shared" }
        let machine = UInt16(bytes[18]) | UInt16(bytes[19]) << 8
        guard machine == hostMachine else { return "is built for \(name(of: machine)), \(expected)" }
        return nil
    }

    private static func name(of machine: UInt16) -> String { machineNames[machine] ?? "machine \(machine)" }
}
