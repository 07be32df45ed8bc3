// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"path"
	"slices"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// Where a log router listens, as ECS's agent sets it up: a socket that the router's container has at socketPath, and in awsvpc and bridge mode a
// port besides. In bridge mode ECS binds it to all addresses, for the other containers; in a pod these are at home.
const (
	routerPort = "24224"
	socketDir  = "/var/run"
	socketName = "fluent.sock"
)

// routerImage is where the images of a router look for their configuration.
type routerImage struct{ config, external string }

var routerImages = map[ecsv1.FirelensConfigurationType]routerImage{
	ecsv1.FirelensConfigurationTypeFluentbit: {"/fluent-bit/etc/fluent-bit.conf", "/fluent-bit/etc/external.conf"},
	ecsv1.FirelensConfigurationTypeFluentd:   {"/fluentd/etc/fluent.conf", "/fluentd/etc/external.conf"},
}

// router is the index of the log router, -1 for a task without.
func (t *translation) router() int {
	return slices.IndexFunc(t.in.TaskDefinition.ContainerDefinitions, func(c ecsv1.ContainerDefinition) bool { return c.FirelensConfiguration != nil })
}

// overTCP: the router listens on a port of the pod's loopback, which any user of a container may write to.
func (t *translation) overTCP() bool {
	return t.task.NetworkMode == taskdef.AWSVPC || t.task.NetworkMode == taskdef.Bridge
}

// mapFirelens gives the log router its configuration, and the containers that send to it the launcher, which copies their output there. The
// configuration is written into the launcher's volume before the router starts, and mounted where its image looks for it.
func mapFirelens(t *translation, out *corev1.PodTemplateSpec) {
	at := t.router()
	if at < 0 {
		return
	}
	router := t.task.Containers[at]
	senders := t.senders()
	for _, i := range senders {
		t.sendToRouter(i, router, &out.Spec.Containers[i])
	}
	if !t.canLaunch() {
		t.warn(container(at, "firelensConfiguration"), Approximated, "without the launcher nothing is routed: container %s starts with the configuration of its own image", router.Name)
		return
	}
	kind := t.definition(at).FirelensConfiguration.Type
	image := routerImages[kind]
	config := routerConfig{
		kind: kind, overTCP: t.overTCP(), metadata: t.routerMetadata(at), include: t.mapRouterFile(at, image, out),
	}
	for _, i := range senders {
		config.outputs = append(config.outputs, t.routerOutput(i, kind, &out.Spec.Containers[at]))
	}
	file := path.Join(router.Name, path.Base(image.config))
	t.files = append(t.files, launchspec.File{Path: file, Content: config.String()})
	c := &out.Spec.Containers[at]
	mount(c, corev1.VolumeMount{Name: taskstate.LauncherName, MountPath: image.config, SubPath: path.Join("state", file), ReadOnly: true})
	mount(c, corev1.VolumeMount{Name: taskstate.LauncherName, MountPath: socketDir, SubPath: path.Join("state", router.Name)})
	if kind == ecsv1.FirelensConfigurationTypeFluentd { // its images give up root, and with it the socket
		setVariable(c, corev1.EnvVar{Name: "FLUENT_UID", Value: "0"})
	}
}

// senders are the containers whose log driver is awsfirelens.
func (t *translation) senders() []int {
	var out []int
	for i := range t.task.Containers {
		if l := t.definition(i).LogConfiguration; l != nil && l.LogDriver == ecsv1.LogDriverAwsfirelens {
			out = append(out, i)
		}
	}
	return out
}

// sendToRouter: a record's tag is the container's name, -firelens- and the task's ID, and the router's address is in the variables that libraries
// look at (DG, "Custom log routing").
func (t *translation) sendToRouter(i int, router taskdef.Container, out *corev1.Container) {
	l := taskdef.EffectiveLogging(t.definition(i).LogConfiguration)
	address := path.Join(launchspec.StateDir, router.Name, socketName)
	if t.overTCP() {
		address = loopback + ":" + routerPort
		setVariable(out, corev1.EnvVar{Name: "FLUENT_HOST", Value: loopback})
		setVariable(out, corev1.EnvVar{Name: "FLUENT_PORT", Value: routerPort})
	}
	setVariable(out, t.taskIDVariable())
	t.launcher(i, "logConfiguration").Log = &launchspec.Log{
		Socket: address, Tag: t.task.Containers[i].Name + "-firelens-" + launchspec.TaskIDPlaceholder, Blocking: l.Blocking, BufferBytes: l.BufferBytes,
	}
	if limit := t.definition(i).LogConfiguration.Options[taskdef.LogBufferLimit]; limit != "" {
		t.warn(container(i, "logConfiguration.options"), Approximated, "the buffer is counted in bytes: log-driver-buffer-limit %s is %d bytes, 1 KiB to a line and 64 MiB at most", limit, l.BufferBytes)
	}
}

// taskIDVariable tells the launcher who the task is. That of a service is its pod's UID.
func (t *translation) taskIDVariable() corev1.EnvVar {
	if t.in.Task != nil {
		return corev1.EnvVar{Name: launchspec.TaskIDVariable, Value: t.in.Task.ID}
	}
	return corev1.EnvVar{Name: launchspec.TaskIDVariable, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.uid"}}}
}

// setVariable adds a variable unless the task definition has it.
func setVariable(c *corev1.Container, v corev1.EnvVar) {
	if !slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == v.Name }) {
		c.Env = append(c.Env, v)
	}
}

// mapRouterFile gives the path of the configuration file to include, "" for none. One in S3 is a ConfigMap, named after the object and with its
// last part as the key: arn:aws:s3:::bucket/logs/extra.conf is extra.conf in bucket-logs-extra.conf.
func (t *translation) mapRouterFile(at int, image routerImage, out *corev1.PodTemplateSpec) string {
	options := t.definition(at).FirelensConfiguration.Options
	field := container(at, "firelensConfiguration.options")
	value := options[taskdef.RouterConfigFile]
	if ext := path.Ext(value); ext == ".yaml" || ext == ".yml" {
		t.warn(field, NoEffect, "the router's configuration is in the classic form, which can't include %s; write it as .conf", value)
		return ""
	}
	if options[taskdef.RouterConfigType] != "s3" {
		return value
	}
	object, err := arn.ParseObject(value)
	if err != nil {
		t.warn(field, NoEffect, "config-file-value: %s; nothing is included", err)
		return ""
	}
	name, key := names.Slug(object), names.SecretKey(path.Base(object))
	volume := label("ecs-router-config")
	out.Spec.Volumes = append(out.Spec.Volumes, corev1.Volume{Name: volume, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
		LocalObjectReference: corev1.LocalObjectReference{Name: name},
		Items:                []corev1.KeyToPath{{Key: key, Path: path.Base(image.external)}},
	}}})
	mount(&out.Spec.Containers[at], corev1.VolumeMount{Name: volume, MountPath: image.external, SubPath: path.Base(image.external), ReadOnly: true})
	t.warn(field, Approximated, "the namespace needs a ConfigMap %s with this file under the key %s, or the task waits for it", name, key)
	return image.external
}

// routerMetadata are the fields that each record gets, unless enable-ecs-log-metadata says false.
func (t *translation) routerMetadata(at int) []field {
	switch t.definition(at).FirelensConfiguration.Options[taskdef.RouterMetadata] {
	case "false", "False", "FALSE", "f", "F", "0":
		return nil
	}
	family, revision := t.in.TaskDefinition.Family, t.in.Labels[ecsv1.LabelRevision]
	if family == "" {
		family = t.in.Labels[ecsv1.LabelFamily]
	}
	return []field{
		{"ecs_cluster", t.in.Cluster.Name},
		{"ecs_task_arn", t.scope().Task(t.in.Cluster.Name, launchspec.TaskIDPlaceholder)},
		{"ecs_task_definition", family + ":" + revision},
	}
}

// scope of ARNs.
func (t *translation) scope() arn.Scope {
	if t.in.ARNs == (arn.Scope{}) {
		return arn.DefaultScope
	}
	return t.in.ARNs
}

// waitForRouter makes senders depend on the START of a router that itself depends on others, as ECS's agent does for every router: a container
// that prepares the router's configuration then comes before all of them. A router that waits for nobody is a sidecar, which
// comes first without.
func (t *translation) waitForRouter() {
	at := t.router()
	if at < 0 || len(t.task.Containers[at].DependsOn) == 0 {
		return
	}
	for _, i := range t.senders() {
		c := &t.task.Containers[i]
		waits := slices.ContainsFunc(c.DependsOn, func(d taskdef.Dependency) bool { return d.Container == at })
		if !waits && !t.dependsOn(at, i) {
			c.DependsOn = append(c.DependsOn, taskdef.Dependency{Container: at, Condition: string(launchspec.Start)})
		}
	}
}

// dependsOn: container i waits for the target, directly or by way of others.
func (t *translation) dependsOn(i, target int) bool {
	return slices.ContainsFunc(t.task.Containers[i].DependsOn, func(d taskdef.Dependency) bool {
		return d.Container == target || t.dependsOn(d.Container, target)
	})
}

// mapRouterFirst moves the log router among the init containers, where restartPolicy Always makes it a sidecar: it is started before the
// others and stopped after them, and its own stopTimeout comes after theirs. Only the launcher comes before it, which writes its
// configuration, and init containers that it waits for. A router that waits for another container stays beside it: a sidecar would be
// waited for itself.
func mapRouterFirst(t *translation, out *corev1.PodTemplateSpec) {
	at := t.router()
	if at < 0 {
		return
	}
	first := 0
	for i := range out.Spec.InitContainers {
		if c := &out.Spec.InitContainers[i]; c.Name == taskstate.LauncherName {
			setVariable(c, t.taskIDVariable())
			first = i + 1
		}
	}
	router := t.task.Containers[at]
	for _, d := range router.DependsOn {
		if !t.order.isInit(d.Container) {
			return
		}
		name := t.names[t.task.Containers[d.Container].Name]
		first = max(first, 1+slices.IndexFunc(out.Spec.InitContainers, func(c corev1.Container) bool { return c.Name == name }))
	}
	here := slices.IndexFunc(out.Spec.Containers, func(c corev1.Container) bool { return c.Name == t.names[router.Name] })
	if here < 0 || len(out.Spec.Containers) == 1 {
		return
	}
	sidecar := out.Spec.Containers[here]
	out.Spec.Containers = slices.Delete(out.Spec.Containers, here, here+1)
	always := corev1.ContainerRestartPolicyAlways
	sidecar.RestartPolicy, sidecar.Lifecycle = &always, nil
	out.Spec.InitContainers = slices.Insert(out.Spec.InitContainers, first, sidecar)
	if grace := out.Spec.TerminationGracePeriodSeconds; grace != nil {
		*grace += router.StopTimeout
	}
}
