// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// mapLinkVariables gives a container the variables that Docker makes of a link, for programs that read them: with a link db:sql to a container
// that maps port 5432,
//
//	SQL_NAME=/app/sql  SQL_PORT=tcp://127.0.0.1:5432  SQL_PORT_5432_TCP=tcp://127.0.0.1:5432
//	SQL_PORT_5432_TCP_ADDR=127.0.0.1  SQL_PORT_5432_TCP_PORT=5432  SQL_PORT_5432_TCP_PROTO=tcp
//
// and SQL_ENV_<NAME> for the other container's own variables. A variable that is there already stays.
func mapLinkVariables(t *translation, out *corev1.PodTemplateSpec) {
	for i, c := range t.task.Containers {
		for _, text := range t.definition(i).Links {
			name, alias, given := strings.Cut(text, ":")
			if !given {
				alias = name
			}
			for _, v := range t.linkVariables(c.Name, name, alias) {
				if !slices.ContainsFunc(out.Spec.Containers[i].Env, func(e corev1.EnvVar) bool { return e.Name == v.Name }) {
					out.Spec.Containers[i].Env = append(out.Spec.Containers[i].Env, v)
				}
			}
		}
	}
}

func (t *translation) linkVariables(from, to, alias string) []corev1.EnvVar {
	prefix := strings.ToUpper(strings.ReplaceAll(alias, "-", "_"))
	out := []corev1.EnvVar{{Name: prefix + "_NAME", Value: "/" + from + "/" + alias}}
	for _, c := range t.task.Containers {
		if c.Name != to {
			continue
		}
		for _, p := range c.Ports {
			if p.Range != "" {
				continue
			}
			url := fmt.Sprintf("%s://%s:%d", p.Protocol, loopback, p.Container)
			one := fmt.Sprintf("%s_PORT_%d_%s", prefix, p.Container, strings.ToUpper(p.Protocol))
			out = append(out,
				corev1.EnvVar{Name: prefix + "_PORT", Value: url},
				corev1.EnvVar{Name: one, Value: url},
				corev1.EnvVar{Name: one + "_ADDR", Value: loopback},
				corev1.EnvVar{Name: one + "_PORT", Value: strconv.Itoa(int(p.Container))},
				corev1.EnvVar{Name: one + "_PROTO", Value: p.Protocol})
		}
		for _, v := range c.Environment {
			out = append(out, corev1.EnvVar{Name: prefix + "_ENV_" + v.Name, Value: literal(v.Value)})
		}
	}
	return out
}
