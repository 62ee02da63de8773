; What an HCL file declares: blocks with labels, named by the last of them, and
; local values.

(config_file (body (block (identifier) (string_lit) @name . (block_start) @body) @definition.struct))
(config_file (body (block (identifier) @_kind (body (attribute (identifier) @name) @definition.variable)))
  (#eq? @_kind "locals"))
(config_file (body (attribute (identifier) @name) @definition.variable))

(comment) @doc
