; What a Dart file declares. Where two patterns name one declaration, the
; earlier one counts.

(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(mixin_declaration name: (identifier) @name body: (_) @body) @definition.trait
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(enum_entry name: (identifier) @name) @definition.variant
(extension_declaration name: (identifier) @name body: (_) @body) @definition.impl
(type_alias (type_identifier) @name) @definition.type

(function_declaration signature: (function_signature name: (identifier) @name) body: (_) @body) @definition.function
(method_declaration signature: (method_signature (function_signature name: (identifier) @name)) body: (_) @body) @definition.method
(method_declaration signature: (method_signature (getter_signature name: (identifier) @name)) body: (_) @body) @definition.method
(method_declaration signature: (method_signature (setter_signature name: (identifier) @name)) body: (_) @body) @definition.method
(method_declaration signature: (method_signature (constructor_signature name: (identifier) @name .  parameters: (_))) body: (_)? @body) @definition.method
(method_declaration signature: (method_signature (factory_constructor_signature name: (identifier) @name . parameters: (_))) body: (_)? @body) @definition.method
(method_declaration signature: (method_signature (operator_signature operator: (_) @name)) body: (_) @body) @definition.method
(declaration (function_signature name: (identifier) @name)) @definition.method
(declaration (getter_signature name: (identifier) @name)) @definition.method
(declaration (constructor_signature name: (identifier) @name . parameters: (_))) @definition.method
(declaration (constant_constructor_signature (identifier) @name)) @definition.method
(declaration (initialized_identifier_list (initialized_identifier name: (identifier) @name))) @definition.field
(declaration (static_final_declaration_list (static_final_declaration name: (identifier) @name))) @definition.constant
(top_level_variable_declaration (static_final_declaration_list (static_final_declaration name: (identifier) @name))) @definition.constant
(top_level_variable_declaration (initialized_identifier_list (initialized_identifier name: (identifier) @name))) @definition.variable

(documentation_comment) @doc
