// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// longestLine is where Docker cuts a line into parts.
const longestLine = 16 << 10

// part says which piece of a long line a record is.
type part struct {
	id      string
	ordinal int
	last    bool
}

// fields are Docker's for a partial message; a whole line has none.
func (p *part) fields() []field {
	if p == nil {
		return nil
	}
	return []field{
		{"partial_message", "true"}, {"partial_id", p.id}, {"partial_ordinal", strconv.Itoa(p.ordinal)}, {"partial_last", strconv.FormatBool(p.last)},
	}
}

// splitter cuts output into lines without their ends, and lines that are too long into parts.
type splitter struct {
	emit func(line []byte, p *part)
	// id begins the IDs of long lines, which are told apart by a number.
	id      string
	long    int
	pending []byte
	parts   int
}

func (s *splitter) write(text []byte) {
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		take := text
		if end >= 0 {
			take = text[:end]
		}
		room := longestLine - len(s.pending)
		if len(take) > room {
			s.pending = append(s.pending, take[:room]...)
			text = text[room:]
			s.flush(false)
			continue
		}
		s.pending = append(s.pending, take...)
		if end < 0 {
			return
		}
		text = text[end+1:]
		s.flush(true)
	}
}

// end gives out a last line without an end.
func (s *splitter) end() {
	if len(s.pending) > 0 || s.parts > 0 {
		s.flush(true)
	}
}

func (s *splitter) flush(last bool) {
	if last && s.parts == 0 {
		s.emit(s.pending, nil)
	} else {
		s.parts++
		s.emit(s.pending, &part{id: fmt.Sprintf("%s-%d", s.id, s.long), ordinal: s.parts, last: last})
	}
	if last && s.parts > 0 {
		s.parts = 0
		s.long++
	}
	s.pending = s.pending[:0]
}

// field is a key of a record with its value.
type field struct{ key, value string }

// encode writes one event of Fluent's forward protocol in its message mode: [tag, time, record], with the time to the nanosecond
// (github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1).
func encode(tag string, at time.Time, fields []field) []byte {
	out := []byte{0x93} // an array of three
	out = appendString(out, tag)
	out = append(out, 0xd7, 0x00)                                     // an extension of eight bytes, type 0: EventTime
	out = binary.BigEndian.AppendUint32(out, uint32(at.Unix()))       //nolint:gosec // the format's own range
	out = binary.BigEndian.AppendUint32(out, uint32(at.Nanosecond())) //nolint:gosec // below 10^9
	out = append(out, 0x80|byte(len(fields)))                         // a map of at most fifteen
	for _, f := range fields {
		out = appendString(out, f.key)
		out = appendString(out, f.value)
	}
	return out
}

// appendString writes a string in the shortest form that holds it.
func appendString(out []byte, s string) []byte {
	switch n := len(s); {
	case n < 32:
		out = append(out, 0xa0|byte(n))
	case n < 1<<8:
		out = append(out, 0xd9, byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 0xda), uint16(n)) //nolint:gosec // checked
	default:
		out = binary.BigEndian.AppendUint32(append(out, 0xdb), uint32(n)) //nolint:gosec // a record is far below 4 GiB
	}
	return append(out, s...)
}
