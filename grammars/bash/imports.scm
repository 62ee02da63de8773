; What a shell script reads into itself.

((command name: (command_name) @_how . argument: (_) @import.module) @import
  (#any-of? @_how "source" "." "load" "bats_load_library"))
