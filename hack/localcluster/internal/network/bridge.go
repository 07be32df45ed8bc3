// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package network is a cluster's network as the machine sees it: one bridge, a cable to each house, routes to pods and services,
// and a few firewall rules, all named after the cluster's index so that they can be found again and removed.
package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
)

// BridgeName of the cluster with the given index. Interface names have at most 15 characters.
func BridgeName(index int) string { return fmt.Sprintf("lc%dbr", index) }

// EdgePort is the machine's end of the cable to the edge.
func EdgePort(index int) string { return fmt.Sprintf("lc%de", index) }

// NodePort is the machine's end of the cable to a node.
func NodePort(index, node int) string { return fmt.Sprintf("lc%dn%d", index, node) }

// Taken lists the networks that the machine has addresses in or routes to.
func Taken() ([]netip.Prefix, error) {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, fmt.Errorf("listing routes: %w", err)
	}
	addrs, err := netlink.AddrList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, fmt.Errorf("listing addresses: %w", err)
	}
	var taken []netip.Prefix
	for _, r := range routes {
		if r.Dst != nil {
			taken = append(taken, prefix(r.Dst))
		}
	}
	for _, a := range addrs {
		taken = append(taken, prefix(a.IPNet).Masked())
	}
	return taken, nil
}

func prefix(n *net.IPNet) netip.Prefix {
	addr, _ := netip.AddrFromSlice(n.IP.To4())
	bits, _ := n.Mask.Size()
	return netip.PrefixFrom(addr, bits)
}

func ipNet(addr netip.Addr, bits int) *net.IPNet {
	return &net.IPNet{IP: addr.AsSlice(), Mask: net.CIDRMask(bits, 32)}
}

// MTU is that of the default route, so that pulls from outside need no fragmentation.
func MTU() int {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return 1500
	}
	for _, r := range routes {
		if r.Dst != nil && prefix(r.Dst).Bits() != 0 {
			continue
		}
		if link, err := netlink.LinkByIndex(r.LinkIndex); err == nil {
			return link.Attrs().MTU
		}
	}
	return 1500
}

// EnsureBridge makes the bridge with the machine's address on it and the routes that lead to pods and services.
func EnsureBridge(p address.Plan) error {
	name := BridgeName(p.Index)
	if _, err := netlink.LinkByName(name); err != nil {
		// A bridge without a hardware address of its own takes one from its ports, and another one when ports come.
		bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name, MTU: MTU(), HardwareAddr: hardware(p.Host())}}
		if err := netlink.LinkAdd(bridge); err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("making bridge %s: %w", name, err)
		}
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("finding bridge %s: %w", name, err)
	}
	if err := netlink.AddrReplace(link, &netlink.Addr{IPNet: ipNet(p.Host(), p.Links().Bits())}); err != nil {
		return fmt.Errorf("giving %s its address: %w", name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bringing %s up: %w", name, err)
	}
	// Answers to connections from 127.0.0.1 to node ports come in here.
	if err := os.WriteFile("/proc/sys/net/ipv4/conf/"+name+"/route_localnet", []byte("1"), 0o644); err != nil {
		return fmt.Errorf("letting %s carry node port traffic: %w", name, err)
	}
	return addRoutes(link, p)
}

func addRoutes(link netlink.Link, p address.Plan) error {
	routes := map[netip.Prefix]netip.Addr{p.Services(): p.Edge()}
	for n := 1; n <= address.MaxRealNodes; n++ {
		routes[p.Pods(n)] = p.Node(n)
	}
	for to, via := range routes {
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(to.Addr(), to.Bits()), Gw: via.AsSlice()}
		if err := netlink.RouteReplace(route); err != nil {
			return fmt.Errorf("routing %s by %s: %w", to, via, err)
		}
	}
	return nil
}

// hardware derives the hardware address from the network address. Whoever has a network address, before a restart or after it,
// has the same hardware address: neighbours that remember one would go on sending to the old one for half a minute.
func hardware(addr netip.Addr) net.HardwareAddr {
	a := addr.As4()
	return net.HardwareAddr{0x02, 0xec, a[0], a[1], a[2], a[3]}
}

// Plug lays a cable from the bridge into the network namespace of a process, where its end is called inside.
// The cable goes when the namespace does.
func Plug(bridge, port string, pid int, inside string, addr netip.Addr) error {
	if old, err := netlink.LinkByName(port); err == nil {
		if err := netlink.LinkDel(old); err != nil {
			return fmt.Errorf("removing the old cable %s: %w", port, err)
		}
	}
	master, err := netlink.LinkByName(bridge)
	if err != nil {
		return fmt.Errorf("finding bridge %s: %w", bridge, err)
	}
	cable := &netlink.Veth{
		LinkAttrs:        netlink.LinkAttrs{Name: port, MasterIndex: master.Attrs().Index, MTU: master.Attrs().MTU},
		PeerName:         inside,
		PeerNamespace:    netlink.NsPid(pid),
		PeerHardwareAddr: hardware(addr),
	}
	if err := netlink.LinkAdd(cable); err != nil {
		return fmt.Errorf("laying cable %s: %w", port, err)
	}
	if err := netlink.LinkSetUp(cable); err != nil {
		return fmt.Errorf("bringing %s up: %w", port, err)
	}
	return nil
}

// RemoveLinks deletes the bridge and every cable of the cluster with the given index.
func RemoveLinks(index int) error {
	names := []string{BridgeName(index), EdgePort(index)}
	for n := 1; n <= address.MaxRealNodes; n++ {
		names = append(names, NodePort(index, n))
	}
	for _, name := range names {
		link, err := netlink.LinkByName(name)
		if err != nil {
			continue
		}
		if err := netlink.LinkDel(link); err != nil && !errors.Is(err, unix.ENODEV) {
			return fmt.Errorf("removing %s: %w", name, err)
		}
	}
	return nil
}

// Plugged says whether a cable hangs on the bridge.
func Plugged(bridge, port string) bool {
	master, err := netlink.LinkByName(bridge)
	if err != nil {
		return false
	}
	cable, err := netlink.LinkByName(port)
	return err == nil && cable.Attrs().MasterIndex == master.Attrs().Index
}

// Switch turns a cable on or off at the machine's end: a network partition.
func Switch(port string, on bool) error {
	cable, err := netlink.LinkByName(port)
	if err != nil {
		return fmt.Errorf("finding cable %s: %w", port, err)
	}
	set := netlink.LinkSetDown
	if on {
		set = netlink.LinkSetUp
	}
	if err := set(cable); err != nil {
		return fmt.Errorf("switching cable %s: %w", port, err)
	}
	return nil
}

// Possible says whether this process may make bridges at all; in many containers root may not.
func Possible() error {
	probe := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: fmt.Sprintf("lcp%d", os.Getpid()%1000000)}}
	if err := netlink.LinkAdd(probe); err != nil {
		return fmt.Errorf("making a bridge: %w", err)
	}
	if err := netlink.LinkDel(probe); err != nil {
		return fmt.Errorf("removing a bridge: %w", err)
	}
	return nil
}
