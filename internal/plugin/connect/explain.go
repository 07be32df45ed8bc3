// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/clientcmd"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

// Role is the ClusterRole that allows all that the commands read.
const Role = "ecs-operator-observer"

// writers are the ClusterRoles that allow what commands write, by what the apiserver says is missing.
var writers = []struct{ missing, role string }{
	{`cannot patch resource "servicedeployments"`, "ecs-operator-deployer"},
	{`cannot patch resource "containerinstances"`, "ecs-operator-platform"},
}

func roleFor(missing string) string {
	for _, w := range writers {
		if strings.Contains(missing, w.missing) {
			return w.role
		}
	}
	return Role
}

func failed(format string, args ...any) error {
	return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf(format, args...)}
}

// unreadable explains why there is no configuration.
func unreadable(err error) error {
	switch {
	case clientcmd.IsEmptyConfig(err):
		return failed("no Kubernetes cluster is configured: give --kubeconfig, set KUBECONFIG, or write ~/.kube/config")
	case clientcmd.IsContextNotFound(err), strings.HasPrefix(err.Error(), "context ") && strings.HasSuffix(err.Error(), "does not exist"):
		return failed("--context: %s; kubectl config get-contexts shows which there are", err)
	}
	return failed("reading the kubeconfig file: %w", err)
}

// Explain says what an error of a request means, and what to do about it. host is the apiserver's address.
func Explain(err error, host string) error {
	var (
		exit     *cli.Exit
		groups   *discovery.ErrGroupDiscoveryFailed
		network  net.Error
		resource *url.Error
		status   apierrors.APIStatus
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return err
	case meta.IsNoMatchError(err), isOurs(err) && apierrors.IsNotFound(err):
		return failed("the operator isn't installed here: %s knows no kind of %s; install it, or choose another cluster by --context", host, ecsv1.GroupVersion)
	case apierrors.IsForbidden(err):
		return failed("%s; ask for the ClusterRole %s", forbidden(err), roleFor(err.Error()))
	case apierrors.IsUnauthorized(err):
		return failed("%s doesn't know you (Unauthorized): the kubeconfig's credentials are missing or have expired", host)
	case errors.As(err, &status):
		return failed("asking %s: %w", host, err)
	case errors.As(err, &network) && network.Timeout():
		return failed("%s doesn't answer in time; --request-timeout gives it more", host)
	case errors.As(err, &resource), errors.As(err, &network), errors.As(err, &groups):
		return failed("%s can't be reached: %w", host, innermost(err))
	}
	return failed("%w", err)
}

// isOurs: what wasn't found is a whole kind of ours, not an object.
func isOurs(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return strings.Contains(err.Error(), "the server could not find the requested resource")
	}
	details := status.Status().Details
	return details.Name == "" && (details.Group == ecsv1.GroupVersion.Group || details.Group == "")
}

// forbidden shortens the apiserver's sentence: nodes is forbidden: User "x" cannot list resource "nodes" in API group "" at the cluster scope.
func forbidden(err error) string {
	text := err.Error()
	if _, rest, ok := strings.Cut(text, "is forbidden: "); ok {
		return strings.TrimSuffix(rest, ".")
	}
	return text
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
