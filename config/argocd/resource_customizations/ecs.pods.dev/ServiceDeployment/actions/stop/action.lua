-- StopServiceDeployment with stopType ABORT: both revisions stay as they are.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
if obj.metadata.annotations["ecs.pods.dev/stop-deployment"] == nil then
  obj.metadata.annotations["ecs.pods.dev/stop-deployment"] = "ABORT"
end
return obj
