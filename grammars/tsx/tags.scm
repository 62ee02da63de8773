; What TSX adds to TypeScript: the components of its elements are names with a
; capital, which count already.
