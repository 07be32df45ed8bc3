// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// What a pod takes of name servers and search domains (Kubernetes: "Pod's DNS Config").
const (
	maxNameServers   = 3
	maxSearchDomains = 32
)

const loopback = "127.0.0.1"

// mapHosts writes links and extraHosts into /etc/hosts, which a pod has one of. What a link points at listens on the same address as the
// container itself. The lines of one address are put together: a pod's list is keyed by address.
func mapHosts(t *translation, out *corev1.PodTemplateSpec) {
	owner := map[string]string{} // host name -> address
	for i := range t.task.Containers {
		for j, text := range t.definition(i).Links {
			name, alias, _ := strings.Cut(text, ":")
			for _, host := range []string{alias, name} {
				t.addHost(out, owner, container(i, fmt.Sprintf("links[%d]", j)), host, loopback)
			}
		}
		for j, h := range t.definition(i).ExtraHosts {
			t.addHost(out, owner, container(i, fmt.Sprintf("extraHosts[%d]", j)), h.Hostname, h.IpAddress)
		}
	}
}

func (t *translation) addHost(out *corev1.PodTemplateSpec, owner map[string]string, path, host, address string) {
	lower := strings.ToLower(host)
	if host == "" {
		return
	}
	if _, err := netip.ParseAddr(address); err != nil {
		t.warn(path, NoEffect, "%q is not an IP address, and a pod's /etc/hosts takes no other; give the address", address)
		return
	}
	if problems := validation.IsDNS1123Subdomain(lower); len(problems) > 0 {
		t.warn(path, NoEffect, "a pod's /etc/hosts doesn't take the name %q: letters, digits, - and . only. Use another name, or %s", host, address)
		return
	}
	if other, taken := owner[lower]; taken {
		if other != address {
			t.warn(path, Approximated, "%s is %s for another container of this task, and a pod has one /etc/hosts: it stays %s", host, other, other)
		}
		return
	}
	owner[lower] = address
	at := slices.IndexFunc(out.Spec.HostAliases, func(a corev1.HostAlias) bool { return a.IP == address })
	if at < 0 {
		out.Spec.HostAliases = append(out.Spec.HostAliases, corev1.HostAlias{IP: address})
		at = len(out.Spec.HostAliases) - 1
	}
	out.Spec.HostAliases[at].Hostnames = append(out.Spec.HostAliases[at].Hostnames, lower)
}

// mapDNS: name servers that are given replace the others, as in Docker; search domains come after the cluster's, or alone where name servers
// are given. A pod has one list for all its containers: what they give is put together in the order of the containers.
func mapDNS(t *translation, out *corev1.PodTemplateSpec) {
	servers := t.union("dnsServers", func(i int) []string { return t.definition(i).DnsServers }, func(s string) bool {
		_, err := netip.ParseAddr(s)
		return err == nil
	})
	searches := t.union("dnsSearchDomains", func(i int) []string { return t.definition(i).DnsSearchDomains }, func(s string) bool {
		return len(validation.IsDNS1123Subdomain(strings.TrimSuffix(s, "."))) == 0
	})
	if more := len(servers) - maxNameServers; more > 0 {
		t.warn("containerDefinitions[].dnsServers", Approximated, "a pod has at most %d name servers: %s are left out", maxNameServers, strings.Join(servers[maxNameServers:], ", "))
		servers = servers[:maxNameServers]
	}
	if more := len(searches) - maxSearchDomains; more > 0 {
		t.warn("containerDefinitions[].dnsSearchDomains", Approximated, "a pod has at most %d search domains: the last %d are left out", maxSearchDomains, more)
		searches = searches[:maxSearchDomains]
	}
	if len(servers)+len(searches) == 0 {
		return
	}
	out.Spec.DNSConfig = &corev1.PodDNSConfig{Nameservers: servers, Searches: searches}
	if len(servers) > 0 {
		out.Spec.DNSPolicy = corev1.DNSNone
		return
	}
	t.warn("containerDefinitions[].dnsSearchDomains", Approximated, "names are looked for in the cluster's own domains first; give dnsServers too for these domains alone")
}

// union of what the containers give, each entry once, without those that a pod doesn't take.
func (t *translation) union(field string, of func(i int) []string, good func(string) bool) []string {
	var out []string
	var first []string
	for i := range t.task.Containers {
		given := of(i)
		if i == 0 {
			first = given
		} else if !slices.Equal(first, given) {
			t.warn(container(i, field), Approximated, "the containers of a pod share one resolver: what each gives holds for all of them")
		}
		for _, one := range given {
			switch {
			case slices.Contains(out, one):
			case good(one):
				out = append(out, one)
			default:
				t.warn(container(i, field), NoEffect, "a pod's resolver doesn't take %q; it is left out", one)
			}
		}
	}
	return out
}

// mapHostname: a pod has one host name, a single DNS label. The first container that gives one has the say. With networkMode host it is
// the node's.
func mapHostname(t *translation, out *corev1.PodTemplateSpec) {
	first := ""
	for i, c := range t.task.Containers {
		given := t.definition(i).Hostname
		switch {
		case given == "" || given == first:
		case t.task.NetworkMode == taskdef.Host:
			t.warn(container(i, "hostname"), NoEffect, "with networkMode host a task has the host name of its node")
		case first != "":
			t.warn(container(i, "hostname"), Approximated, "a pod has one host name: container %s has %s as well, not %s", c.Name, first, given)
		default:
			first = given
			short, _, _ := strings.Cut(given, ".")
			out.Spec.Hostname = label(short)
			if out.Spec.Hostname != given {
				t.warn(container(i, "hostname"), Approximated, "a pod's host name is one DNS label in lower case: it is %s, not %s", out.Spec.Hostname, given)
			}
		}
	}
}
