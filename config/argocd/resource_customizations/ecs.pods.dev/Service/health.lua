-- Health of a Service. One that runs an earlier revision than its spec says is Degraded, however well that revision runs.
local health = { status = "Progressing", message = "the operator hasn't looked at it yet" }
if obj.status == nil or obj.status.conditions == nil then
  return health
end
if obj.status.observedGeneration ~= nil and obj.status.observedGeneration ~= obj.metadata.generation then
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
if conditions.Stalled ~= nil then
  return says("Degraded", conditions.Stalled)
end
-- A deployment that waits for an answer is paused by wish.
if conditions.Reconciling ~= nil and conditions.Reconciling.reason == "Paused" then
  return says("Suspended", conditions.Reconciling)
end
if conditions.Reconciling ~= nil then
  return says("Progressing", conditions.Reconciling)
end
for _, deployment in ipairs(obj.status.deployments or {}) do
  if deployment.status == "PRIMARY" and deployment.rolloutState == "FAILED" then
    return { status = "Degraded", message = deployment.rolloutStateReason or "the deployment failed" }
  end
end
if conditions.Ready ~= nil and conditions.Ready.status == "True" then
  return says("Healthy", conditions.Ready)
end
return health
