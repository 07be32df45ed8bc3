// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"
)

// supervise starts the services and starts each again a second after it ended. As the first process of a PID namespace
// it also inherits orphans; waiting for any child reaps those too.
func supervise(services []Service) error {
	due, ended := make(chan Service), make(chan int)
	for _, s := range services {
		go func() {
			await(s.After)
			due <- s
		}()
	}
	go reap(ended)
	running := map[int]Service{}
	for {
		select {
		case s := <-due:
			pid, err := start(s)
			if err != nil {
				return err
			}
			running[pid] = s
		case pid := <-ended:
			s, ours := running[pid]
			if !ours {
				continue
			}
			delete(running, pid)
			fmt.Printf("%s %s ended and will be started again\n", time.Now().UTC().Format(time.RFC3339), s.Name)
			time.AfterFunc(time.Second, func() { due <- s }) // not a busy loop when a service can't start
		}
	}
}

// reap waits for any child, for ever. Without children it looks again soon.
func reap(ended chan<- int) {
	for {
		pid, err := syscall.Wait4(-1, nil, 0, nil)
		switch {
		case errors.Is(err, syscall.ECHILD):
			time.Sleep(50 * time.Millisecond)
		case err == nil:
			ended <- pid
		}
	}
}

// await returns when the URL answers 200. It looks only at whether the server is there, so it trusts any certificate.
func await(url string) {
	if url == "" {
		return
	}
	client := http.Client{
		Timeout:   2 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
	defer client.CloseIdleConnections()
	for ; ; time.Sleep(100 * time.Millisecond) {
		response, err := client.Get(url)
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return
		}
	}
}

func start(s Service) (int, error) {
	log, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, fmt.Errorf("opening the log of %s: %w", s.Name, err)
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	defer null.Close()
	pid, err := syscall.ForkExec(s.Argv[0], s.Argv, &syscall.ProcAttr{
		Dir:   "/",
		Env:   os.Environ(),
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, fmt.Errorf("starting %s: %w", s.Name, err)
	}
	return pid, nil
}
