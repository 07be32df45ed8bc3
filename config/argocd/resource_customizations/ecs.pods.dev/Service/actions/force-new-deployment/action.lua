-- UpdateService with forceNewDeployment: a counter of the spec is raised. Where git has the counter too, a sync takes it back: raise it there.
if obj.spec.kubernetes == nil then
  obj.spec.kubernetes = {}
end
obj.spec.kubernetes.forceNewDeployment = (obj.spec.kubernetes.forceNewDeployment or 0) + 1
return obj
