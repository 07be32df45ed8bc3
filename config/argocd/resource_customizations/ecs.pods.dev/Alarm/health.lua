-- Health by the conditions that every kind of ecs.pods.dev carries: Ready, Reconciling, Stalled. Several kinds have this same text.
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
if conditions.Reconciling ~= nil then
  return says("Progressing", conditions.Reconciling)
end
if conditions.Ready ~= nil and conditions.Ready.status == "True" then
  return says("Healthy", conditions.Ready)
end
return health
