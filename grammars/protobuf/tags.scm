; What a protocol declares.

(package (full_ident) @package)

(message (message_name) @name (message_body) @body) @definition.struct
(message_body (field (identifier) @name) @definition.field)
(message_body (map_field (identifier) @name) @definition.field)
(oneof (identifier) @name "{" @body) @definition.union
(oneof_field (identifier) @name) @definition.field
(enum (enum_name) @name (enum_body) @body) @definition.enum
(enum_field . (identifier) @name) @definition.variant
(service (service_name) @name "{" @body) @definition.interface
(rpc (rpc_name) @name) @definition.method

(comment) @doc
