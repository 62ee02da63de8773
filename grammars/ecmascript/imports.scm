; What JavaScript and TypeScript files import.

(import_statement
  (import_clause (named_imports (import_specifier name: (_) @import.name)))
  source: (string (string_fragment) @import.module)) @import
(import_statement
  (import_clause (namespace_import))
  source: (string (string_fragment) @import.module)) @import
(import_statement
  (import_clause . (identifier) .)
  source: (string (string_fragment) @import.module)) @import
(import_statement . source: (string (string_fragment) @import.module)) @import

(export_statement
  (export_clause (export_specifier name: (_) @import.name))
  source: (string (string_fragment) @import.module)) @import
(export_statement "*" @import.name
  source: (string (string_fragment) @import.module)) @import
(export_statement (namespace_export)
  source: (string (string_fragment) @import.module)) @import

(call_expression
  function: [(identifier) (import)] @_function
  arguments: (arguments . (string (string_fragment) @import.module))
  (#any-of? @_function "require" "import")) @import

(call_expression
  function: (member_expression object: (identifier) @_object property: (property_identifier) @_function)
  arguments: (arguments . (string (string_fragment) @import.module))
  (#any-of? @_object "jest" "vi" "require")
  (#any-of? @_function "mock" "unmock" "doMock" "requireActual" "importActual" "resolve")) @import
