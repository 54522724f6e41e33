// What handlers are written with comes with the service: `EventLoop`, `ContextVariable`, `RawJSON`.
@_exported public import CorundAPI
@_exported public import CorundRunner
