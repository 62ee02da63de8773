--- Adds.
local M = {}
M.version = "1"
LIMIT = 3
local count = 0
function M.add(a, b) return a + b end
function M:method(x) end
local function helper(x) end
M.fn = function(a) return a end
local t = { key = 1, run = function() end }
return M
