// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command manager runs the controllers of ecs-operator.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	_ "golang.org/x/crypto/x509roots/fallback" // an image of one static program has no certificates of its own; those of a system come first
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/ecs-operator/ecs-operator/controllers"
)

type options struct {
	metricsAddr string
	probeAddr   string
	pprofAddr   string
	leaderElect bool
	leaseIn     string
	qps         float64
	burst       int
	concurrency int
	grace       time.Duration
	log         zap.Options
	region      string
	accountID   string
	launcher    string
	webhook     bool
	webhookPort int
	webhookIn   string
	images      controllers.Images
	readImages  bool
	hooks       controllers.Hooks
}

// namespaceFile is where a pod finds out which namespace it is in.
const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// ownNamespace is "" outside of a pod.
func ownNamespace() string {
	text, err := os.ReadFile(namespaceFile)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func (o *options) bind(flags *flag.FlagSet) {
	flags.StringVar(&o.metricsAddr, "metrics-bind-address", ":8080", "Address that serves Prometheus metrics; 0 serves none.")
	flags.StringVar(&o.probeAddr, "health-probe-bind-address", ":8081", "Address that serves /healthz and /readyz.")
	flags.StringVar(&o.pprofAddr, "pprof-bind-address", "", "Address that serves profiles under /debug/pprof; empty serves none. Who can reach it can read the manager's memory.")
	flags.BoolVar(&o.leaderElect, "leader-elect", false, "Let one of several managers act at a time.")
	flags.StringVar(&o.leaseIn, "leader-election-namespace", "", "Namespace of the lease; the manager's own when it runs in a pod.")
	flags.Float64Var(&o.qps, "kube-api-qps", -1, "Requests a second to the apiserver. Negative: as many as there is work for; its priority and fairness shares it among those who ask.")
	flags.IntVar(&o.burst, "kube-api-burst", 200, "Requests to the apiserver in a burst, where they are limited.")
	flags.IntVar(&o.concurrency, "max-concurrent-reconciles", 4, "Objects of one kind that are worked on at the same time.")
	flags.DurationVar(&o.grace, "graceful-shutdown-timeout", 20*time.Second, "How long work in progress may take to end on SIGTERM.")
	flags.StringVar(&o.region, "aws-region", "us-east-1", "Region that stands in ARNs.")
	flags.StringVar(&o.accountID, "aws-account-id", "000000000000", "Account that stands in ARNs: 12 digits.")
	flags.StringVar(&o.launcher, "launcher-image", os.Getenv("ECS_LAUNCHER_IMAGE"),
		"Image of the launcher for containers that need it; without one, warnings say what they lose. ECS_LAUNCHER_IMAGE if not given.")
	own := ownNamespace()
	flags.BoolVar(&o.webhook, "webhook", own != "", "Answer the apiserver's admission requests. Without it, conditions alone say what is wrong with an object.")
	flags.IntVar(&o.webhookPort, "webhook-port", 9443, "Port of admission requests.")
	flags.StringVar(&o.webhookIn, "webhook-namespace", own, "Namespace of the webhook's Service and of the operator's Secrets: its certificate authority, and the tokens for Prometheus.")
	flags.BoolVar(&o.readImages, "resolve-images", true,
		"Ask registries which digest a tag means and what command an image has. Without it, images are run by tag, and versionConsistency: enabled can't be had.")
	flags.Func("insecure-registry", "Registry that is spoken to over plain HTTP, host or host:port. May be given several times.", func(host string) error {
		o.images.Insecure = append(o.images.Insecure, host)
		return nil
	})
	flags.Func("registry-mirror", "FROM=TO: images of registry FROM, such as docker.io, are looked up at TO and nowhere else. May be given several times.", o.mirror)
	flags.Func("hook-denied-network", "Network that lifecycle hooks may not call, such as 10.96.0.0/12, beside this machine's own and those of clouds' metadata. May be given several times.", o.hooks.Deny)
	o.log.BindFlags(flags)
}

// mirror takes one --registry-mirror. Docker Hub goes by several names.
func (o *options) mirror(value string) error {
	from, to, ok := strings.Cut(value, "=")
	if !ok {
		return errors.New("want FROM=TO")
	}
	if from == "docker.io" || from == "registry-1.docker.io" {
		from = "index.docker.io"
	}
	if o.images.Mirrors == nil {
		o.images.Mirrors = map[string]string{}
	}
	o.images.Mirrors[from] = to
	return nil
}

func main() {
	var o options
	o.bind(flag.CommandLine)
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&o.log)))
	collectLess()
	if err := run(ctrl.SetupSignalHandler(), o); err != nil {
		ctrl.Log.WithName("manager").Error(err, "Stopped")
		os.Exit(1)
	}
}

// collectLess lets garbage grow to twice what lives, unless GOGC says otherwise. Most garbage is what watches bring, and to collect it twice as often takes a
// tenth more time while thousands of pods start. GOMEMLIMIT bounds it where memory is short.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

func run(ctx context.Context, o options) error {
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("finding the cluster (KUBECONFIG, or the service account of a pod): %w", err)
	}
	cluster.QPS, cluster.Burst = float32(o.qps), o.burst
	cluster.UserAgent = "ecs-operator/" + version()
	settings := controllers.Settings{Region: o.region, AccountID: o.accountID, LauncherImage: o.launcher, Namespace: o.webhookIn, Hooks: o.hooks, Now: time.Now}
	settings.Hooks.UserAgent = cluster.UserAgent
	if o.readImages {
		o.images.UserAgent = cluster.UserAgent
		settings.Images = &o.images
	}
	if o.webhook {
		settings.Webhook = &controllers.Webhook{Port: o.webhookPort, Namespace: o.webhookIn, Now: time.Now}
	}
	if err := settings.Validate(); err != nil {
		return err
	}
	mgr, err := newManager(cluster, o)
	if err != nil {
		return err
	}
	if err := controllers.Setup(ctx, mgr, settings); err != nil {
		return err
	}
	ctrl.Log.WithName("manager").Info("Started", "version", version(), "region", o.region)
	return mgr.Start(ctx)
}

func newManager(cluster *rest.Config, o options) (ctrl.Manager, error) {
	mgr, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme:                        controllers.Scheme(),
		Cache:                         controllers.Cache(),
		Metrics:                       server.Options{BindAddress: o.metricsAddr},
		HealthProbeBindAddress:        o.probeAddr,
		PprofBindAddress:              o.pprofAddr,
		Controller:                    config.Controller{MaxConcurrentReconciles: o.concurrency},
		LeaderElection:                o.leaderElect,
		LeaderElectionID:              "manager.ecs.pods.dev",
		LeaderElectionNamespace:       o.leaseIn,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       &o.grace,
	})
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	return mgr, errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("ping", healthz.Ping))
}

// version is that of the module, or of the revision it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return info.Main.Version
}
