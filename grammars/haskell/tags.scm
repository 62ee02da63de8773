; What a Haskell file declares. Where two patterns name one declaration, the
; earlier one counts. A function with a signature is named by it.

(header module: (module) @package) @file

(declarations (signature name: (_) @name) @definition.function)
(class_declarations (signature name: (_) @name) @definition.method)
(class name: (_) @name declarations: (_)? @body) @definition.trait
(instance name: (_) @name declarations: (_)? @body) @definition.impl
(data_type name: (_) @name constructors: (_)? @_body) @definition.enum
(newtype name: (_) @name) @definition.struct
(type_synonym name: (_) @name) @definition.type
(type_family name: (_) @name) @definition.type
(data_family name: (_) @name) @definition.type
(gadt_constructor name: (constructor) @name) @definition.variant
(field name: (field_name) @name) @definition.field
(declarations (signature names: (binding_list name: (_) @name) @definition.function))
(data_constructor constructor: (_ name: (constructor) @name)) @definition.variant

(haddock) @doc
