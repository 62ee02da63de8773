module Foo
"""
Adds.
"""
function add(x::Int, y=1)::Int where T
  x
end
sub(x) = x
struct P{T} <: Abs
  a::Int
end
mutable struct Q end
abstract type Abs end
const LIMIT = 3
macro m(x) end
Base.show(io, p::P) = 1
function Base.length(p) end
end
