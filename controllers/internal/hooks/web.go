// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/hooks"
)

// Options say how URLs are called.
type Options struct {
	// Denied are the networks that are never called; nil means DeniedNetworks.
	Denied []netip.Prefix
	// Timeout of one call; 0 means 15 minutes.
	Timeout   time.Duration
	UserAgent string
}

// connectTimeout is how long the way to an endpoint may take, and its TLS handshake.
const connectTimeout = 10 * time.Second

// DeniedNetworks are those that no hook has a reason to call: the operator's own machine, and where clouds hand out the machine's
// credentials. A name that leads there is no way around it, since the address counts that is connected to.
func DeniedNetworks() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
		"::/128", "::1/128", "fe80::/10", "ff00::/8",
		"fd00:ec2::/32",      // AWS
		"168.63.129.16/32",   // Azure
		"100.100.100.200/32", // Alibaba Cloud
		"192.0.0.192/32",     // Oracle Cloud
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// Deny adds a network, in the form 10.0.0.0/8, to those that are never called.
func (o *Options) Deny(cidr string) error {
	network, err := netip.ParsePrefix(cidr)
	if err != nil {
		return err
	}
	if o.Denied == nil {
		o.Denied = DeniedNetworks()
	}
	o.Denied = append(o.Denied, network)
	return nil
}

// web calls URLs.
type web struct {
	client  *http.Client
	timeout time.Duration
	agent   string
}

// errDenied is for an address that isn't called.
type errDenied netip.Addr

func (e errDenied) Error() string {
	return fmt.Sprintf("%s is an address that hooks may not call (the operator's flag --hook-denied-network)", netip.Addr(e))
}

func newWeb(o Options) web {
	denied := o.Denied
	if denied == nil {
		denied = DeniedNetworks()
	}
	dialer := &net.Dialer{Timeout: connectTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if isDenied(to.Addr(), denied) {
			return errDenied(to.Addr())
		}
		return nil
	}}
	return web{
		client: &http.Client{
			// No proxy: it would connect where we don't see it. No connection is used twice, so that none has gone stale.
			Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: connectTimeout, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout: cmp.Or(o.Timeout, mostTime),
		agent:   cmp.Or(o.UserAgent, "ecs-operator"),
	}
}

// nat64 is how IPv4 addresses are reached from networks that have only IPv6 (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func isDenied(addr netip.Addr, denied []netip.Prefix) bool {
	addr = addr.Unmap().WithZone("")
	if nat64.Contains(addr) {
		b := addr.As16()
		addr = netip.AddrFrom4([4]byte(b[12:]))
	}
	for _, network := range denied {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// call posts the event, and reads the answer. Why there is none is told without anything that the endpoint wrote.
func (w web) call(ctx context.Context, what hooks.Call) hooks.Answer {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, what.Target.URL, bytes.NewReader(what.Body))
	if err != nil {
		return hooks.Answer{Failure: "can't be called: " + plain(err)}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", w.agent)
	request.Header.Set("Idempotency-Key", what.IdempotencyKey)
	request.Header.Set("Ecs-Execution-Id", what.ExecutionID)
	response, err := w.client.Do(request)
	if err != nil {
		return w.failure(ctx, err)
	}
	defer response.Body.Close()
	switch code := response.StatusCode; {
	case code == http.StatusTooManyRequests || code == http.StatusBadGateway || code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout:
		return hooks.Answer{Unreached: true, Failure: fmt.Sprintf("HTTP status %d", code)}
	case code >= 300 && code < 400:
		return hooks.Answer{Failure: fmt.Sprintf("answered HTTP status %d; redirects aren't followed: name the URL that answers itself", code)}
	case code < 200 || code >= 300:
		return hooks.Answer{Failure: fmt.Sprintf("answered HTTP status %d", code)}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, hooks.MostAnswer+1))
	if err != nil {
		return w.failure(ctx, err)
	}
	return hooks.Answer{Body: body}
}

// failure tells a call that reached nobody, which may be repeated, from one that failed.
func (w web) failure(ctx context.Context, err error) hooks.Answer {
	var denied errDenied
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return hooks.Answer{Failure: fmt.Sprintf("gave no answer within %s", w.timeout)}
	case errors.As(err, &denied):
		return hooks.Answer{Failure: "isn't called: " + denied.Error()}
	}
	return hooks.Answer{Unreached: true, Failure: plain(err)}
}

// plain is an error without the URL, which is told already.
func plain(err error) string {
	if of, ok := errors.AsType[*url.Error](err); ok {
		return of.Err.Error()
	}
	return err.Error()
}
