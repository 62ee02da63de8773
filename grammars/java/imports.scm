; What a Java file imports.

(import_declaration (scoped_identifier) @import.module . (asterisk) @import.name) @import
(import_declaration (scoped_identifier
    scope: (_) @import.module
    name: (_) @import.name) .) @import
