// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

const rate = 50 // requests a second

// update ships a new revision under load, draws what happens, and holds it against what the service promises.
func (d *demo) update(ctx context.Context) error {
	first, err := d.look(ctx)
	if err != nil {
		return err
	}
	old := first.tasks[0].revision

	var traffic *load.Run
	if d.containers {
		d.screen.say("Load: %d requests a second, each on a connection of its own.", rate)
		if traffic, err = load.Start(ctx, load.Options{URL: d.url(), Rate: rate, Class: versionOf}); err != nil {
			return err
		}
		defer traffic.Stop()
		if err := pause(ctx, 2*time.Second); err != nil { // a stretch of traffic before anything changes
			return err
		}
	}
	if err := d.ship(ctx); err != nil {
		return err
	}
	drawn := newTimeline(d.screen)
	_, err = d.until(ctx, 2*time.Minute, "the new revision to take over", func(s sight) bool {
		drawn.add(momentOf(s, old, traffic))
		_, others := s.running(old)
		return others > 0 && s.settled(3)
	})
	if err != nil {
		return err
	}
	if fewest := drawn.fewest(); fewest < 3 {
		return fmt.Errorf("for a moment %d tasks took traffic; minimumHealthyPercent 100 of 3 allows no fewer than 3", fewest)
	}
	if most := drawn.most(); most > 6 {
		return fmt.Errorf("for a moment %d tasks ran; maximumPercent 200 of 3 allows no more than 6", most)
	}
	d.screen.say("Never fewer than %d tasks took traffic, never more than %d ran: minimumHealthyPercent 100, maximumPercent 200.", drawn.fewest(), drawn.most())
	if traffic == nil {
		return nil
	}
	return d.judge(ctx, traffic)
}

// judge ends the load and looks at what it met.
func (d *demo) judge(ctx context.Context, traffic *load.Run) error {
	if err := pause(ctx, 2*time.Second); err != nil { // and one after
		return err
	}
	report := traffic.Stop()
	d.screen.say("%s", d.screen.paint(bold, report.String()))
	d.screen.say("%d answers from %s, then %d from %s", report.Classes[before], before, report.Classes[after], after)
	if failed := report.Failed(); failed > 0 {
		for _, f := range report.Samples {
			d.screen.say("  %6.1fs %s: %s", f.At.Seconds(), f.Kind, f.Err)
		}
		return fmt.Errorf("%d of %d requests failed", failed, report.Requests)
	}
	answers, err := ask(ctx, d.url(), 10)
	if err != nil {
		return err
	}
	for a := range answers {
		if versionOf([]byte(a)) != after {
			return fmt.Errorf("after the update %q still answers", a)
		}
	}
	return nil
}

// ship changes the task definition, as anyone would with a file.
func (d *demo) ship(ctx context.Context) error {
	const file = "config/samples/taskdefinition.yaml"
	d.screen.command(fmt.Sprintf("sed 's/value: %s/value: %s/' %s | kubectl apply -f -", before, after, file))
	manifest, err := os.ReadFile(filepath.Join(d.shell.root, file))
	if err != nil {
		return err
	}
	changed := strings.ReplaceAll(string(manifest), "value: "+before, "value: "+after)
	out, err := d.shell.output(ctx, changed, d.shell.localcluster(), "kubectl", "apply", "-f", "-")
	d.screen.block(out)
	return err
}

func momentOf(s sight, old string, traffic *load.Run) moment {
	m := moment{taking: s.taking, rollout: string(ecsv1.DeploymentRolloutStateInProgress)}
	m.old, m.next = s.running(old)
	for _, t := range s.tasks {
		if t.stopping {
			m.stopping++
		}
	}
	if state := s.primary().RolloutState; state != "" {
		m.rollout = string(state)
	}
	if traffic != nil {
		report := traffic.Snapshot()
		m.requests, m.failed = report.Requests, report.Failed()
	}
	return m
}

// ask sends a few requests, each on a connection of its own, and counts the answers.
func ask(ctx context.Context, url string, times int) (map[string]int, error) {
	answers := map[string]int{}
	direct := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for range times {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		resp, err := direct.Do(req)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s answered %s: %s", url, resp.Status, body)
		}
		answers[strings.TrimSpace(string(body))]++
	}
	return answers, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// versionOf is the version in an answer such as "version=v1 task=web-1-abc".
func versionOf(body []byte) string {
	for field := range strings.FieldsSeq(string(body)) {
		if version, ok := strings.CutPrefix(field, "version="); ok {
			return version
		}
	}
	return "unknown"
}
