; What a C# file imports: namespaces, by `using`. An alias names a type or a
; namespace.

(using_directive !name (_) @import.module) @import
(using_directive name: (_) (_) @import.module .) @import
