package import HoldfastChain

/// A backend that answers values as they were written: it keeps large contents apart itself, if anybody does.
///
/// A store on top of one leaves them to it, whatever its own settings are. The backend of a store is one, and a daemon.
package protocol WholeBackend: Backend {}
