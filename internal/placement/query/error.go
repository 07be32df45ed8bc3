// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is what is wrong with an expression, and where.
type Error struct {
	Input string
	// Offset in bytes of the fault; the length of Input when the end came too early.
	Offset  int
	Message string
}

// shown is how much of a long expression an error shows before and after the fault.
const shown = 60

// Error says what is wrong and, on two more lines, the expression with a caret under the fault.
func (e *Error) Error() string {
	before, after := e.Input[:e.Offset], e.Input[e.Offset:]
	if cut := len(before) - shown; cut > 0 {
		for cut < len(before) && !utf8.RuneStart(before[cut]) {
			cut++
		}
		before = "..." + before[cut:]
	}
	if len(after) > shown {
		cut := shown
		for cut > 0 && !utf8.RuneStart(after[cut]) {
			cut--
		}
		after = after[:cut] + "..."
	}
	oneLine := strings.NewReplacer("\n", " ", "\r", " ", "\t", " ")
	before, after = oneLine.Replace(before), oneLine.Replace(after)
	return fmt.Sprintf("%s\n  %s%s\n  %s^", e.Message, before, after, strings.Repeat(" ", utf8.RuneCountInString(before)))
}
