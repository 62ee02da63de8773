; What TypeScript adds to JavaScript.

(import_statement
  (import_require_clause source: (string (string_fragment) @import.module))) @import
