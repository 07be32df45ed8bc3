// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Real-time signals by Docker's numbers, which leave out those that the C library keeps for itself.
const (
	sigRTMin = 34
	sigRTMax = 64
)

// parseSignal reads a STOPSIGNAL: SIGQUIT, QUIT, 3, SIGRTMIN+3, RTMAX-1. "" is 0.
func parseSignal(text string) (syscall.Signal, error) {
	if text == "" {
		return 0, nil
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	n, err := strconv.Atoi(name)
	switch {
	case err == nil:
	case strings.HasPrefix(name, "RTMIN"):
		n, err = offset(sigRTMin, name[len("RTMIN"):])
	case strings.HasPrefix(name, "RTMAX"):
		n, err = offset(sigRTMax, name[len("RTMAX"):])
	default:
		n, err = int(unix.SignalNum("SIG"+name)), nil
	}
	if err != nil || n < 1 || n > sigRTMax {
		return 0, fmt.Errorf("launcher: %q is no signal: want a name such as SIGQUIT or SIGRTMIN+3, or a number", text)
	}
	return syscall.Signal(n), nil
}

func offset(from int, text string) (int, error) {
	if text == "" {
		return from, nil
	}
	n, err := strconv.Atoi(text)
	return from + n, err
}

// stopSignals are those that ask a container to stop: SIGTERM, SIGINT, SIGQUIT and the image's own.
type stopSignals struct {
	// image is the STOPSIGNAL, 0 where it isn't known.
	image syscall.Signal
}

func (s stopSignals) asks(sig syscall.Signal) bool {
	return sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT || s.image != 0 && sig == s.image
}

// toPass is what the command is sent when received asked to stop.
func (s stopSignals) toPass(received syscall.Signal) syscall.Signal {
	if s.image != 0 {
		return s.image
	}
	return received
}

// notForwarded are signals that are the launcher's own: faults, what its runtime uses, and news of children.
var notForwarded = []syscall.Signal{
	syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPIPE, syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGPROF,
	syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGTTIN, syscall.SIGTTOU,
}

// catchSignals delivers every signal that is meant for the command.
func catchSignals() <-chan os.Signal {
	signals := make(chan os.Signal, 64)
	for n := 1; n <= sigRTMax; n++ {
		sig := syscall.Signal(n)
		if n != 32 && n != 33 && !slices.Contains(notForwarded, sig) {
			signal.Notify(signals, sig)
		}
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a log that is no longer read is an error of the write, not the end
	return signals
}

func number(s os.Signal) syscall.Signal {
	sig, ok := s.(syscall.Signal)
	if !ok {
		return 0
	}
	return sig
}
