// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package live draws a picture anew whenever what it shows changes, until somebody ends it.
package live

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

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

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

// Picture is what is drawn.
type Picture struct {
	cli.Streams
	Kubernetes *connect.Kubernetes
	// Kinds are what it is made of.
	Kinds []Kind
	// Canvas is what there is room for, now: windows change.
	Canvas func() view.Canvas
	// Draw makes the picture of what reads as it is now. trouble is why that may be out of date, "" where it isn't.
	Draw func(ctx context.Context, from client.Reader, trouble string) (string, error)
	// Ticks: it shows times, and is drawn each second, too.
	Ticks bool
}

// Kind is a kind of objects, of a namespace where one is named.
type Kind struct {
	Object    client.Object
	Namespace string
	Fields    fields.Selector
}

// Show draws until somebody ends it.
func (p Picture) Show(ctx context.Context) (err error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := &watching{changed: make(chan struct{}, 1), now: p.Time}
	reader, err := w.start(ctx, p)
	if err != nil {
		return p.Kubernetes.Explain(err)
	}
	s, err := screen.Open(p.In, p.Out)
	if err != nil {
		return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("taking the terminal over: %w", err)}
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return p.redraw(ctx, s, w, reader)
}

// redraw draws at once, and then whenever something has changed.
func (p Picture) redraw(ctx context.Context, s *screen.Screen, w *watching, reader client.Reader) error {
	ticks := time.NewTicker(glance)
	defer ticks.Stop()
	var due <-chan time.Time
	size := p.Canvas()
	draw, last := true, p.Time()
	for {
		if draw {
			if err := p.show(ctx, s, w, reader); err != nil {
				return err
			}
			draw, last = false, p.Time()
		}
		select {
		case <-ctx.Done():
			return nil
		case key, open := <-s.Keys():
			if !open || screen.Ends(key) {
				return nil
			}
		case <-w.changed:
			due = soon(due)
		case <-due:
			due, draw = nil, true
		case <-ticks.C:
			if now := p.Canvas(); now != size {
				size, draw = now, true
				s.Forget()
			}
			draw = draw || w.passed() || p.Ticks && p.Time().Sub(last) >= time.Second
		}
	}
}

// soon is when a change is drawn: with those that come right after it.
func soon(due <-chan time.Time) <-chan time.Time {
	if due == nil {
		return time.After(settle)
	}
	return due
}

func (p Picture) show(ctx context.Context, s *screen.Screen, w *watching, reader client.Reader) error {
	picture, err := p.Draw(ctx, reader, w.trouble())
	if err == nil {
		err = s.Show(picture)
	}
	if err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	return nil
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
func (w *watching) start(ctx context.Context, p Picture) (client.Reader, error) {
	config := rest.CopyConfig(p.Kubernetes.Config)
	config.Timeout = 0 // a watch is a request without end
	by := map[client.Object]cache.ByObject{}
	for _, k := range p.Kinds {
		by[k.Object] = k.where()
	}
	c, err := cache.New(config, cache.Options{
		Scheme:                   connect.Scheme(),
		ByObject:                 by,
		DefaultTransform:         cache.TransformStripManagedFields(),
		DefaultWatchErrorHandler: func(_ context.Context, _ *toolscache.Reflector, err error) { w.fail(err) },
	})
	if err != nil {
		return nil, err
	}
	for _, k := range p.Kinds {
		informer, err := c.GetInformer(ctx, k.Object)
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

func (k Kind) where() cache.ByObject {
	out := cache.ByObject{Field: k.Fields}
	if k.Namespace != "" {
		out.Namespaces = map[string]cache.Config{k.Namespace: {}}
	}
	return out
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
