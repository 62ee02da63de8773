; What a Scala file imports: paths with braces.

(import_declaration) @import.tree @import
(export_declaration) @import.tree @import
