; What a Ruby file imports. A path that begins with `./` is taken from the
; file's own folder.

((call !receiver method: (identifier) @_how arguments: (argument_list . (string (string_content) @import.module))) @import
  (#any-of? @_how "require" "load"))

((call !receiver method: (identifier) @_how arguments: (argument_list . (string (string_content) @import.child))) @import
  (#eq? @_how "require_relative"))

((call !receiver method: (identifier) @_how
    arguments: (argument_list . (simple_symbol) . (string (string_content) @import.module))) @import
  (#eq? @_how "autoload"))
