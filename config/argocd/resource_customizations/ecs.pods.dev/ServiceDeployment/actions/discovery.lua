-- What can be answered: a pause while a hook waits, and the end of a deployment while it goes forwards and nobody has asked for it.
local status = obj.status or {}
local annotations = obj.metadata.annotations or {}
local forwards = (status.status == "PENDING" or status.status == "IN_PROGRESS") and annotations["ecs.pods.dev/stop-deployment"] == nil
local waits = false
for _, hook in ipairs(status.lifecycleHookDetails or {}) do
  if hook.status == "AWAITING_ACTION" then
    waits = true
  end
end
local actions = {}
actions["continue"] = { disabled = not (forwards and waits) }
actions["rollback"] = { disabled = not forwards }
actions["stop"] = { disabled = not forwards }
return actions
