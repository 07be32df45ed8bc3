// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// kind of a failure: what it is called in metrics, and what follows from it.
type kind struct {
	result string
	// final: the registry has answered, and won't answer otherwise in a moment.
	final bool
	// again: another attempt in a moment may go better.
	again bool
	// down: nobody is there to ask, whatever the image.
	down bool
}

var (
	notFound    = kind{result: "not_found", final: true}
	denied      = kind{result: "denied", final: true}
	invalid     = kind{result: "invalid", final: true}
	unreachable = kind{result: "unreachable", down: true}
	refused     = kind{result: "unreachable", again: true, down: true} // at once, so asking again costs little
	timeout     = kind{result: "timeout", down: true}
	failing     = kind{result: "error", again: true}
)

// failure is why an image couldn't be read, in words that stay the same as long as the reason does: they stand in conditions.
type failure struct {
	kind kind
	text string
}

// explain sorts an error. Of what a registry answers only its status and the code of the error are passed on, never a text: users choose
// whom the operator asks, and are not to read through it what they can't reach themselves.
func explain(host string, err error, limit time.Duration) *failure {
	var (
		answered *transport.Error
		noName   *net.DNSError
		noTrust  *tls.CertificateVerificationError
		plain    errPlainHTTP
		bad      unusable
		errno    syscall.Errno
	)
	registry := "registry " + host
	switch {
	case errors.As(err, &answered):
		return explainAnswer(registry, answered)
	case errors.As(err, &bad):
		return &failure{invalid, bad.Error()}
	case errors.As(err, &noTrust):
		return &failure{kind{result: "untrusted", final: true}, registry + " has a certificate that the operator doesn't trust: " + noTrust.Err.Error()}
	case errors.As(err, &noName):
		return &failure{unreachable, registry + " can't be reached: its name can't be looked up"}
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return &failure{timeout, fmt.Sprintf("%s doesn't answer within %s", registry, limit)}
	case errors.As(err, &errno):
		return &failure{refused, registry + " can't be reached: " + errno.Error()}
	case errors.As(err, &plain): // beside what HTTPS failed with, which comes first
		return &failure{invalid, plain.Error()}
	case errors.Is(err, errBodyTooLarge):
		return &failure{invalid, errBodyTooLarge.Error()}
	}
	return &failure{failing, registry + " can't be read: " + innermost(err)}
}

func explainAnswer(registry string, answered *transport.Error) *failure {
	text := fmt.Sprintf("%s answers %d %s", registry, answered.StatusCode, http.StatusText(answered.StatusCode))
	if len(answered.Errors) > 0 && known(answered.Errors[0].Code) {
		text += " (" + string(answered.Errors[0].Code) + ")"
	}
	switch answered.StatusCode {
	case http.StatusNotFound:
		return &failure{notFound, text + ": it has no such image"}
	case http.StatusUnauthorized, http.StatusForbidden:
		return &failure{denied, text + ": there is no such image, or the operator may not read it"}
	}
	return &failure{failing, text}
}

// known codes are words of the specification, and no place to hide a text in.
func known(code transport.ErrorCode) bool {
	if len(code) == 0 || len(code) > 32 {
		return false
	}
	for _, letter := range code {
		if letter != '_' && (letter < 'A' || letter > 'Z') {
			return false
		}
	}
	return true
}

// innermost is an error without what others wrapped around it, which may be addresses and other things that change.
func innermost(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			text := err.Error()
			return text[:min(len(text), 200)]
		}
		err = inner
	}
}

// worthGetting: a HEAD that failed says less than a GET would. A registry that has turned us down has said enough.
func worthGetting(err error) bool {
	var answered *transport.Error
	if !errors.As(err, &answered) {
		return explain("", err, 0).kind == failing // such as an answer to HEAD without a digest
	}
	return answered.StatusCode == http.StatusMethodNotAllowed || answered.StatusCode == http.StatusNotImplemented
}
