-- StopServiceDeployment with stopType ROLLBACK: back to the last completed deployment.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
if obj.metadata.annotations["ecs.pods.dev/stop-deployment"] == nil then
  obj.metadata.annotations["ecs.pods.dev/stop-deployment"] = "ROLLBACK"
end
return obj
