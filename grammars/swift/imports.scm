; What a Swift file imports: modules, or `import struct Module.Name`.

(import_declaration (identifier) @import.module) @import
