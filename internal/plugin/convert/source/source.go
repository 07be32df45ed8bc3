// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Parse reads the documents of a file: JSON values that follow each other, or YAML documents. Text that begins with { or [ is JSON,
// unless the file's name says YAML and JSON it isn't. It fails with an [Error], and for a file that holds nothing.
func Parse(file string, data []byte) ([]*Node, error) {
	data = plain(data)
	if at := bytes.IndexFunc(data, func(r rune) bool { return r == utf8.RuneError || r == 0 }); at >= 0 && (!utf8.Valid(data) || data[at] == 0) {
		return nil, &Error{File: file, At: positionOf(data[:at]), Message: "expected text in UTF-8, found a byte that isn't"}
	}
	docs, err := parse(file, data)
	if err == nil && len(docs) == 0 {
		return nil, &Error{File: file, At: Position{1, 1}, Message: "expected JSON or YAML, found nothing"}
	}
	return docs, err
}

func parse(file string, data []byte) ([]*Node, error) {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	if !bytes.HasPrefix(trimmed, []byte("{")) && !bytes.HasPrefix(trimmed, []byte("[")) && !strings.EqualFold(filepath.Ext(file), ".json") {
		return readYAML(file, data)
	}
	docs, err := readJSON(file, string(data))
	if err == nil || !isYAML(file) {
		return docs, err
	}
	return readYAML(file, data)
}

func isYAML(file string) bool {
	ext := strings.ToLower(filepath.Ext(file))
	return ext == ".yaml" || ext == ".yml"
}

// plain takes the byte order mark off, and turns the UTF-16 that PowerShell's > writes into UTF-8.
func plain(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(data, []byte("\uFEFF"))
	}
	units := make([]uint16, 0, len(data)/2)
	for rest := data[2:]; len(rest) >= 2; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return []byte(string(utf16.Decode(units)))
}

// positionOf the byte behind before.
func positionOf(before []byte) Position {
	line := bytes.LastIndexByte(before, '\n') + 1
	return Position{Line: bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(before[line:]) + 1}
}
