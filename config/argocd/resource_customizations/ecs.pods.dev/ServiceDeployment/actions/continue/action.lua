-- ContinueServiceDeployment for each hook that waits for an answer.
local ids = nil
for _, hook in ipairs((obj.status or {}).lifecycleHookDetails or {}) do
  if hook.status == "AWAITING_ACTION" then
    ids = ids == nil and hook.hookId or ids .. "," .. hook.hookId
  end
end
if ids == nil then
  return obj
end
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
local before = obj.metadata.annotations["ecs.pods.dev/continue-deployment"]
if before ~= nil and before ~= "" and before ~= ids then
  ids = before .. "," .. ids
end
obj.metadata.annotations["ecs.pods.dev/continue-deployment"] = ids
return obj
