// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// jsonReader finds the values in a JSON text. encoding/json tells neither where a value stands nor of a name that is written twice, so
// that is done here; what is inside a string or a number is encoding/json's business.
type jsonReader struct {
	file string
	text string
	at   int // offset of the next byte
	// line and start of the line that `mark` was last asked for.
	seen, line, column int
	nodes              int
}

// readJSON reads JSON values that follow each other.
func readJSON(file, text string) ([]*Node, error) {
	r := &jsonReader{file: file, text: text, line: 1, column: 1}
	var docs []*Node
	for r.space(); r.at < len(r.text); r.space() {
		doc, err := r.value("a value", 0)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// position of the next byte. It is asked for in the order of the text, so lines are counted once.
func (r *jsonReader) position() Position {
	for r.seen < r.at {
		c, size := utf8.DecodeRuneInString(r.text[r.seen:])
		r.seen += size
		r.column++
		if c == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
	return Position{r.line, r.column}
}

func (r *jsonReader) fail(at Position, format string, args ...any) error {
	return &Error{File: r.file, At: at, Message: fmt.Sprintf(format, args...)}
}

// expected is the error of a byte that can't be there.
func (r *jsonReader) expected(what string) error {
	if r.at >= len(r.text) {
		return r.fail(r.position(), "expected %s, found the end of the file", what)
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.at:])
	hint := ""
	switch c {
	case '\'':
		hint = "; JSON quotes with \""
	case '/', '#':
		hint = "; JSON has no comments"
	case '}', ']':
		hint = "; take out the comma before it"
		if strings.Contains(what, "','") {
			hint = ""
		}
	}
	return r.fail(r.position(), "expected %s, found %q%s", what, c, hint)
}

func (r *jsonReader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// next skips space and takes one byte, if it is that one.
func (r *jsonReader) next(c byte) bool {
	r.space()
	if r.at >= len(r.text) || r.text[r.at] != c {
		return false
	}
	r.at++
	return true
}

func (r *jsonReader) value(what string, depth int) (*Node, error) {
	r.space()
	n := &Node{At: r.position()}
	if r.nodes++; depth > maxDepth || r.nodes > maxNodes {
		return nil, r.fail(n.At, "the document has more than %d levels or %d values", maxDepth, maxNodes)
	}
	if r.at >= len(r.text) {
		return nil, r.expected(what)
	}
	if hole := placeholder(r.text[r.at:]); hole != "" {
		return nil, r.fail(n.At, "expected %s, found the placeholder %s: fill the template in first", what, hole)
	}
	switch r.text[r.at] {
	case '{':
		return n, r.object(n, depth)
	case '[':
		return n, r.list(n, depth)
	case '"':
		text, err := r.quoted()
		n.Kind, n.Text = String, text
		return n, err
	}
	word := r.text[r.at:]
	if end := strings.IndexAny(word, " \t\r\n,:{}[]\"'/#"); end >= 0 {
		word = word[:end]
	}
	switch {
	case word == "null":
	case word == "true", word == "false":
		n.Kind, n.Text = Bool, word
	case word != "" && json.Valid([]byte(word)):
		n.Kind, n.Text = Number, word
	case word == "":
		return nil, r.expected(what)
	default:
		return nil, r.fail(n.At, "expected %s, found %s: text is quoted with \"", what, word)
	}
	r.at += len(word)
	return n, nil
}

// placeholders are what templates have in place of a value: ${NAME}, {{NAME}}, <NAME>, and the tags of template languages.
var placeholders = regexp.MustCompile(`^(\$\{[^}\n]*\}|\{\{[^}\n]*\}\}|\{%[^\n]*?%\}|<[^>\n]*>)`)

// placeholder that text begins with, "" for none.
func placeholder(text string) string {
	const longest = 100
	return placeholders.FindString(text[:min(len(text), longest)])
}

// quoted takes a string with its quotes.
func (r *jsonReader) quoted() (string, error) {
	start := r.position()
	for end := r.at + 1; end < len(r.text); end++ {
		switch r.text[end] {
		case '\\':
			end++
		case '\n':
			return "", r.fail(start, "expected a '\"' that ends the string on its line; a line break in a string is written \\n")
		case '"':
			var text string
			if err := json.Unmarshal([]byte(r.text[r.at:end+1]), &text); err != nil {
				return "", r.fail(start, "expected a string: %s", err)
			}
			r.at = end + 1
			return text, nil
		}
	}
	return "", r.fail(start, "expected a '\"' that ends the string, found the end of the file")
}

func (r *jsonReader) object(n *Node, depth int) error {
	n.Kind = Map
	r.at++
	if r.next('}') {
		return nil
	}
	names := map[string]Position{}
	for {
		r.space()
		f := Field{At: r.position()}
		if hole := placeholder(r.text[r.at:]); hole != "" {
			return r.fail(f.At, "expected a field's name in double quotes, found the placeholder %s: fill the template in first", hole)
		}
		if r.at >= len(r.text) || r.text[r.at] != '"' {
			return r.expected(`a field's name in double quotes`)
		}
		var err error
		if f.Name, err = r.quoted(); err != nil {
			return err
		}
		if first, twice := names[f.Name]; twice {
			return r.fail(f.At, "the field %q is there twice; the first is at %s. Take one out", f.Name, first)
		}
		names[f.Name] = f.At
		if !r.next(':') {
			return r.expected(fmt.Sprintf("':' after the name %q", f.Name))
		}
		if f.Value, err = r.value(fmt.Sprintf("a value for %q", f.Name), depth+1); err != nil {
			return err
		}
		n.Fields = append(n.Fields, f)
		if r.next('}') {
			return nil
		}
		if !r.next(',') {
			return r.expected(fmt.Sprintf("',' or '}' after the value of %q", f.Name))
		}
	}
}

func (r *jsonReader) list(n *Node, depth int) error {
	n.Kind = List
	r.at++
	if r.next(']') {
		return nil
	}
	for {
		item, err := r.value("a value", depth+1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		if r.next(']') {
			return nil
		}
		if !r.next(',') {
			return r.expected("',' or ']' after a value of the list")
		}
	}
}
