// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"regexp"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func ulimit(name ecsv1.UlimitName, soft, hard int64) ecsv1.Ulimit {
	return ecsv1.Ulimit{Name: name, SoftLimit: soft, HardLimit: hard}
}

func ulimits(all ...ecsv1.Ulimit) func(*containerDefinition) {
	return func(c *containerDefinition) { c.Ulimits = all }
}

func user(name string) func(*containerDefinition) {
	return func(c *containerDefinition) { c.User = name }
}

func capabilities(add, drop []string) func(*containerDefinition) {
	return func(c *containerDefinition) {
		if c.LinuxParameters == nil {
			c.LinuxParameters = &ecsv1.LinuxParameters{}
		}
		c.LinuxParameters.Capabilities = &ecsv1.KernelCapabilities{Add: add, Drop: drop}
	}
}

// Numbers of capabilities in /proc/PID/status (linux/capability.h).
const (
	capChown       = 0
	capKill        = 5
	capSetgid      = 6
	capSetuid      = 7
	capNetBind     = 10
	capNetAdmin    = 12
	capSysResource = 24
)

var _ = Describe("What a container may do", Ordered, ContinueOnFailure, func() {
	var ns string
	var s service
	var pod *corev1.Pod

	BeforeAll(func(ctx SpecContext) {
		ns = newNamespace(ctx)
		s = runTask(ctx, ns, "limits", ecsv1.TaskDefinitionFields{
			Cpu: "256", Memory: "512",
			ContainerDefinitions: []containerDefinition{
				probe("granted", "limits then status then sleep", ulimits(ulimit("nofile", 2222, 2222), ulimit("core", 0, 0), ulimit("nproc", 777, 888))),
				probe("granted-for-user", "limits then status then sleep", ulimits(ulimit("nofile", 2222, 2222)), user("probe"), checks("try write /x y"), notEssential),
				probe("named", "status then env then sleep", user("probe")),
				probe("named-with-group", "status then sleep", user("probe:helpers")),
				probe("numbered", "status then sleep", user("4321:4322")),
				probe("capable", "status then sleep", capabilities([]string{"NET_ADMIN"}, []string{"CHOWN"})),
				probe("incapable", "status then sleep", capabilities([]string{"NET_BIND_SERVICE"}, []string{"ALL"})),
				probe("init", "status then sleep", func(c *containerDefinition) {
					c.LinuxParameters = &ecsv1.LinuxParameters{InitProcessEnabled: new(true)}
				}),
				probe("sysctls", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/tcp_keepalive_time then sleep", func(c *containerDefinition) {
					c.SystemControls = []ecsv1.SystemControl{{Namespace: "net.ipv4.ip_unprivileged_port_start", Value: "80"}, {Namespace: "net.ipv4.tcp_keepalive_time", Value: "123"}}
				}),
			},
		})
		pod = s.running(ctx)
	}, NodeTimeout(time.Minute))

	// A program in Go raises its own soft limit of open files to the hard one, so that the two are the same here.
	It("is limited by its ulimits, as the command itself sees them", func(ctx SpecContext) {
		Expect(limitsIn(s.says(ctx, "granted", "Max open files"))).To(And(
			HaveKeyWithValue("open files", "2222 2222"), HaveKeyWithValue("core file size", "0 0"), HaveKeyWithValue("processes", "777 888")))
		Expect(limitsIn(s.says(ctx, "granted-for-user", "Max open files"))).To(HaveKeyWithValue("open files", "2222 2222"))
	}, SpecTimeout(time.Minute))

	It("may have ulimits above those of the node, and nothing of what the launcher needs for them", func(ctx SpecContext) {
		if machine != nil && !own("CapBnd")[capSysResource] {
			Skip("not run here: the machine itself lacks CAP_SYS_RESOURCE, so no container of it can have it")
		}
		raised := ulimits(ulimit("nofile", 600000, 600000), ulimit("memlock", -1, -1))
		above := runTask(ctx, ns, "above", ecsv1.TaskDefinitionFields{ContainerDefinitions: []containerDefinition{
			probe("root", "limits then status then sleep", raised, user("0")),
			probe("user", "limits then status then sleep", raised, user("probe"), checks("try write /x y")),
		}})
		for _, name := range []string{"root", "user"} {
			text := above.says(ctx, name, "CapEff")
			Expect(limitsIn(text)).To(And(HaveKeyWithValue("open files", "600000 600000"), HaveKeyWithValue("locked memory", "unlimited unlimited")))
			for _, set := range []string{"CapEff", "CapPrm", "CapBnd"} {
				Expect(capabilitiesIn(text, set)).NotTo(HaveKey(capSysResource), "%s of %s", set, name)
			}
		}
	}, SpecTimeout(time.Minute))

	DescribeTable("is what its user may", func(ctx SpecContext, name, uid, gid, groups string) {
		text := s.says(ctx, name, "CapEff")
		Expect(text).To(MatchRegexp(`(?m)^Uid:\t` + uid + `\t` + uid + `\t` + uid + `\t` + uid + `$`))
		Expect(text).To(MatchRegexp(`(?m)^Gid:\t` + gid + `\t` + gid + `\t` + gid + `\t` + gid + `$`))
		Expect(text).To(MatchRegexp(`(?m)^Groups:\t` + groups + ` *$`))
		Expect(capabilitiesIn(text, "CapEff")).To(BeEmpty())
	},
		Entry("by name, with its groups", "named", "1234", "1235", "(1235 )?1236", SpecTimeout(time.Minute)),
		Entry("by name, with limits of its own", "granted-for-user", "1234", "1235", "(1235 )?1236", SpecTimeout(time.Minute)),
		Entry("and group by name", "named-with-group", "1234", "1236", "(1236)?", SpecTimeout(time.Minute)),
		Entry("by number", "numbered", "4321", "4322", "(4322)?", SpecTimeout(time.Minute)),
	)

	It("has a home, where its user has one", func(ctx SpecContext) {
		s.says(ctx, "named", "HOME=/home/probe\n")
	}, SpecTimeout(time.Minute))

	It("has the capabilities that are added, without those that are dropped", func(ctx SpecContext) {
		effective := capabilitiesIn(s.says(ctx, "capable", "CapEff"), "CapEff")
		Expect(effective).To(And(HaveKey(capNetAdmin), HaveKey(capKill), HaveKey(capSetuid), HaveKey(capSetgid), Not(HaveKey(capChown))))
		Expect(capabilitiesIn(s.says(ctx, "incapable", "CapEff"), "CapEff")).To(Equal(map[int]bool{capNetBind: true}))
	}, SpecTimeout(time.Minute))

	It("has an init process where it asks for one, and is process 1 elsewhere", func(ctx SpecContext) {
		s.says(ctx, "init", "\nPPid:\t1\n")
		s.says(ctx, "granted", "\nPid:\t1\n")
	}, SpecTimeout(time.Minute))

	It("has the kernel's parameters of its task", func(ctx SpecContext) {
		s.says(ctx, "sysctls", "80\n123\n")
	}, SpecTimeout(time.Minute))

	It("is held to the size of its task", func(SpecContext) {
		needs("control groups that the test can read")
		Expect(pod.Spec.Resources).NotTo(BeNil())
		group := machine.groupOf(pod)
		Expect(group.memory()).To(BeEquivalentTo(512 << 20))
		Expect(group.cpus()).To(BeNumerically("~", 0.25, 0.001))
	}, SpecTimeout(time.Minute))
})

// limitsIn reads /proc/PID/limits: "open files" is "1024 524288", soft and hard.
func limitsIn(text string) map[string]string {
	out := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^Max (.+?) {2,}(\S+) +(\S+)`).FindAllStringSubmatch(text, -1) {
		out[line[1]] = line[2] + " " + line[3]
	}
	return out
}

// own is a set of capabilities of this process.
func own(set string) map[int]bool {
	GinkgoHelper()
	status, err := os.ReadFile("/proc/self/status")
	Expect(err).NotTo(HaveOccurred())
	return capabilitiesIn(string(status), set)
}

// capabilitiesIn reads a set of /proc/PID/status.
func capabilitiesIn(status, set string) map[int]bool {
	GinkgoHelper()
	found := regexp.MustCompile(`(?m)^` + set + `:\t([0-9a-f]+)$`).FindStringSubmatch(status)
	Expect(found).To(HaveLen(2), "%s in %s", set, status)
	bits, err := strconv.ParseUint(found[1], 16, 64)
	Expect(err).NotTo(HaveOccurred())
	out := map[int]bool{}
	for n := range 64 {
		if bits&(1<<n) != 0 {
			out[n] = true
		}
	}
	return out
}
