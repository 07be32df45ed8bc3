// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

const (
	operatorNamespace = "ecs-operator-system"
	operatorAccount   = "ecs-operator"
)

// operator is the manager that runs beside the suite.
var operator *manager

// manager is a process of this machine: simulated nodes run no containers.
type manager struct {
	cmd     *exec.Cmd
	dir     string
	log     string
	ended   chan struct{}
	Metrics string // host:port
	Profile string // host:port
}

// install gives the cluster the CRDs, and the operator's account with its generated role and nothing else.
func install(ctx context.Context) {
	GinkgoHelper()
	root := moduleRoot()
	for _, args := range [][]string{
		{"apply", "--server-side", "--force-conflicts", "-k", filepath.Join(root, "config", "crd")},
		{"apply", "--server-side", "--force-conflicts", "-f", filepath.Join(root, "config", "manager", "namespace.yaml")},
		{"apply", "--server-side", "--force-conflicts", "-k", filepath.Join(root, "config", "rbac")},
		{"wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"},
	} {
		kubectl(ctx, args...)
	}
}

func moduleRoot() string {
	GinkgoHelper()
	root, err := testkit.Root()
	Expect(err).NotTo(HaveOccurred())
	return root
}

// kubectl is the one that KUBECTL names.
func kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	command := strings.Fields(os.Getenv("KUBECTL"))
	if len(command) == 0 {
		command = []string{"kubectl"}
	}
	out, err := exec.CommandContext(ctx, command[0], append(command[1:], args...)...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "kubectl %s: %s", strings.Join(args, " "), out)
	return string(out)
}

// startManager runs the manager that the tree was built into, as the account of its role.
func startManager(ctx context.Context, flags ...string) *manager {
	GinkgoHelper()
	dir, err := os.MkdirTemp("", "placement-manager-")
	Expect(err).NotTo(HaveOccurred())
	binary := os.Getenv("MANAGER")
	Expect(binary).NotTo(BeEmpty(), "MANAGER is not set: the manager's binary; `make test-placement` builds it")
	m := &manager{dir: dir, log: filepath.Join(dir, "manager.log"), ended: make(chan struct{}), Metrics: freeAddress(), Profile: freeAddress()}
	if where := os.Getenv("MANAGER_LOG"); where != "" {
		m.log = where
	}
	log, err := os.OpenFile(m.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	Expect(err).NotTo(HaveOccurred())
	m.cmd = exec.Command(binary, append([]string{
		"--metrics-bind-address=" + m.Metrics, "--health-probe-bind-address=0", "--pprof-bind-address=" + m.Profile, "--resolve-images=false",
		"--kube-api-qps=1000", "--kube-api-burst=2000", "--launcher-image=ecs-launcher:dev",
	}, flags...)...)
	m.cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfigOf(ctx, operatorAccount, dir))
	m.cmd.Stdout, m.cmd.Stderr = log, log
	Expect(m.cmd.Start()).To(Succeed())
	go func() {
		defer close(m.ended)
		_ = m.cmd.Wait() // how it ended is in its log
		log.Close()
	}()
	return m
}

func (m *manager) stop() {
	GinkgoHelper()
	Expect(m.cmd.Process.Signal(syscall.SIGTERM)).To(Or(Succeed(), MatchError(os.ErrProcessDone)))
	Eventually(m.ended).WithTimeout(30 * time.Second).Should(BeClosed())
	Expect(os.RemoveAll(m.dir)).To(Succeed())
}

func (m *manager) runs() bool {
	select {
	case <-m.ended:
		return false
	default:
		return true
	}
}

func (m *manager) lastWords() string {
	text, err := os.ReadFile(m.log)
	if err != nil {
		return err.Error()
	}
	var lines [][]byte
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte("Starting EventSource")) {
			lines = append(lines, line)
		}
	}
	return string(bytes.Join(lines[max(0, len(lines)-40):], nil))
}

// kubeconfigOf has a token of a ServiceAccount in the operator's namespace, so that its role decides what it may do.
func kubeconfigOf(ctx context.Context, account, dir string) string {
	GinkgoHelper()
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(24 * 3600))}}
	token, err := plain.CoreV1().ServiceAccounts(operatorNamespace).CreateToken(ctx, account, request, metav1.CreateOptions{})
	Expect(err).NotTo(HaveOccurred())
	authority := admin.CAData
	if len(authority) == 0 {
		authority, err = os.ReadFile(admin.CAFile)
		Expect(err).NotTo(HaveOccurred())
	}
	config := clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: admin.Host, CertificateAuthorityData: authority}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: token.Status.Token}},
		Contexts:       map[string]*clientcmdapi.Context{"x": {Cluster: "c", AuthInfo: "u"}},
		CurrentContext: "x",
	}
	path := filepath.Join(dir, "kubeconfig")
	Expect(clientcmd.WriteToFile(config, path)).To(Succeed())
	return path
}

func freeAddress() string {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer l.Close()
	return l.Addr().String()
}

// memory is what a process has resident, in MiB.
func memory(pid int) int {
	GinkgoHelper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	Expect(err).NotTo(HaveOccurred())
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			Expect(err).NotTo(HaveOccurred())
			return kib / 1024
		}
	}
	return 0
}
