-- Health of a Task, as Argo CD has that of a Job: Progressing until it has ended, so that a Task can be a hook of a sync.
local health = { status = "Progressing", message = "the operator hasn't looked at it yet" }
if obj.status == nil or obj.status.conditions == nil then
  return health
end
local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  if condition.status == "True" or condition.type == "Ready" then
    conditions[condition.type] = condition
  end
end
local function says(status, condition)
  return { status = status, message = condition.reason .. ": " .. (condition.message or "") }
end
if conditions.Failed ~= nil then
  return says("Degraded", conditions.Failed)
end
if conditions.Stalled ~= nil then
  return says("Degraded", conditions.Stalled)
end
if conditions.Complete ~= nil then
  return says("Healthy", conditions.Complete)
end
-- Somebody stopped it before it had done its work: a sync that waits for it has to end.
if obj.status.lastStatus == "STOPPED" then
  return { status = "Degraded", message = "Stopped: " .. (obj.status.stoppedReason or "") }
end
if conditions.Reconciling ~= nil then
  return says("Progressing", conditions.Reconciling)
end
health.message = obj.status.lastStatus or health.message
return health
