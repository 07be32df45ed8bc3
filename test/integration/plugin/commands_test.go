// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

var _ = Describe("kubectl ecs instances", func() {
	It("lists what there is, for an observer", func() {
		s := ecs(observer, "instances")
		Expect(s.code).To(Equal(0), s.err)
		Expect(strings.Split(s.out, "\n")[1]).To(MatchRegexp(`^node-1 +shop +ACTIVE +true +zone-a +m5.xlarge +\d+/4096 +6144/8192`))
	})
	It("filters by attributes and by task groups", func() {
		Expect(ecs(observer, "instances", "-o", "name", "--filter", "attribute:ecs.availability-zone in [zone-b, zone-c]").out).To(
			Equal("containerinstance.ecs.pods.dev/node-2\ncontainerinstance.ecs.pods.dev/node-3\n"))
		Expect(ecs(observer, "instances", "-o", "name", "--filter", "not(task:group == service:web)").out).To(Equal("containerinstance.ecs.pods.dev/node-3\n"))
	})
	It("says why there is nothing", func() {
		s := ecs(observer, "instances", "--filter", "attribute:stack == prod")
		Expect(s).To(Equal(said{err: "no container instance meets the filter. Of 3 it excludes:\n  3 by attribute:stack == prod\n"}))
		Expect(ecs(observer, "instances", "--cluster", "shops")).To(Equal(said{err: "error: there is no cluster shops; there are shop\n", code: 1}))
		Expect(ecs(observer, "instances", "node-9").err).To(ContainSubstring("there is no container instance node-9"))
	})
	It("prints objects that can be applied", func() {
		list := struct{ Items []ecsv1.ContainerInstance }{}
		Expect(json.Unmarshal([]byte(ecs(observer, "instances", "node-2", "-o", "json").out), &list)).To(Succeed())
		Expect(list.Items).To(HaveLen(1))
		Expect(list.Items[0].Kind).To(Equal("ContainerInstance"))
		Expect(list.Items[0].Name).To(Equal("node-2"))
	})
	It("tells who may not, what to ask for", func() {
		s := ecs(stranger, "instances")
		Expect(s.code).To(Equal(1))
		Expect(s.err).To(SatisfyAll(ContainSubstring(`User "stranger" cannot list resource "containerinstances"`), ContainSubstring("ecs-operator-observer")))
		Expect(ecs(developer, "instances").code).To(Equal(0))
		Expect(ecs(developer, "instances", "--filter", "task:group == service:web").err).To(ContainSubstring(`cannot list resource "pods"`))
	})
})

var _ = Describe("kubectl ecs map", func() {
	It("draws the cluster for an observer", func() {
		s := ecs(observer, "map")
		Expect(s.code).To(Equal(0), s.err)
		Expect(s.out).To(SatisfyAll(
			ContainSubstring("shop  3 instances"), ContainSubstring("+ node-1 ---"), ContainSubstring("|w-----..."), ContainSubstring("|w-----------...")))
	})
	It("draws what a developer of one namespace may see, and says that it isn't all", func() {
		s := ecs(developer, "map", "-n", namespace)
		Expect(s.code).To(Equal(0), s.err)
		Expect(s.out).To(SatisfyAll(ContainSubstring("|w-----..."), ContainSubstring("Only tasks of namespace store are drawn")))
		elsewhere := ecs(developer, "map", "-n", "default")
		Expect(elsewhere.out).To(SatisfyAll(ContainSubstring("|######..."), ContainSubstring("No tasks are drawn")))
	})
	It("refuses what isn't there", func() {
		Expect(ecs(observer, "map", "--cluster", "shops").err).To(Equal("error: there is no cluster shops; there are shop\n"))
		Expect(ecs(observer, "map", "--service", "wep").err).To(Equal("error: there is no service wep in cluster shop\n"))
		Expect(ecs(stranger, "map").err).To(ContainSubstring("ecs-operator-observer"))
	})
})

const manifest = `apiVersion: ecs.pods.dev/v1alpha1
kind: TaskDefinition
metadata: {name: large}
spec:
  containerDefinitions: [{name: app, image: large, cpu: 128, memory: 5000}]
---
apiVersion: ecs.pods.dev/v1alpha1
kind: Service
metadata: {name: large}
spec:
  cluster: shop
  taskDefinition: large
  desiredCount: 3
  placementStrategy: [{type: binpack, field: memory}]
---
apiVersion: ecs.pods.dev/v1alpha1
kind: Task
metadata: {name: again}
spec: {cluster: shop, taskDefinition: web, containerInstances: [node-3]}
`

var _ = Describe("kubectl ecs place", func() {
	file := func(text string) string {
		name := filepath.Join(GinkgoT().TempDir(), "m.yaml")
		Expect(os.WriteFile(name, []byte(text), 0o600)).To(Succeed())
		return name
	}
	It("tells where tasks would go and why not elsewhere, and writes nothing", func(ctx SpecContext) {
		before := versions(ctx)
		s := ecs(observer, "place", "--dry-run", "-n", namespace, "-f", file(manifest), "-o", "json")
		Expect(s.code).To(Equal(4), s.err)
		answer := struct {
			Placements []struct {
				Mechanism string
				Tasks     []struct{ Instance, Why string }
			}
		}{}
		Expect(json.Unmarshal([]byte(s.out), &answer)).To(Succeed())
		large, again := answer.Placements[0], answer.Placements[1]
		Expect(large.Mechanism).To(Equal("Engine"))
		Expect(large.Tasks[0].Instance).To(Equal("node-1"), "6144 MiB are left there, and 8192 on node-3: %s", s.out)
		Expect(large.Tasks[1].Instance).To(Equal("node-3"))
		Expect(large.Tasks[2].Why).To(ContainSubstring("(service large) was unable to place a task because no container instance met all of its requirements."))
		Expect(again.Mechanism).To(Equal("StartTask"))
		Expect(again.Tasks[0].Instance).To(Equal("node-3"))
		Expect(versions(ctx)).To(Equal(before), "and an observer has no right to write anything")
	})
	It("refuses what the operator would refuse", func() {
		refused := func(from, to string) string {
			s := ecs(observer, "place", "--dry-run", "-n", namespace, "-f", file(strings.ReplaceAll(manifest, from, to)))
			Expect(s.code).To(Equal(4))
			return s.err
		}
		Expect(refused("cluster: shop\n", "cluster: shops\n")).To(ContainSubstring(`ClusterNotFoundException: Cluster not found. spec.cluster: there is no Cluster "shops"`))
		Expect(refused("taskDefinition: large", "taskDefinition: larger")).To(ContainSubstring("spec.taskDefinition: there is no larger in namespace store"))
		Expect(refused("[node-3]", "[node-4]")).To(ContainSubstring("cluster shop has no container instance node-4"))
		Expect(refused("type: binpack", "type: bin")).To(MatchRegexp(`m.yaml:14:\d+: spec.placementStrategy\[0\].type`))
	})
	It("needs to see all pods", func() {
		Expect(ecs(developer, "place", "--dry-run", "-n", namespace, "-f", file(manifest)).err).To(ContainSubstring("ecs-operator-observer"))
	})
})

// versions are all objects with their generations. What the operator says in their status meanwhile doesn't count.
func versions(ctx context.Context) map[string]int64 {
	GinkgoHelper()
	out := map[string]int64{}
	for _, list := range []client.ObjectList{
		&ecsv1.ServiceList{}, &ecsv1.TaskDefinitionList{}, &ecsv1.TaskDefinitionRevisionList{}, &ecsv1.TaskList{}, &ecsv1.ContainerInstanceList{},
		&ecsv1.ClusterList{}, &corev1.PodList{}, &corev1.NodeList{},
	} {
		Expect(admin.List(ctx, list)).To(Succeed())
		items, err := meta.ExtractList(list)
		Expect(err).NotTo(HaveOccurred())
		for _, item := range items {
			o, err := meta.Accessor(item)
			Expect(err).NotTo(HaveOccurred())
			out[fmt.Sprintf("%T %s", item, o.GetName())] = o.GetGeneration()
		}
	}
	return out
}

var _ = Describe("Completion", func() {
	It("completes names that there are", func() {
		for words, want := range map[string]string{
			"map --cluster ":        "shop\n",
			"map --service ":        "web\n",
			"map --by ":             "cpu\nmemory\n",
			"instances node-2 node": "node-1\nnode-3\n",
			"instances --status D":  "DRAINING\n",
		} {
			var out, err bytes.Buffer
			args := append([]string{"__complete"}, strings.Fields(words)[0], "--kubeconfig", observer)
			args = append(args, strings.Split(words, " ")[1:]...)
			plugin.Run(cli.Streams{In: strings.NewReader(""), Out: &out, Err: &err}, "test", args)
			Expect(out.String()).To(ContainSubstring(want), words)
		}
	})
})

var _ = Describe("A cluster without the operator", func() {
	It("is told of", func() {
		bare := &envtest.Environment{}
		config, err := bare.Start()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() error { return bare.Stop() })
		kubeconfig := api.NewConfig()
		kubeconfig.Clusters["bare"] = &api.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
		kubeconfig.AuthInfos["admin"] = &api.AuthInfo{ClientCertificateData: config.CertData, ClientKeyData: config.KeyData}
		kubeconfig.Contexts["bare"] = &api.Context{Cluster: "bare", AuthInfo: "admin"}
		kubeconfig.CurrentContext = "bare"
		file := filepath.Join(GinkgoT().TempDir(), "bare")
		Expect(clientcmd.WriteToFile(*kubeconfig, file)).To(Succeed())
		for _, command := range []string{"map", "instances"} {
			s := ecs(file, command)
			Expect(s.code).To(Equal(1))
			Expect(s.err).To(ContainSubstring("the operator isn't installed here"))
		}
	})
})
