-- Copyright The ecs-operator Authors.
-- SPDX-License-Identifier: Apache-2.0

-- Says of each record where it is to go. The operator writes a container's route into the annotation logging.ecs.pods.dev/<container> of its
-- pod, as JSON; docs/spec/logging.md has its fields. A record whose container has no route, or one that stays on the node, is dropped
-- here: kubectl logs has it.

local prefix = "logging.ecs.pods.dev/"

-- Drivers whose output stays with the container runtime.
local stays = { ["json-file"] = true, ["journald"] = true }

local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- utf8 writes the character of a \u escape. Halves of a pair, which no option has, become question marks.
local function utf8(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 0x40), 0x80 + code % 0x40)
  elseif code >= 0xD800 and code <= 0xDFFF then
    return "?"
  end
  return string.char(0xE0 + math.floor(code / 0x1000), 0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
end

local value

-- text reads a string whose opening quote is at i, and gives the place behind it.
local function text(s, i)
  local out = {}
  i = i + 1
  while true do
    local stop = string.find(s, '["\\]', i)
    if not stop then
      error("string without an end")
    end
    out[#out + 1] = string.sub(s, i, stop - 1)
    if string.sub(s, stop, stop) == '"' then
      return table.concat(out), stop + 1
    end
    local c = string.sub(s, stop + 1, stop + 1)
    if c == "u" then
      local code = tonumber(string.sub(s, stop + 2, stop + 5), 16)
      if not code then
        error("escape without digits")
      end
      out[#out + 1] = utf8(code)
      i = stop + 6
    else
      out[#out + 1] = escapes[c] or c
      i = stop + 2
    end
  end
end

local function skip(s, i)
  return string.find(s, "[^ \t\r\n]", i) or #s + 1
end

-- object reads { "name": value, ... }.
local function object(s, i)
  local out = {}
  i = skip(s, i + 1)
  if string.sub(s, i, i) == "}" then
    return out, i + 1
  end
  while true do
    local name, c
    if string.sub(s, i, i) ~= '"' then
      error("object without a name")
    end
    name, i = text(s, i)
    i = skip(s, i)
    if string.sub(s, i, i) ~= ":" then
      error("object without a colon")
    end
    out[name], i = value(s, skip(s, i + 1))
    i = skip(s, i)
    c = string.sub(s, i, i)
    if c == "}" then
      return out, i + 1
    elseif c ~= "," then
      error("object without an end")
    end
    i = skip(s, i + 1)
  end
end

-- value reads what a route is made of: objects, strings, numbers, true and false.
value = function(s, i)
  local c = string.sub(s, i, i)
  if c == "{" then
    return object(s, i)
  elseif c == '"' then
    return text(s, i)
  end
  local word = string.match(s, "^[%w.+-]+", i)
  if word == "true" then
    return true, i + 4
  elseif word == "false" then
    return false, i + 5
  elseif tonumber(word or "") then
    return tonumber(word), i + #word
  end
  error("no value")
end

-- Routes by pod, container and text, so that each is read once. A node has few of them; when pods have come and gone, they are
-- forgotten all together.
local routes, known, most = {}, 0, 2000

local function parse(key, json)
  local found = routes[key]
  if found == nil then
    if known >= most then
      routes, known = {}, 0
    end
    local ok, read = pcall(value, json, skip(json, 1))
    found = ok and type(read) == "table" and type(read.driver) == "string" and read or false
    routes[key] = found
    known = known + 1
  end
  return found
end

-- fill puts in what is known of a running pod alone.
local function fill(name, pod)
  local with = { ["$(ECS_TASK_ID)"] = string.gsub(pod.pod_id or "", "-", ""), ["$(CONTAINER_ID)"] = pod.docker_id or "" }
  return (string.gsub(name or "", "%$%([A-Z_]+%)", with))
end

-- route is called for each record. -1 drops it, 2 keeps its time and takes the new record.
function route(_, time, record)
  local pod = record["kubernetes"]
  local annotations = pod and pod["annotations"]
  local json = annotations and annotations[prefix .. (pod["container_name"] or "")]
  if not json then
    return -1, time, record
  end
  local r = parse((pod["pod_id"] or "") .. "/" .. pod["container_name"] .. "/" .. json, json)
  if not r or stays[r.driver] then
    return -1, time, record
  end
  record["ecs_driver"] = r.driver
  record["ecs_region"] = r.region or "none"
  record["ecs_group_policy"] = r.createGroup and "create" or "keep"
  record["ecs_group"] = r.group
  record["ecs_stream"] = fill(r.stream, pod)
  record["ecs_options"] = r.options
  record["kubernetes"] = {
    namespace_name = pod["namespace_name"], pod_name = pod["pod_name"], container_name = pod["container_name"], host = pod["host"],
  }
  return 2, time, record
end
