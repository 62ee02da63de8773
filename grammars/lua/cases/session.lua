--- Sessions of the server, kept in a table by their tokens.
local M = {}

local http = require("socket.http")
local log <const> = require "log"

--- Seconds until a session ends by itself.
M.LIFETIME = 3600

local defaults = {
  path = "/",
  secure = true,
  on_expire = function(session) log.info(session.id) end,
}

local Session = {}
Session.__index = Session

--- Makes a session.
-- @param id string
-- @return Session
function Session.new(id, options)
  local self = setmetatable({}, Session)
  self.id = id
  self.options = options or defaults
  return self
end

function Session:is_over(now)
  return now - self.started > M.LIFETIME
end

-- Reads a cookie; not a doc of what follows after the empty line.

local function parse(cookie)
  local found = {}
  for key, value in cookie:gmatch("(%w+)=(%w+)") do
    found[key] = value
  end
  return found
end

M.open = function(cookie, ...)
  return Session.new(parse(cookie).id, ...)
end

function M.close(session) session.options.on_expire(session) end

M.codes = { ok = 200, gone = 410 }

if M.debug then
  function M.dump() print(http) end
end

return M
