// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// router stands in for Fluent Bit: of its configuration it knows forward inputs and the records of record_modifier. What it prints of a
// record is what Fluent Bit's output stdout with format json_lines prints, and the tag and the time.
func router(args []string, out io.Writer) error {
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	inputs, added := readConfig(string(text))
	if len(inputs) == 0 {
		return fmt.Errorf("%s has no forward input:\n%s", args[0], text)
	}
	var turn sync.Mutex
	show := func(tag string, at time.Time, record map[string]string) {
		maps.Copy(record, added)
		record["tag"], record["time"] = tag, at.UTC().Format(time.RFC3339Nano)
		line, _ := json.Marshal(record) // text never fails
		turn.Lock()
		defer turn.Unlock()
		fmt.Fprintln(out, string(line))
	}
	for _, in := range inputs {
		listener, err := net.Listen(in.network, in.address)
		if err != nil {
			return err
		}
		go accept(listener, show)
	}
	return sleep(nil)
}

type input struct{ network, address string }

// readConfig reads the sections of a classic configuration.
func readConfig(text string) (inputs []input, added map[string]string) {
	added = map[string]string{}
	for _, section := range strings.Split("\n"+text, "\n[")[1:] {
		kind, body, _ := strings.Cut(section, "]")
		fields := map[string]string{}
		for line := range strings.Lines(body) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			fields[name] = value
			if key, text, ok := strings.Cut(value, " "); ok && name == "Record" && kind == "FILTER" {
				added[key] = text
			}
		}
		switch {
		case kind != "INPUT" || fields["Name"] != "forward":
		case fields["unix_path"] != "":
			inputs = append(inputs, input{"unix", fields["unix_path"]})
		default:
			inputs = append(inputs, input{"tcp", net.JoinHostPort(fields["Listen"], fields["Port"])})
		}
	}
	return inputs, added
}

func accept(listener net.Listener, show func(string, time.Time, map[string]string)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			in := bufio.NewReader(conn)
			for {
				tag, at, record, err := readEvent(in)
				if err != nil {
					if !errors.Is(err, io.EOF) {
						fmt.Fprintln(os.Stderr, "probe: router:", err)
					}
					return
				}
				show(tag, at, record)
			}
		}()
	}
}

// readEvent reads an event of Fluent's forward protocol in message mode: [tag, EventTime, record].
func readEvent(in *bufio.Reader) (tag string, at time.Time, record map[string]string, err error) {
	head, err := in.ReadByte()
	if err != nil {
		return "", at, nil, err
	}
	if head != 0x93 {
		return "", at, nil, fmt.Errorf("%x isn't an array of three", head)
	}
	if tag, err = readString(in); err != nil {
		return "", at, nil, err
	}
	var stamp [10]byte
	if _, err = io.ReadFull(in, stamp[:]); err != nil {
		return "", at, nil, err
	}
	if stamp[0] != 0xd7 || stamp[1] != 0 {
		return "", at, nil, fmt.Errorf("%x isn't an EventTime", stamp)
	}
	at = time.Unix(int64(binary.BigEndian.Uint32(stamp[2:])), int64(binary.BigEndian.Uint32(stamp[6:])))
	if head, err = in.ReadByte(); err != nil {
		return "", at, nil, err
	}
	if head>>4 != 8 {
		return "", at, nil, fmt.Errorf("%x isn't a small map", head)
	}
	record = map[string]string{}
	for range head & 0xf {
		name, err := readString(in)
		if err != nil {
			return "", at, nil, err
		}
		if record[name], err = readString(in); err != nil {
			return "", at, nil, err
		}
	}
	return tag, at, record, nil
}

// readString reads a string in any of its four forms.
func readString(in *bufio.Reader) (string, error) {
	head, err := in.ReadByte()
	if err != nil {
		return "", err
	}
	var length [4]byte
	switch {
	case head>>5 == 5:
		length[3] = head & 0x1f
	case head >= 0xd9 && head <= 0xdb:
		bytes := 1 << (head - 0xd9)
		if _, err := io.ReadFull(in, length[4-bytes:]); err != nil {
			return "", err
		}
	default:
		return "", fmt.Errorf("%x isn't a string", head)
	}
	text := make([]byte, binary.BigEndian.Uint32(length[:]))
	_, err = io.ReadFull(in, text)
	return string(text), err
}
