// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package connect leads the plugin's commands to a Kubernetes cluster, as kubectl is led: by --kubeconfig, KUBECONFIG, --context. It says
// what is wrong in words that help, and completes names on the command line.
package connect

import (
	"io"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Flags are those by which a command finds its Kubernetes cluster. kubectl doesn't hand its own on to plugins.
type Flags struct {
	kubeconfig, context, namespace string
	timeout                        time.Duration
}

// Add defines the flags.
func (f *Flags) Add(flags *pflag.FlagSet) {
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "The kubeconfig file; unset means KUBECONFIG, else ~/.kube/config.")
	flags.StringVar(&f.context, "context", "", "The context of the kubeconfig file; unset means the current one.")
	flags.StringVarP(&f.namespace, "namespace", "n", "", "The namespace; unset means the context's.")
	flags.DurationVar(&f.timeout, "request-timeout", 30*time.Second, "How long to wait for the apiserver.")
}

// Kubernetes is a Kubernetes cluster that is to be asked.
type Kubernetes struct {
	Client client.Client
	Config *rest.Config
	// Namespace is the one given, else the context's.
	Namespace string
}

// quiet keeps libraries from writing between the lines of a command: what went wrong comes back as an error.
var quiet = sync.OnceFunc(func() {
	ctrl.SetLogger(logr.Discard())
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	utilruntime.ErrorHandlers = nil //nolint:reassign // the only way to silence it
})

// Scheme has the kinds that commands read.
func Scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(corev1.AddToScheme(s))
	utilruntime.Must(ecsv1.AddToScheme(s))
	return s
}

// Open makes a client. Nothing is asked before the first request.
func (f *Flags) Open() (*Kubernetes, error) {
	quiet()
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: f.context}
	overrides.Context.Namespace = f.namespace
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, unreadable(err)
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, unreadable(err)
	}
	config.UserAgent = "kubectl-ecs"
	config.Timeout = f.timeout
	config.QPS = -1 // a command makes a handful of requests
	config.WarningHandler = rest.NoWarnings{}
	c, err := client.New(config, client.Options{Scheme: Scheme()})
	if err != nil {
		return nil, Explain(err, config.Host)
	}
	return &Kubernetes{Client: c, Config: config, Namespace: namespace}, nil
}

// Explain is [Explain] for this cluster.
func (k *Kubernetes) Explain(err error) error { return Explain(err, k.Config.Host) }
