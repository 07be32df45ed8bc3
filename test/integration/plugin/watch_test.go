// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ecs-operator/ecs-operator/internal/plugin"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

// terminal is a pseudo terminal: what is written to tty can be read in written, and keys come from the other end.
type terminal struct {
	tty, keys *os.File
	mu        sync.Mutex
	shown     bytes.Buffer
}

func newTerminal(width, height uint16) *terminal {
	GinkgoHelper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	Expect(err).NotTo(HaveOccurred())
	Expect(unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0)).To(Succeed())
	number, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	Expect(err).NotTo(HaveOccurred())
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	Expect(err).NotTo(HaveOccurred())
	t := &terminal{tty: tty, keys: keys}
	t.resize(width, height)
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := keys.Read(buffer)
			t.mu.Lock()
			t.shown.Write(buffer[:n])
			t.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	DeferCleanup(func() {
		tty.Close()
		keys.Close()
	})
	return t
}

func (t *terminal) resize(width, height uint16) {
	GinkgoHelper()
	Expect(unix.IoctlSetWinsize(int(t.keys.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: height, Col: width})).To(Succeed())
}

// since is what was written since the last call.
func (t *terminal) since() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.shown.Reset()
	return t.shown.String()
}

func (t *terminal) mode() unix.Termios {
	GinkgoHelper()
	mode, err := unix.IoctlGetTermios(int(t.tty.Fd()), unix.TCGETS)
	Expect(err).NotTo(HaveOccurred())
	return *mode
}

var _ = Describe("kubectl ecs map --watch", func() {
	for i, key := range []string{"q", "\x03"} {
		task := fmt.Sprintf("web-of-watch-%d", i)
		It(fmt.Sprintf("draws anew as things change, and ends with %q", key), func(ctx SpecContext) {
			GinkgoT().Setenv("TERM", "xterm-256color")
			GinkgoT().Setenv("LC_ALL", "C.UTF-8")
			t := newTerminal(80, 24)
			before := t.mode()
			ended := make(chan int, 1)
			go func() {
				defer GinkgoRecover()
				ended <- plugin.Run(cli.Streams{In: t.tty, Out: t.tty, Err: GinkgoWriter, Now: time.Now}, "test",
					[]string{"map", "--watch", "--kubeconfig", observer})
			}()
			Eventually(t.since).Should(SatisfyAll(HavePrefix("\x1b[?1049h"), ContainSubstring("node-3"), ContainSubstring("live; q ends"), ContainSubstring("\x1b[J")))
			Expect(t.mode()).NotTo(Equal(before))
			By("a task that comes")
			put(ctx, task, "node-3", 1024)
			Eventually(t.since).Should(ContainSubstring("3 pending"))
			By("a window that gets wider")
			t.resize(120, 30)
			Eventually(t.since).Should(MatchRegexp(`─{30}`))
			By("a task that goes")
			gone := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: task}}
			Expect(admin.Delete(ctx, gone, client.GracePeriodSeconds(0))).To(Succeed())
			Eventually(t.since).Should(ContainSubstring("2 pending"))
			_, err := t.keys.WriteString(key)
			Expect(err).NotTo(HaveOccurred())
			Eventually(ended).Should(Receive(Equal(0)))
			Eventually(t.since).Should(HaveSuffix("\x1b[?25h\x1b[?1049l"))
			Expect(t.mode()).To(Equal(before))
		})
	}
})
