; What an Elixir file declares. Where two patterns name one declaration, the
; earlier one counts.

((call target: (identifier) @_how (arguments . (alias) @name) (do_block) @body) @definition.module
  (#eq? @_how "defmodule"))
((call target: (identifier) @_how (arguments . (alias) @name) (do_block) @body) @definition.interface
  (#eq? @_how "defprotocol"))
((call target: (identifier) @_how (arguments . (alias) @name) (do_block)? @body) @definition.impl
  (#eq? @_how "defimpl"))

; `def name(args) when guard do`, `def name(args), do: value`, `def name do`
((call target: (identifier) @_how
  (arguments . [
    (call target: (identifier) @name)
    (identifier) @name
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")
  ] (keywords)? @body)
  (do_block)? @body) @definition.function
  (#any-of? @_how "def" "defp" "defdelegate" "defguard" "defguardp" "defn" "defnp"))
((call target: (identifier) @_how
  (arguments . [
    (call target: (identifier) @name)
    (identifier) @name
    (binary_operator left: (call target: (identifier) @name) operator: "when")
  ] (keywords)? @body)
  (do_block)? @body) @definition.macro
  (#any-of? @_how "defmacro" "defmacrop"))
((call target: (identifier) @name (#eq? @name "defstruct")) @definition.struct)

((unary_operator operator: "@" operand: (call target: (identifier) @_how
    (arguments . (binary_operator left: [(identifier) @name (call target: (identifier) @name)])))) @definition.type
  (#any-of? @_how "type" "typep" "opaque"))
((unary_operator operator: "@" operand: (call target: (identifier) @_how
    (arguments . (binary_operator left: (call target: (identifier) @name))))) @definition.method
  (#any-of? @_how "callback" "macrocallback"))

; `test "name" do`
((call target: (identifier) @_how (arguments . (string) @name) (do_block) @body) @definition.function
  (#any-of? @_how "test" "describe"))

; --- docs ---

((unary_operator operator: "@" operand: (call target: (identifier) @_how
    (arguments (string (quoted_content) @doc.inner))))
  (#eq? @_how "moduledoc"))
((unary_operator operator: "@" operand: (call target: (identifier) @_how
    (arguments (string (quoted_content) @_doc)))) @doc
  (#any-of? @_how "doc" "typedoc"))
((unary_operator operator: "@" operand: (call target: (identifier) @_how)) @attribute
  (#any-of? @_how "spec" "impl" "since" "deprecated"))
