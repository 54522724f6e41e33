// What a client is written with comes with it: `RawJSON` and the errors of the wire.
@_exported public import Varlink
