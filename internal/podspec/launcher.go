// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// unread stands for the command line of an image whose config has not been read. No pod is made from a template that has it.
const unread = "(entry point and command of the image, read from its registry when the service revision is made)"

// launch is a container that the launcher starts: what it is to do, and the fields that ask for it.
type launch struct {
	spec  launchspec.Spec
	needs []launchNeed
	// hard: the container must not be started without the launcher.
	hard bool
	// root: the launcher has to start as root. It then needs these capabilities, which the command must not have.
	root         bool
	capabilities []corev1.Capability
}

// launchNeed is a field that asks for the launcher, and what is lost without.
type launchNeed struct{ field, lost string }

// withoutLauncher is what is lost of a field where there is no launcher; %s is the container.
var withoutLauncher = map[string]string{
	"dependsOn":                          "container %s starts and stops at the same time as all others: it waits for none, and none waits for it",
	"restartPolicy":                      "container %s isn't restarted in place",
	"stopTimeout":                        "container %s gets the longest stopTimeout of the task",
	"healthCheck":                        "the health check of container %s isn't run",
	"ulimits":                            "container %s has the limits of its node's runtime",
	"user":                               "container %s runs as its image's user, since only the image's own /etc/passwd knows the number behind a name. Write the number, as in \"1000:1000\"",
	"linuxParameters.initProcessEnabled": "the command of container %s is process 1 and has to reap orphans itself",
	"logConfiguration":                   "the output of container %s goes to kubectl logs alone",
}

// launcher gives the spec of the i-th container for a mapper to fill, and notes the field that needs the launcher. Mappers call it
// only where a pod can't say what the field means. The image's config is read where the command line isn't known without.
func (t *translation) launcher(i int, field string) *launchspec.Spec {
	l := t.launch(i, field, fmt.Sprintf(cmp.Or(withoutLauncher[field], "the field has no effect on container %s"), t.task.Containers[i].Name))
	l.hard = true
	return &l.spec
}

// launcherIfKnown is launcher for a field that isn't worth reading the image's config: where the command line isn't known, and
// no other field needs the launcher, the container is started without and a warning says what is lost.
func (t *translation) launcherIfKnown(i int, field, lost string) *launchspec.Spec {
	return &t.launch(i, field, lost).spec
}

func (t *translation) launch(i int, field, lost string) *launch {
	if t.launched == nil {
		t.launched = map[int]*launch{}
	}
	l := t.launched[i]
	if l == nil {
		l = &launch{spec: launchspec.Spec{Container: t.task.Containers[i].Name}}
		t.launched[i] = l
	}
	if !slices.ContainsFunc(l.needs, func(n launchNeed) bool { return n.field == field }) {
		l.needs = append(l.needs, launchNeed{field: field, lost: lost})
	}
	return l
}

// canLaunch: there is a launcher, and a kernel that it runs on.
func (t *translation) canLaunch() bool { return t.in.LauncherImage != "" && !t.windows() }

// mapLauncher puts the launcher in front of the containers that need it. It comes after all mappers that may ask for it.
func mapLauncher(t *translation, out *corev1.PodTemplateSpec) {
	for i := range out.Spec.Containers {
		l := t.launched[i]
		if l == nil {
			continue
		}
		argv, known := t.commandLine(i, l)
		switch {
		case t.in.LauncherImage == "":
			t.notLaunched(i, l, "the operator has no launcher image to do it with")
			continue
		case t.windows():
			t.notLaunched(i, l, "the launcher runs on Linux only")
			continue
		case !known && !l.hard:
			t.notLaunched(i, l, "the launcher would do it, and needs to know the command line: set entryPoint")
			continue
		case !known:
			t.needs.ImageConfigs = append(t.needs.ImageConfigs, l.spec.Container)
			argv = []string{unread}
		}
		t.wrap(i, l, argv, &out.Spec.Containers[i])
	}
	t.installLauncher(out)
}

func (t *translation) notLaunched(i int, l *launch, because string) {
	for _, n := range l.needs {
		t.warn(container(i, n.field), Approximated, "%s (%s)", n.lost, because)
	}
}

// commandLine is what Docker would run: an entryPoint drops the image's own CMD, a command alone is given to the image's own
// ENTRYPOINT. known is false where that, or the user that the launcher has to change to, stands in an image config that was not read.
func (t *translation) commandLine(i int, l *launch) (argv []string, known bool) {
	c := t.task.Containers[i]
	config := t.in.Images[c.Name].Config
	switch {
	case config == nil && (len(c.EntryPoint) == 0 || l.root && c.User == ""):
		return nil, false
	case len(c.EntryPoint) > 0:
		return slices.Concat(c.EntryPoint, c.Command), true
	case len(c.Command) > 0:
		return slices.Concat(config.EntryPoint, c.Command), true
	}
	return slices.Concat(config.EntryPoint, config.Command), true
}

// wrap starts a container by the launcher. One that needs root's rights starts as root and becomes the container's user by itself.
func (t *translation) wrap(i int, l *launch, argv []string, out *corev1.Container) {
	c := t.task.Containers[i]
	user := c.User
	if config := t.in.Images[c.Name].Config; config != nil {
		l.spec.StopSignal = config.StopSignal
		user = cmp.Or(user, config.User)
	}
	if l.root {
		startAsRoot(l, user, out)
	}
	out.Command = []string{launchspec.Binary, launchspec.CommandRun, literal(l.spec.String()), "--"}
	out.Args = literals(argv)
	out.VolumeMounts = append(out.VolumeMounts, launcherMounts()...)
	t.probeAsLaunched(i, l.spec, out)
	if len(l.spec.DependsOn) > 0 {
		out.StartupProbe = startedProbe(c.Name)
	}
	launched := Launched{Container: c.Name}
	for _, n := range l.needs {
		launched.For = append(launched.For, n.field)
	}
	t.wrapped = append(t.wrapped, launched)
}

// startedProbe tells that a launcher which waits for other containers has started its command. Until then the container is neither
// started nor ready, and its health check isn't made. It never fails for good: the launcher knows how long to wait.
func startedProbe(container string) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{launchspec.Binary, launchspec.CommandStarted, container}}},
		PeriodSeconds: 1, TimeoutSeconds: 10, SuccessThreshold: 1, FailureThreshold: math.MaxInt32,
	}
}

// startAsRoot gives the launcher user 0 and the capabilities it takes to become the container's user. l.spec says what it gives up
// before the command starts.
func startAsRoot(l *launch, user string, out *corev1.Container) {
	if out.SecurityContext == nil {
		out.SecurityContext = &corev1.SecurityContext{}
	}
	s := out.SecurityContext
	root := int64(0)
	s.RunAsUser, s.RunAsGroup, s.RunAsNonRoot = &root, nil, nil
	l.spec.User = user
	needed := l.capabilities
	if user != "" {
		needed = append(needed, "SETUID", "SETGID")
	}
	if missing := without(needed, s.Capabilities); len(missing) > 0 && (s.Privileged == nil || !*s.Privileged) {
		missing = append(missing, without([]corev1.Capability{"SETPCAP"}, s.Capabilities)...) // puts the others out of the command's reach
		if s.Capabilities == nil {
			s.Capabilities = &corev1.Capabilities{}
		}
		for _, one := range missing {
			s.Capabilities.Add = append(s.Capabilities.Add, one)
			s.Capabilities.Drop = slices.DeleteFunc(s.Capabilities.Drop, func(d corev1.Capability) bool { return d == one })
			l.spec.DropCapabilities = append(l.spec.DropCapabilities, "CAP_"+string(one))
		}
	}
}

// without gives those of the needed capabilities that a container hasn't got. Container runtimes give root all but SYS_RESOURCE of those
// that are asked for here.
func without(needed []corev1.Capability, has *corev1.Capabilities) []corev1.Capability {
	if has == nil {
		has = &corev1.Capabilities{}
	}
	var out []corev1.Capability
	for _, one := range needed {
		added := slices.Contains(has.Add, one) || slices.Contains(has.Add, "ALL")
		dropped := slices.Contains(has.Drop, one) || slices.Contains(has.Drop, "ALL")
		if !added && (dropped || one == "SYS_RESOURCE") {
			out = append(out, one)
		}
	}
	return out
}

func (t *translation) windows() bool {
	p := t.in.TaskDefinition.RuntimePlatform
	return p != nil && strings.HasPrefix(string(p.OperatingSystemFamily), "WINDOWS")
}

// launcherMounts: the program, which nothing in the task can change, and where containers tell each other how they are.
func launcherMounts() []corev1.VolumeMount {
	return []corev1.VolumeMount{
		{Name: taskstate.LauncherName, MountPath: launchspec.Dir + "/bin", SubPath: "bin", ReadOnly: true},
		{Name: taskstate.LauncherName, MountPath: launchspec.StateDir, SubPath: "state"},
	}
}

// installLauncher adds the volume, and the init container that copies the launcher into it, where anything was launched or has files
// to be written.
func (t *translation) installLauncher(out *corev1.PodTemplateSpec) {
	if len(t.wrapped) == 0 && (len(t.files) == 0 || !t.canLaunch()) {
		return
	}
	install := launchspec.Install{Containers: []string{}, Files: t.files}
	var says []string
	for _, l := range t.wrapped {
		install.Containers = append(install.Containers, l.Container)
		says = append(says, l.Container+": "+strings.Join(l.For, ", "))
	}
	text, err := json.Marshal(install)
	if err != nil {
		panic(fmt.Sprintf("podspec: %v", err)) // names and text always marshal
	}
	out.Spec.Volumes = append(out.Spec.Volumes, corev1.Volume{Name: taskstate.LauncherName, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
	var resources corev1.ResourceRequirements
	if t.fargate() && !t.podLevel() { // one container that says nothing would cost the pod its guarantee; an init container adds nothing to a pod
		resources = *out.Spec.Containers[0].Resources.DeepCopy()
	}
	out.Spec.InitContainers = append([]corev1.Container{{
		Resources:       resources,
		Name:            taskstate.LauncherName,
		Image:           t.in.LauncherImage,
		Command:         []string{"/launcher", launchspec.CommandInstall, literal(string(text))},
		VolumeMounts:    []corev1.VolumeMount{{Name: taskstate.LauncherName, MountPath: launchspec.Dir}},
		SecurityContext: strictSecurity(),
	}}, out.Spec.InitContainers...)
	if len(says) > 0 {
		setAnnotation(out, taskstate.LaunchedAnnotation, strings.Join(says, "; "))
	}
}

// strictSecurity is what the strictest Pod Security level wants of a container.
func strictSecurity() *corev1.SecurityContext {
	yes, no, nobody := true, false, int64(65532)
	return &corev1.SecurityContext{
		RunAsUser: &nobody, RunAsGroup: &nobody, RunAsNonRoot: &yes, AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
		Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

func setAnnotation(out *corev1.PodTemplateSpec, name, value string) {
	if out.Annotations == nil {
		out.Annotations = map[string]string{}
	}
	out.Annotations[name] = value
}
