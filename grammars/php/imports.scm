; What a PHP file imports: classes, functions and constants by `use`, files by
; `require` and `include` of a literal path, taken from the file's own folder.

(namespace_use_declaration !body (namespace_use_clause . [(name) (qualified_name)] @import.module)) @import
(namespace_use_declaration body: (_)) @import.tree @import

(include_expression [(_ (string_content) @import.child) (parenthesized_expression (_ (string_content) @import.child))]) @import
(include_once_expression [(_ (string_content) @import.child) (parenthesized_expression (_ (string_content) @import.child))]) @import
(require_expression [(_ (string_content) @import.child) (parenthesized_expression (_ (string_content) @import.child))]) @import
(require_once_expression [(_ (string_content) @import.child) (parenthesized_expression (_ (string_content) @import.child))]) @import

; `__DIR__ . '/path.php'`, `dirname(__FILE__) . '/path.php'`
(include_expression [
  (binary_expression left: (_) @_dir right: (_ (string_content) @import.child))
  (parenthesized_expression (binary_expression left: (_) @_dir right: (_ (string_content) @import.child)))
] (#any-of? @_dir "__DIR__" "dirname(__FILE__)")) @import
(include_once_expression [
  (binary_expression left: (_) @_dir right: (_ (string_content) @import.child))
  (parenthesized_expression (binary_expression left: (_) @_dir right: (_ (string_content) @import.child)))
] (#any-of? @_dir "__DIR__" "dirname(__FILE__)")) @import
(require_expression [
  (binary_expression left: (_) @_dir right: (_ (string_content) @import.child))
  (parenthesized_expression (binary_expression left: (_) @_dir right: (_ (string_content) @import.child)))
] (#any-of? @_dir "__DIR__" "dirname(__FILE__)")) @import
(require_once_expression [
  (binary_expression left: (_) @_dir right: (_ (string_content) @import.child))
  (parenthesized_expression (binary_expression left: (_) @_dir right: (_ (string_content) @import.child)))
] (#any-of? @_dir "__DIR__" "dirname(__FILE__)")) @import
