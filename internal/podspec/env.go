// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapCommand: entryPoint and command are Docker's ENTRYPOINT and CMD, and a pod's command and args. An entryPoint without a
// command drops the image's own CMD in both worlds.
func mapCommand(_ *translation, _ int, in taskdef.Container, out *corev1.Container) {
	out.Command = literals(in.EntryPoint)
	out.Args = literals(in.Command)
}

// mapEnvironment keeps the order, and puts secrets behind plain variables. Of two variables with one name the last counts, as in Docker;
// the list of a pod is keyed by name, so only that one is written. A secret shares its name with no variable.
func mapEnvironment(t *translation, _ int, in taskdef.Container, out *corev1.Container) {
	last := map[string]int{}
	for i, v := range in.Environment {
		last[v.Name] = i
	}
	for i, v := range in.Environment {
		if last[v.Name] == i {
			out.Env = append(out.Env, corev1.EnvVar{Name: v.Name, Value: literal(v.Value)})
		}
	}
	for _, s := range in.Secrets {
		out.Env = append(out.Env, corev1.EnvVar{Name: s.Name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: t.secretKeyRef(s.Ref)}})
	}
}

func literals(in []string) []string {
	var out []string
	for _, text := range in {
		out = append(out, literal(text))
	}
	return out
}

// literal protects text from the kubelet, which puts variables in for $(NAME) and makes $ of $$ in commands, arguments, values
// and exec probes. ECS does neither. Runs of $ are doubled where the kubelet would touch them, and left alone where it doesn't:
//
//	$(date)   -> $$(date)     reaches the container as $(date)
//	a$$b      -> a$$$$b       reaches the container as a$$b
//	$HOME     -> $HOME        the shell's business
func literal(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] != '$' {
			b.WriteByte(text[i])
			i++
			continue
		}
		end := i
		for end < len(text) && text[end] == '$' {
			end++
		}
		run := text[i:end]
		b.WriteString(run)
		if len(run) > 1 || end < len(text) && text[end] == '(' {
			b.WriteString(run)
		}
		i = end
	}
	return b.String()
}
