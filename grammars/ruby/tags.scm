; What a Ruby file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

(class name: [
    (constant) @name
    (scope_resolution name: (_)) @name
  ] superclass: (_)? body: (_)? @body "end" @body) @definition.class

(module name: [
    (constant) @name
    (scope_resolution name: (_)) @name
  ] body: (_)? @body "end" @body) @definition.module

; `private def name`
((call !receiver method: (identifier) @_how
    arguments: (argument_list . (method name: (_) @name body: (_)? @body "end"? @body) @definition.function))
  (#any-of? @_how "private" "protected")
  (#set! visibility "private"))

(method name: (_) @name "=" @body) @definition.function
(method name: (_) @name body: (_)? @body "end"? @body) @definition.function

; Methods of the class itself, written `def self.name`.
(singleton_method name: (_) @name body: (_)? @body "end"? @body) @definition.method

(alias name: (_) @name) @definition.method
((call method: (identifier) @_how arguments: (argument_list . (simple_symbol) @name)) @definition.method
  (#eq? @_how "alias_method"))

; `attr_reader :name` declares a method for each name.
((call !receiver method: (identifier) @_how arguments: (argument_list (simple_symbol) @name)) @definition.field
  (#match? @_how "^(attr|attr_reader|attr_writer|attr_accessor|mattr_reader|mattr_writer|mattr_accessor|cattr_reader|cattr_writer|cattr_accessor|class_attribute)$"))
((call !receiver method: (identifier) @_how arguments: (argument_list . (simple_symbol) @name) block: (_)? @body) @definition.method
  (#match? @_how "^(define_method|scope|delegate_missing_to|helper_method)$"))
((call !receiver method: (identifier) @_how arguments: (argument_list . (simple_symbol) @name)) @definition.field
  (#match? @_how "^(belongs_to|has_many|has_one|has_and_belongs_to_many)$"))

; `Name = Struct.new(...) do` and `Name = Class.new(Base)`.
((assignment left: (constant) @name right: (call receiver: (constant) @_of method: (identifier) @_new
    block: (_ body: (_) @body))) @definition.class
  (#match? @_of "^(Struct|Class|Data)$") (#match? @_new "^(new|define)$"))
((assignment left: (constant) @name right: (call receiver: (constant) @_of method: (identifier) @_new)) @definition.class
  (#match? @_of "^(Struct|Class|Data)$") (#match? @_new "^(new|define)$"))

(assignment left: (constant) @name) @definition.constant
(operator_assignment left: (constant) @name) @definition.constant

; Tasks of a Rakefile.
((call !receiver method: (identifier) @_how
    arguments: (argument_list . [
      (simple_symbol) @name
      (string (string_content) @name)
      (pair key: [(hash_key_symbol) (simple_symbol)] @name)
      (pair key: (string (string_content) @name))
    ])
    block: (_ ) @body) @definition.function
  (#any-of? @_how "task" "multitask"))
((call !receiver method: (identifier) @_how
    arguments: (argument_list . [
      (simple_symbol) @name
      (string (string_content) @name)
    ])
    block: (_ ) @body) @definition.module
  (#eq? @_how "namespace") (#match? @name "^:?\\w"))

; --- visibility ---

((body_statement (identifier) @visibility.private)
  (#any-of? @visibility.private "private" "protected" "private_class_method"))
((body_statement (identifier) @visibility.public)
  (#any-of? @visibility.public "public" "module_function"))

; --- docs ---

((comment) @doc (#not-match? @doc "^# *(frozen_string_literal|encoding|coding|-\\*-|rubocop|:nodoc|:stopdoc|:startdoc|typed|warn_indent|@!)|^#!"))
((comment) @attribute (#match? @attribute "^# *(rubocop|:nodoc|@!)"))

; --- names that are bound here but are no symbols ---

(method_parameters (identifier) @local.definition)
(optional_parameter name: (identifier) @local.definition)
(keyword_parameter name: (identifier) @local.definition)
(block_parameters (identifier) @local.definition)
(assignment left: (identifier) @local.definition)

; --- references ---

(call method: (identifier) @reference.call)
(call method: (constant) @reference.call)
(constant) @reference.class
