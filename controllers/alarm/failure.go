// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Failure is why a query has no datapoints. Of a Prometheus that can't be asked the message is the end of a sentence about it, and always
// the same for the same trouble: it has no port of a connection and no time in it.
type Failure struct {
	// Retry: it may be over at the next evaluation. Otherwise the alarm has to be mended.
	Retry   bool
	Reason  string
	Message string
}

var errTooLong = errors.New("the answer is too long")

// mostOfTheirs is how much of Prometheus's own words is shown.
const mostOfTheirs = 300

func unavailable(format string, args ...any) *Failure {
	return &Failure{Retry: true, Reason: ecsv1.ReasonPrometheusUnavailable, Message: fmt.Sprintf(format, args...)}
}

// turnedAway: the token is missing, wrong, or not enough.
func turnedAway(status int, shown bool) *Failure {
	if !shown {
		return unavailable("answers %d %s; name a token in %s of the Cluster", status, http.StatusText(status), tokenField)
	}
	return unavailable("answers %d %s; renew the token that %s of the Cluster names, or give it the right to query", status, http.StatusText(status), tokenField)
}

func notPrometheus() *Failure {
	return unavailable("gives answers that aren't Prometheus's; see whether its address is right")
}

func invalidQuery(theirs string) *Failure {
	return &Failure{Reason: ecsv1.ReasonInvalidQuery, Message: "spec.kubernetes.query: Prometheus can't evaluate it: " + shortened(theirs) + ". Mend the query"}
}

func severalSeries(one, other string) *Failure {
	return &Failure{Reason: ecsv1.ReasonSeveralSeries, Message: fmt.Sprintf(
		"spec.kubernetes.query: it gives more than one series, such as %s and %s, and an alarm compares one number; wrap it in sum() or max()", shortened(one), shortened(other))}
}

// failureOf puts an error into words. First match wins.
func failureOf(err error, timeout time.Duration) *Failure {
	var theirs *prometheusv1.Error
	switch {
	case errors.Is(err, errTooLong):
		return &Failure{Reason: ecsv1.ReasonSeveralSeries, Message: fmt.Sprintf(
			"spec.kubernetes.query: the answer is longer than %d MiB, so it has far more than one series; wrap it in sum() or max()", mostBytes>>20)}
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable("didn't answer within %s", timeout)
	case errors.As(err, &theirs):
		return failureOfAnswer(theirs)
	}
	return unavailable("can't be reached: %s", network(err))
}

func failureOfAnswer(theirs *prometheusv1.Error) *Failure {
	switch theirs.Type {
	case prometheusv1.ErrBadData, prometheusv1.ErrExec:
		return invalidQuery(theirs.Msg)
	case prometheusv1.ErrTimeout, prometheusv1.ErrCanceled:
		return unavailable("needs too long for the query")
	case prometheusv1.ErrServer, prometheusv1.ErrClient:
		return unavailable("answers with an error (%s)", shortened(theirs.Msg))
	case prometheusv1.ErrBadResponse:
	}
	return notPrometheus()
}

// network names the trouble without the addresses of the connection, which are others each time.
func network(err error) string {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		number    syscall.Errno
	)
	switch {
	case errors.As(err, &dns):
		return "there is no address for " + dns.Name
	case errors.As(err, &authority):
		return "its certificate is signed by an unknown authority; put that authority's into " + bundleField + " of the Cluster"
	case errors.As(err, &host):
		return "its certificate is for another name"
	case errors.As(err, &invalid):
		return "its certificate isn't valid"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "it doesn't speak TLS"
	case errors.As(err, &number):
		return number.Error()
	}
	return "the connection broke"
}

// shortened is text of others on one line, and not too much of it.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if cut := []rune(text); len(cut) > mostOfTheirs {
		return string(cut[:mostOfTheirs]) + "..."
	}
	return text
}
