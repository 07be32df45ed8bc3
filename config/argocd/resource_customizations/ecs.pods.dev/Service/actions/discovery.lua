local actions = {}
actions["force-new-deployment"] = { disabled = obj.metadata.deletionTimestamp ~= nil }
return actions
