// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package worldmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/screen"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

const (
	// settle is how long changes are collected before they are drawn: deployments make many at once.
	settle = 100 * time.Millisecond
	// glance is how often the size of the window is looked at. Not every system has a signal for it.
	glance = 250 * time.Millisecond
	// troubled is how long a failed watch is told of. Watches are tried again within half of it.
	troubled = time.Minute
)

// live draws until somebody ends it.
func (o *options) live(ctx context.Context, look *looking) (err error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := &watching{changed: make(chan struct{}, 1), now: o.Time}
	reader, err := w.start(ctx, look)
	if err != nil {
		return look.kubernetes.Explain(err)
	}
	s, err := screen.Open(o.In, o.Out)
	if err != nil {
		return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("taking the terminal over: %w", err)}
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return o.redraw(ctx, s, w, func() (view.World, error) { return look.read(ctx, reader) }, look.note())
}

// redraw draws at once, and then whenever something has changed.
func (o *options) redraw(ctx context.Context, s *screen.Screen, w *watching, read func() (view.World, error), note string) error {
	ticks := time.NewTicker(glance)
	defer ticks.Stop()
	var due <-chan time.Time
	size := o.canvas()
	draw := true
	for {
		if draw {
			if err := o.show(s, w, read, note); err != nil {
				return err
			}
			draw = false
		}
		select {
		case <-ctx.Done():
			return nil
		case key, open := <-s.Keys():
			if !open || screen.Ends(key) {
				return nil
			}
		case <-w.changed:
			if due == nil {
				due = time.After(settle)
			}
		case <-due:
			due, draw = nil, true
		case <-ticks.C:
			if now := o.canvas(); now != size {
				size, draw = now, true
				s.Forget()
			}
			draw = draw || w.passed()
		}
	}
}

func (o *options) show(s *screen.Screen, w *watching, read func() (view.World, error), note string) error {
	world, err := read()
	if err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	c := o.canvas()
	c.Fixed = true
	return s.Show(view.Live(world, o.wish(), []string{note, w.trouble()}, c))
}

// watching hears of changes, and of watches that fail.
type watching struct {
	changed chan struct{}
	now     func() time.Time

	mu     sync.Mutex
	failed error
	at     time.Time
}

// start fills a cache and keeps it filled.
func (w *watching) start(ctx context.Context, look *looking) (client.Reader, error) {
	config := rest.CopyConfig(look.kubernetes.Config)
	config.Timeout = 0 // a watch is a request without end
	c, err := cache.New(config, cache.Options{
		Scheme:                   connect.Scheme(),
		ByObject:                 map[client.Object]cache.ByObject{&corev1.Pod{}: in(look.pods), &ecsv1.Service{}: in(look.services)},
		DefaultTransform:         cache.TransformStripManagedFields(),
		DefaultWatchErrorHandler: func(_ context.Context, _ *toolscache.Reflector, err error) { w.fail(err) },
	})
	if err != nil {
		return nil, err
	}
	for kind, where := range map[client.Object]place{
		&ecsv1.Cluster{}: {}, &ecsv1.ContainerInstance{}: {}, &ecsv1.Service{}: look.services, &corev1.Pod{}: look.pods,
	} {
		if where.hidden {
			continue
		}
		informer, err := c.GetInformer(ctx, kind)
		if err != nil {
			return nil, err
		}
		if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc: func(any) { w.change() }, UpdateFunc: func(any, any) { w.change() }, DeleteFunc: func(any) { w.change() },
		}); err != nil {
			return nil, err
		}
	}
	go func() {
		if err := c.Start(ctx); err != nil {
			w.fail(err)
		}
	}()
	if !c.WaitForCacheSync(ctx) {
		return nil, errors.Join(errors.New("nothing is watched"), ctx.Err())
	}
	return c, nil
}

func in(p place) cache.ByObject {
	if p.namespace == "" {
		return cache.ByObject{}
	}
	return cache.ByObject{Namespaces: map[string]cache.Config{p.namespace: {}}}
}

func (w *watching) change() {
	select {
	case w.changed <- struct{}{}:
	default: // there is a change to be drawn already
	}
}

// fail remembers why a watch ended. That it ends after a while, and begins again, is nothing to tell.
func (w *watching) fail(err error) {
	if errors.Is(err, io.EOF) || apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
		return
	}
	w.mu.Lock()
	w.failed, w.at = err, w.now()
	w.mu.Unlock()
	w.change()
}

// trouble is why what is shown may be out of date.
func (w *watching) trouble() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		return ""
	}
	return fmt.Sprintf("The picture may be out of date since %s: %s", w.at.Format(time.TimeOnly), w.failed)
}

// passed forgets a failure after which nothing has failed for a while.
func (w *watching) passed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil || w.now().Sub(w.at) < troubled {
		return false
	}
	w.failed = nil
	return true
}
