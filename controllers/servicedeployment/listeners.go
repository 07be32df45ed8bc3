// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// listener is a listener rule of a load balancer with its route.
type listener struct {
	route   *gatewayv1.HTTPRoute
	weights traffic.Weights
	// problem needs a person; unsettled ends by itself, if the Gateway is well.
	problem   *conditions.Reason
	unsettled string
}

// patience is how long an informer for HTTPRoutes may take to fill.
const patience = 10 * time.Second

// rule reads a listener rule of the pair, or says what is wrong with it.
func (p *pairSeen) rule(field, text string) (traffic.Rule, *conditions.Reason) {
	rule, err := traffic.ParseRule(text)
	if err != nil {
		return rule, &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: p.Field(field) + ": " + err.Error()}
	}
	return rule, nil
}

// observeListeners reads the weights of a pair that takes turns.
func (r *Reconciler) observeListeners(ctx context.Context, namespace string, p *pairSeen) error {
	production, problem := p.rule("productionListenerRule", p.Pair.Production)
	if problem != nil {
		p.production.problem = problem
		return nil
	}
	test, err := traffic.Rule{}, error(nil)
	if p.HasTest() {
		if test, problem = p.rule("testListenerRule", p.Pair.Test); problem != nil {
			p.test.problem = problem
			return nil
		}
		if p.test, err = r.observeListener(ctx, namespace, p, "testListenerRule", test, production); err != nil {
			return err
		}
		p.Seen.Test = p.test.second()
	}
	p.production, err = r.observeListener(ctx, namespace, p, "productionListenerRule", production, test)
	p.Seen.Production, p.Unsettled = p.production.second(), p.production.unsettled
	return err
}

// second is the share of the second target group.
func (l listener) second() int32 {
	if l.route == nil || l.problem != nil {
		return traffic.Uneven
	}
	return l.weights.Second
}

func (r *Reconciler) observeListener(ctx context.Context, namespace string, p *pairSeen, field string, rule, other traffic.Rule) (listener, error) {
	field = p.Field(field)
	within, done := context.WithTimeout(ctx, patience)
	defer done()
	route := &gatewayv1.HTTPRoute{}
	err := r.Cache.Get(within, client.ObjectKey{Namespace: namespace, Name: rule.Route}, route)
	switch {
	case meta.IsNoMatchError(err):
		return listener{problem: &conditions.Reason{Reason: ecsv1.ReasonListenerRuleNotFound, Message: fmt.Sprintf("%s: %s is an HTTPRoute, and the Gateway API isn't installed here; "+
			"install it with a Gateway, or take productionListenerRule out to move all traffic at once (BLUE_GREEN) through the core Service %s", field, rule, p.Services()[0])}}, nil
	case client.IgnoreNotFound(err) != nil:
		return listener{}, fmt.Errorf("reading HTTPRoute %s: %w", rule.Route, err)
	}
	if watchErr := r.routes.watch(); watchErr != nil {
		return listener{}, fmt.Errorf("watching HTTPRoutes: %w", watchErr)
	}
	if err != nil {
		return listener{problem: &conditions.Reason{Reason: ecsv1.ReasonListenerRuleNotFound, Message: fmt.Sprintf(
			"%s: there is no HTTPRoute %s in this namespace; make it, with a rule that has backendRefs to the core Services %s (weight 1) and %s (weight 0)", field, rule.Route, p.Services()[0], p.Services()[1])}}, nil
	}
	l := listener{route: route, unsettled: traffic.Unsettled(route)}
	problem := ""
	if l.weights, problem = rule.Weigh(route, other, p.Services()); problem != "" {
		l.problem = &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: field + ": " + problem}
	}
	return l, nil
}

// routeWatch watches HTTPRoutes from the time on that there is such a kind. The Gateway API may be installed later than the operator.
type routeWatch struct {
	mu         sync.Mutex
	controller controller.Controller
	cache      cache.Cache
	of         func(context.Context, *gatewayv1.HTTPRoute) []reconcile.Request
	watching   bool
}

func (w *routeWatch) watch() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watching || w.controller == nil {
		return nil
	}
	err := w.controller.Watch(source.Kind(w.cache, &gatewayv1.HTTPRoute{}, handler.TypedEnqueueRequestsFromMapFunc(w.of)))
	w.watching = err == nil
	return err
}

// ofRoute leads from a route to the services whose listener rules it has.
func (r *Reconciler) ofRoute(ctx context.Context, route *gatewayv1.HTTPRoute) []reconcile.Request {
	list := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, list, client.InNamespace(route.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		if slices.ContainsFunc(traffic.Pairs(list.Items[i].Spec.LoadBalancers), func(p traffic.Pair) bool { return p.Names(route.Name) }) {
			out = append(out, r.driving(ctx, route.Namespace, list.Items[i].Name)...)
		}
	}
	return out
}
