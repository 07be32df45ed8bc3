// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Link is the name of the house's end of its cable.
const Link = "eth0"

// connect waits until the cable is plugged in from outside, then gives it its address and routes.
func connect(spec Spec) error {
	if err := bringUp("lo"); err != nil {
		return err
	}
	link, err := awaitLink(30 * time.Second)
	if err != nil {
		return err
	}
	addr := &netlink.Addr{IPNet: ipNet(spec.Address)}
	if err := netlink.AddrReplace(link, addr); err != nil {
		return fmt.Errorf("giving %s the address %s: %w", Link, spec.Address, err)
	}
	if err := netlink.LinkSetMTU(link, spec.MTU); err != nil {
		return fmt.Errorf("setting the MTU of %s: %w", Link, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bringing %s up: %w", Link, err)
	}
	routes := append([]Route{{To: netip.MustParsePrefix("0.0.0.0/0"), Via: spec.Gateway}}, spec.Routes...)
	for _, r := range routes {
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(r.To), Gw: r.Via.AsSlice()}
		if err := netlink.RouteReplace(route); err != nil {
			return fmt.Errorf("routing %s by %s: %w", r.To, r.Via, err)
		}
	}
	return nil
}

func awaitLink(limit time.Duration) (netlink.Link, error) {
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		link, err := netlink.LinkByName(Link)
		if err == nil {
			return link, nil
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("no %s after %s: %w", Link, limit, err)
		}
	}
}

func bringUp(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("finding %s: %w", name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("bringing %s up: %w", name, err)
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), 32)}
}
