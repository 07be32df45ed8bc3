// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plugin runs kubectl ecs against a real apiserver, as people with different rights. The operator runs beside it; pods are put on nodes
// by hand.
package plugin

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

const (
	cluster   = "shop"
	namespace = "store"
)

var (
	env   *testkit.Environment
	admin client.Client
	// kubeconfigs of people: an observer, who may only get, list and watch; a developer, who sees pods of one namespace; a deployer, who answers
	// deployments there; one who runs the platform; and somebody without rights.
	observer, developer, deployer, platform, stranger string
)

func TestPlugin(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(30 * time.Second)
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	RunSpecs(t, "Plugin Suite")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	log.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))
	var err error
	env, err = testkit.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() error { return env.Stop() })
	admin = env.Admin
	operator, err := env.StartOperator(ctx, &testkit.Clock{}, &testkit.Record{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() error { return operator.Stop() })

	Expect(admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
	Expect(env.UserRoles(ctx)).To(Succeed())
	folder := GinkgoT().TempDir()
	user := func(name string, everywhere, there []string) string {
		config, err := env.User(ctx, name, everywhere, namespace, there)
		Expect(err).NotTo(HaveOccurred())
		file := filepath.Join(folder, name)
		Expect(os.WriteFile(file, config, 0o600)).To(Succeed())
		return file
	}
	observer = user("observer", []string{connect.Role}, nil)
	developer = user("developer", []string{"ecs-operator-clusters-view"}, []string{connect.Role})
	deployer = user("deployer", nil, []string{"ecs-operator-deployer"})
	platform = user("platform", []string{"ecs-operator-platform"}, nil)
	stranger = user("stranger", nil, nil)
	furnish(ctx)
})

// furnish makes a cluster of three instances in three zones, with a service and its tasks.
func furnish(ctx context.Context) {
	GinkgoHelper()
	Expect(admin.Create(ctx, testkit.Cluster(cluster))).To(Succeed())
	for i, name := range []string{"node-1", "node-2", "node-3"} {
		node := testkit.Node(name, cluster, func(n *corev1.Node) { n.Labels[corev1.LabelTopologyZone] = "zone-" + string(rune('a'+i)) })
		status := node.Status
		Expect(admin.Create(ctx, node)).To(Succeed())
		bare := node.DeepCopy()
		node.Status = status
		Expect(admin.Status().Patch(ctx, node, client.MergeFrom(bare))).To(Succeed())
		tainted := node.DeepCopy() // by the apiserver, until a node controller sees that it is ready: there is none here
		node.Spec.Taints = nil
		Expect(admin.Patch(ctx, node, client.MergeFrom(tainted))).To(Succeed())
	}
	Expect(admin.Create(ctx, testkit.TaskDefinition(namespace, "web"))).To(Succeed())
	Expect(admin.Create(ctx, testkit.Service(namespace, "web", cluster, "web", 0))).To(Succeed())
	put(ctx, "web-1", "node-1", 2048)
	put(ctx, "web-2", "node-2", 4096)
	Eventually(func(g Gomega) {
		list := &ecsv1.ContainerInstanceList{}
		g.Expect(admin.List(ctx, list)).To(Succeed())
		g.Expect(list.Items).To(HaveLen(3))
		for _, i := range list.Items {
			g.Expect(i.Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
		}
		revisions := &ecsv1.TaskDefinitionRevisionList{}
		g.Expect(admin.List(ctx, revisions, client.InNamespace(namespace))).To(Succeed())
		g.Expect(revisions.Items).To(HaveLen(1))
	}).WithContext(ctx).Should(Succeed())
	for _, name := range []string{"node-1", "node-2"} {
		Eventually(func(g Gomega) {
			i := &ecsv1.ContainerInstance{}
			g.Expect(admin.Get(ctx, client.ObjectKey{Name: name}, i)).To(Succeed())
			g.Expect(i.Status.RunningTasksCount + i.Status.PendingTasksCount).To(BeEquivalentTo(1))
		}).WithContext(ctx).Should(Succeed())
	}
}

// put runs a task of the service web on a node. memory is in MiB.
func put(ctx context.Context, name, node string, memory int64) {
	GinkgoHelper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{
			ecsv1.LabelCluster: cluster, ecsv1.LabelService: "web", ecsv1.LabelFamily: "web",
		}},
		Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "app", Image: "web:v1", Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: *resource.NewQuantity(memory<<20, resource.BinarySI),
			},
		}}}},
	}
	Expect(admin.Create(ctx, pod)).To(Succeed())
}

// said is what a command wrote, and its exit code.
type said struct {
	out, err string
	code     int
}

// ecs runs kubectl ecs as a person.
func ecs(kubeconfig string, args ...string) said {
	var out, err bytes.Buffer
	streams := cli.Streams{In: strings.NewReader(""), Out: &out, Err: &err, Now: time.Now}
	code := plugin.Run(streams, "test", append(args, "--kubeconfig", kubeconfig))
	return said{out.String(), err.String(), code}
}
