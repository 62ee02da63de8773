; What a Kotlin file imports.

(import_header (identifier) @import.module (wildcard_import)? @import.name) @import
