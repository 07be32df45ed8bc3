// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/reference"
)

// defaultTimeout is how long an answer may take where the Cluster doesn't say.
const defaultTimeout = 10 * time.Second

// observed is everything that an alarm is decided from.
type observed struct {
	// problem is why the query can't be asked, nil where it can.
	problem *conditions.Reason
	// cluster is the ECS name of the cluster whose Prometheus is asked.
	cluster string
	// request is what would be asked, without a problem.
	request Request
	// reading is how far asking has come.
	reading Reading
	now     time.Time
}

func (r *Reconciler) observe(ctx context.Context, a *ecsv1.Alarm) (observed, error) {
	key := client.ObjectKeyFromObject(a)
	o := observed{cluster: alarm.Cluster(a), reading: r.Asker.Known(key), now: r.Now()}
	seen, err := references.Observe(ctx, r.Client, r.Scope, a.Namespace, o.cluster, "")
	if err != nil {
		return o, err
	}
	same := &ecsv1.AlarmList{}
	if err := r.Client.List(ctx, same, references.Watching(a)...); err != nil {
		return o, err
	}
	if o.problem = problem(a, o.cluster, seen, same.Items); o.problem != nil {
		return o, nil
	}
	prometheus := seen.Clusters[0].Spec.Kubernetes.Prometheus
	o.request = Request{
		For: key, URL: prometheus.URL, Timeout: defaultTimeout, Query: a.Spec.Kubernetes.Query, Settings: alarm.SettingsOf(&a.Spec),
		Token: prometheus.BearerTokenSecretKeyRef, Bundle: prometheus.CABundle,
	}
	if prometheus.TimeoutSeconds != nil {
		o.request.Timeout = time.Duration(*prometheus.TimeoutSeconds) * time.Second
	}
	o.request.Revision = fmt.Sprintf("%s-%d-%s-%s-%v-%x", a.UID, a.Generation, o.request.Timeout, o.request.URL, cmp.Or(o.request.Token, &ecsv1.SecretKeyReference{}), sha256.Sum256(o.request.Bundle))
	return o, nil
}

// problem says why there is nobody to ask. First match wins.
func problem(a *ecsv1.Alarm, cluster string, seen reference.Seen, same []ecsv1.Alarm) *conditions.Reason {
	if first := alarm.Find(alarm.Name(a), same); first != nil && first.UID != a.UID {
		return &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: fmt.Sprintf(
			"spec.alarmName: Alarm %s is named %s already; make one with another name", first.Name, alarm.Name(a))}
	}
	const path = "spec.kubernetes.cluster"
	if why := seen.CheckClusterAt(path, cluster, "alarms"); why != nil {
		return why
	}
	if k := cmp.Or(seen.Clusters[0].Spec.Kubernetes, &ecsv1.ClusterKubernetes{}); k.Prometheus == nil {
		return &conditions.Reason{Reason: ecsv1.ReasonPrometheusNotConfigured, Message: fmt.Sprintf(
			"%s: Cluster %q names no Prometheus to ask; set its spec.kubernetes.prometheus.url, or name another Cluster", path, cluster)}
	}
	return nil
}
