// Re-exported, because no program can use the API without them: bytes, versions, errors, and what answers carry.
// There is no spelling of this without the underscore.
@_exported public import HoldfastModel

@_exported public import enum HoldfastChain.AckLevel
@_exported public import protocol HoldfastChain.Backend
@_exported public import struct HoldfastChain.BackendStatus
@_exported public import struct HoldfastChain.CallOptions
@_exported public import enum HoldfastChain.Degradation
@_exported public import struct HoldfastChain.Guarantees
