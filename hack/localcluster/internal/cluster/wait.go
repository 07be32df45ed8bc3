// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/kubeapi"
)

// hopeless is an answer that won't get better.
type hopeless struct{ error }

// poll asks until the answer is nil, and gives up with the last answer.
func poll(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil || errors.As(err, &hopeless{}) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("gave up after %s: %w", limit, err)
		case <-time.After(150 * time.Millisecond):
		}
	}
}

func (c *Cluster) awaitAPIServer(ctx context.Context) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	err = poll(ctx, 90*time.Second, func(ctx context.Context) error {
		for _, component := range []string{etcd, apiserver} {
			if !c.records().Load(component).Alive() {
				return hopeless{fmt.Errorf("%s ended:\n%s", component, c.lastWords(component))}
			}
		}
		return api.Ready(ctx)
	})
	if err != nil {
		return fmt.Errorf("waiting for the apiserver: %w", err)
	}
	c.say("the apiserver is ready")
	return nil
}

// awaitNodes waits until every node that should be there is Ready, and DNS answers.
func (c *Cluster) awaitNodes(ctx context.Context, started map[string]bool) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	limit := 90*time.Second + time.Duration(c.Options.Simulated)*200*time.Millisecond
	err = poll(ctx, limit, func(ctx context.Context) error {
		return c.askNodes(ctx, api, c.nodeNames(), started)
	})
	if err != nil {
		return fmt.Errorf("waiting for the nodes: %w", err)
	}
	if c.Options.Real > 0 {
		if err := c.awaitEdge(ctx); err != nil {
			return err
		}
	}
	return poll(ctx, 30*time.Second, func(ctx context.Context) error { // without it no pod can be made
		_, err := api.Get(ctx, "/api/v1/namespaces/default/serviceaccounts/default")
		return err
	})
}

// askNodes is nil when the named nodes are ready. One that was just started counts only once it has been heard of since:
// what it said before a crash was Ready too.
func (c *Cluster) askNodes(ctx context.Context, api *kubeapi.Client, names []string, started map[string]bool) error {
	nodes, err := api.Nodes(ctx)
	if err != nil {
		return err
	}
	if err := missing(names, nodes); err != nil || len(started) == 0 {
		return err
	}
	renewals, err := api.Renewals(ctx)
	if err != nil {
		return err
	}
	for name := range started {
		if renewals[name].Before(c.began) {
			return fmt.Errorf("%s hasn't been heard of since it was started", name)
		}
	}
	return nil
}

func missing(names []string, nodes []kubeapi.Node) error {
	ready := map[string]bool{}
	for _, n := range nodes {
		ready[n.Name] = n.Ready
	}
	var missing []string
	for _, name := range names {
		if !ready[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%d nodes aren't ready: %s", len(missing), strings.Join(missing[:min(5, len(missing))], ", "))
}

func (c *Cluster) nodeNames() []string {
	var names []string
	for n := 1; n <= c.Options.Real; n++ {
		names = append(names, c.Options.realNode(n))
	}
	for n := 1; n <= c.Options.Simulated; n++ {
		names = append(names, c.Options.simulatedNode(n))
	}
	return names
}

// awaitEdge waits for DNS and for the rules behind the node ports.
func (c *Cluster) awaitEdge(ctx context.Context) error {
	client := http.Client{Timeout: 2 * time.Second}
	for _, url := range []string{
		fmt.Sprintf("http://%s:8181/ready", c.Plan.Edge()),
		fmt.Sprintf("http://%s:10256/livez", c.Plan.Edge()),
	} {
		err := poll(ctx, 60*time.Second, func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return err
			}
			response, err := client.Do(request)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusOK {
				return errors.New(response.Status)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("waiting for the edge (%s): %w", url, err)
		}
	}
	return nil
}
