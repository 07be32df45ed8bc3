-- Health of a ServiceDeployment, by its ECS status first: one that went back, or failed, is never Healthy.
local health = { status = "Progressing", message = "the operator hasn't looked at it yet" }
local status = obj.status
if status == nil or status.conditions == nil then
  return health
end
if status.observedGeneration ~= nil and status.observedGeneration ~= obj.metadata.generation then
  return health
end
local conditions = {}
for _, condition in ipairs(status.conditions) do
  if condition.status == "True" or condition.type == "Ready" then
    conditions[condition.type] = condition
  end
end
local function says(state, condition)
  return { status = state, message = condition.reason .. ": " .. (condition.message or "") }
end
local why = status.statusReason or status.rolloutStateReason or ""
if status.rollback ~= nil and status.rollback.reason ~= nil then
  why = status.rollback.reason
end
if status.status == "ROLLBACK_SUCCESSFUL" or status.status == "ROLLBACK_FAILED" then
  return { status = "Degraded", message = status.status .. ": " .. why }
end
-- One that a newer deployment took over from is history, and says so. It ended early, but nothing is wrong with it.
local superseded = conditions.Ready ~= nil and conditions.Ready.reason == "Superseded"
if status.rolloutState == "FAILED" and not superseded then
  return { status = "Degraded", message = (status.status or "FAILED") .. ": " .. why }
end
if conditions.Stalled ~= nil then
  return says("Degraded", conditions.Stalled)
end
if status.status == "PENDING" or status.status == "IN_PROGRESS" then
  for _, hook in ipairs(status.lifecycleHookDetails or {}) do
    if hook.status == "AWAITING_ACTION" then
      return { status = "Suspended", message = "Paused: hook " .. hook.hookId .. " at " .. (hook.lifecycleStage or "its stage") .. " waits for an answer" }
    end
  end
end
if conditions.Reconciling ~= nil and conditions.Reconciling.reason == "Paused" then
  return says("Suspended", conditions.Reconciling)
end
if conditions.Reconciling ~= nil then
  return says("Progressing", conditions.Reconciling)
end
if conditions.Ready ~= nil and conditions.Ready.status == "True" then
  return says("Healthy", conditions.Ready)
end
return health
