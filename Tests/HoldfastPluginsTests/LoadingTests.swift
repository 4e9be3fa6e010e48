import Glibc
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("Loading a plugin")
struct LoadingTests {
    private let fixture: PluginFixture

    init() throws { fixture = try PluginFixture() }

    private func compile(_ defines: String..., type: String = "misbehaving") throws -> String {
        try PluginCompiler(into: fixture.directory).compile("misbehaving", as: type, defines: defines)
    }

    private func refusal(of path: String, sha256: String? = nil, digest: PluginDigest? = nil)
        -> HoldfastError?
    {
        do throws(HoldfastError) {
            _ = try PluginLibrary(path: path, sha256: sha256, digest: digest, host: fixture.host)
            return nil
        } catch {
            return error
        }
    }

    /// What each wrong plugin is refused with, behind its path.
    private static let wrongPlugins: [(String, String)] = [
        (
            "WRONG_MAJOR",
            "speaks major 2 of the contract, this host speaks 1; install a build of the plugin for major 1"
        ),
        ("WRONG_MAGIC", "answers with magic 0xbad, expected 0x31464c48; set hf_plugin.magic to HF_MAGIC"),
        (
            "SHORT_PLUGIN",
            "has an hf_plugin of 40 bytes, expected at least 48; set struct_size to sizeof(hf_plugin)"
        ),
        (
            "SHORT_TABLE",
            "lacks get_list, query in its hf_provider of type \"misbehaving\" (struct_size 80); open, close and the six "
                + "primitives get, set, drop, append, get_list, query must be there: a function that the store cannot do "
                + "answers HF_E_UNSUPPORTED"
        ),
        (
            "MISSING_FUNCTION",
            "lacks append in its hf_provider of type \"misbehaving\" (struct_size 104); open, close and the six "
                + "primitives get, set, drop, append, get_list, query must be there: a function that the store cannot do "
                + "answers HF_E_UNSUPPORTED"
        ),
        (
            "BAD_TYPE",
            "has a provider without a type that matches [a-z0-9][a-z0-9-]*; correct hf_provider.type"
        ),
        ("NO_PROVIDERS", "offers 0 providers, expected 1 to 64; correct provider_count"),
        ("BAD_SCHEMA", "has an options_schema of type \"misbehaving\" that is not JSON; correct it"),
        ("REFUSES", "refuses this host (1.0): this build needs a licence file"),
    ]

    @Test("a plugin with wrong tables is refused with the sentence that helps", arguments: wrongPlugins)
    func wrongTables(define: String, reason: String) throws {
        let path = try compile(define)
        #expect(refusal(of: path) == HoldfastError(.unsupported, "plugin \(path) \(reason)"))
    }

    /// What each wrong claim of an open store is refused with.
    private static let wrongClaims: [(String, String)] = [
        (
            "CLAIM=HF_CAP_ATOMIC_BATCH",
            "its plugin claims HF_CAP_ATOMIC_BATCH without the table holdfast.batch/1; answer the table in get_extension, "
                + "or drop the claim"
        ),
        (
            "CLAIM=HF_CAP_CONDITIONS",
            "its plugin claims HF_CAP_CONDITIONS without the table holdfast.batch/1; answer the table in get_extension, "
                + "or drop the claim"
        ),
        (
            "CLAIM=HF_CAP_SHARED",
            "its plugin claims HF_CAP_SHARED without HF_CAP_ATOMIC_BATCH and HF_CAP_CONDITIONS; several hosts at once need "
                + "both"
        ),
        (
            "INCARNATION=65",
            "its plugin left an incarnation that is not 1 to 63 bytes of UTF-8 with a NUL behind; fill "
                + "hf_store_info.incarnation in, with what changes when writes may be lost"
        ),
        (
            "INCARNATION=0",
            "its plugin left an incarnation that is not 1 to 63 bytes of UTF-8 with a NUL behind; fill "
                + "hf_store_info.incarnation in, with what changes when writes may be lost"
        ),
    ]

    @Test("a store that claims what it has no table for is refused, and closed", arguments: wrongClaims)
    func claims(define: String, reason: String) async throws {
        let library = try fixture.library("misbehaving", type: "misbehaving", defines: [define])
        let provider = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "archive"))
        let error = await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
        #expect(error?.message == "archive (misbehaving): \(reason)")
    }

    @Test("an open that answers HF_OK without a store is refused")
    func noStore() async throws {
        let library = try fixture.library("misbehaving", type: "misbehaving", defines: ["NO_STORE"])
        let provider = try PluginProvider(library, type: "misbehaving", PluginSettings(name: "archive"))
        let error = await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
        #expect(
            error
                == HoldfastError(
                    .internal,
                    "archive (misbehaving): plugin \(library.path) answered open with HF_OK and no store"))
    }

    @Test("a longer table of a later minor is taken as far as it is known")
    func longerTable() async throws {
        let library = try fixture.library("misbehaving", type: "misbehaving", defines: ["LONG_TABLE"])
        let store = try await PluginProvider(library, type: "misbehaving", PluginSettings(name: "s")).connect(
            .unbounded)
        #expect(try await store.apply([.item(1, "a")], atomic: false, .unbounded) == [.applied])
        await store.close()
    }

    @Test("a file that others may write is refused")
    func writableFile() throws {
        let path = try compile()
        chmod(path, 0o666)
        #expect(
            refusal(of: path)
                == HoldfastError(
                    .permission,
                    "plugin \(path) anyone may write (mode 666); only its owner may: chmod go-w \(path)"))
        chmod(path, 0o755)
        #expect(refusal(of: path) == nil)
    }

    @Test("a file in a directory that others may write is refused")
    func writableDirectory() throws {
        let path = try compile()
        chmod(fixture.directory.path, 0o777)
        #expect(
            refusal(of: path)
                == HoldfastError(
                    .permission,
                    "plugin \(path) lies in \(fixture.directory.path), which anyone may write (mode 777); only its "
                        + "owner may: chmod go-w \(fixture.directory.path)"))
    }

    @Test("a file of another user is refused", .enabled(if: geteuid() == 0, "only root gives files away"))
    func foreignOwner() throws {
        let path = try compile()
        chown(path, 4711, 0)
        #expect(
            refusal(of: path)
                == HoldfastError(
                    .permission, "plugin \(path) belongs to user 4711, expected root: chown 0 \(path)"))
    }

    @Test("what is no shared library of this machine is refused before the loader sees it")
    func notALibrary() throws {
        let path = try fixture.directory.write(
            Array("#!/bin/sh\n".utf8), to: "libholdfast-text.so", mode: 0o755)
        #expect(
            refusal(of: path)?.message.contains("is not an ELF file, expected a shared library (ELF) for")
                == true)
        var header = [UInt8](repeating: 0, count: 64)
        header.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
        header[16] = 3
        header[18] = 8
        let foreign = try fixture.directory.write(header, to: "libholdfast-mips.so", mode: 0o755)
        #expect(
            refusal(of: foreign)?.message.contains("is built for mips, expected a shared library (ELF) for")
                == true)
        let directory = try fixture.directory.makeDirectory("libholdfast-directory.so")
        #expect(
            refusal(of: directory)?.message
                == "plugin \(directory) is not a regular file; install the library itself there")
        #expect(
            refusal(of: fixture.directory.file("nothing"))?.message
                == "plugin \(fixture.directory.file("nothing")) cannot be opened: No such file or directory")
        #expect(refusal(of: "libholdfast-x.so")?.message.contains("named by a relative path") == true)
    }

    @Test("what was hashed is what is loaded, and another checksum is refused")
    func checksum() throws {
        let path = try compile()
        // A stand-in for SHA-256: the refusals do not depend on which function it is.
        let digest: PluginDigest = { bytes in Array(repeating: UInt8(bytes.count & 0xFF), count: 32) }
        var status = stat()
        stat(path, &status)
        let right = String(repeating: hexadecimal(UInt8(status.st_size & 0xFF)), count: 32)
        #expect(refusal(of: path, sha256: right, digest: digest) == nil)
        #expect(refusal(of: path, sha256: right.uppercased(), digest: digest) == nil)
        let wrong = String(repeating: "00", count: 32)
        #expect(
            refusal(of: path, sha256: wrong, digest: digest)
                == HoldfastError(
                    .permission,
                    "plugin \(path) has sha256 \(right), storage.yaml says \(wrong); install the expected "
                        + "file, or correct sha256"))
        #expect(refusal(of: path, sha256: "abc", digest: digest)?.code == .invalid)
        #expect(
            refusal(of: path, sha256: right)?.message
                == "plugin \(path) has a sha256 in storage.yaml, but this program was built without a digest function; "
                + "pass one when embedding, or remove sha256")
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        String(String(UInt16(byte) + 0x100, radix: 16).dropFirst())
    }

    @Test("a library without the entry symbol is named as what it is")
    func noEntry() throws {
        let path = fixture.directory.file("libholdfast-empty.so")
        let source = try fixture.directory.write(
            Array("int holdfast_plugin_v2(void) { return 0; }".utf8), to: "empty.c")
        let run = try CommandRun(
            ["clang", "-shared", "-fPIC", source, "-o", path], scratch: fixture.directory)
        #expect(run.status == 0)
        #expect(
            refusal(of: path)
                == HoldfastError(
                    .unsupported,
                    "plugin \(path) exports only holdfast_plugin_v2; this host supports major 1 of the contract: "
                        + "install a build of the plugin for it"))
    }

    @Test("a file that is changed after it was loaded is not loaded again as if it were the old one")
    func changedFile() throws {
        let path = try compile()
        #expect(refusal(of: path) == nil)
        utimes(path, [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)])
        #expect(
            refusal(of: path)?.message
                == "plugin \(path) was changed after this process had loaded it; restart the host")
    }

    @Test("a file that has taken the place of one that was loaded is not taken for it")
    func replacedFile() throws {
        let path = try compile()
        #expect(refusal(of: path) == nil)
        let other = try compile()
        #expect(other != path)
        #expect(rename(other, path) == 0)
        #expect(
            refusal(of: path)?.message
                == "plugin \(path) was changed after this process had loaded it; restart the host")
        #expect(rename(path, other) == 0)
        #expect(refusal(of: other) == nil)
    }
}
