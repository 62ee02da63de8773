; What C++ adds to C: modules, which the parser reads as `using`.

((using_declaration (_) @import.module) @import (#match? @import "^import"))
