; What a CMake file declares: functions, macros, targets, options.

(function_def (function_command (argument_list . (argument) @name)) (body)? @body) @definition.function
(macro_def (macro_command (argument_list . (argument) @name)) (body)? @body) @definition.macro
((normal_command (identifier) @_how (argument_list . (argument) @name)) @definition.module
  (#match? @_how "^(?i:add_library|add_executable|add_custom_target|project)$")
  (#not-match? @name "[$]"))
((normal_command (identifier) @_how (argument_list . (argument) @name)) @definition.variable
  (#match? @_how "^(?i:option|cmake_dependent_option)$"))
((normal_command (identifier) @_how (argument_list . (argument) @_name . (argument) @name)) @definition.function
  (#match? @_how "^(?i:add_test)$") (#eq? @_name "NAME"))

(line_comment) @doc
(source_file . (line_comment) @doc.inner
  (#not-match? @doc.inner "(?i)copyright|licen[cs]e|spdx|all rights reserved"))
(bracket_comment) @doc
