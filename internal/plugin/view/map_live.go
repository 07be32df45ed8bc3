// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

// Live is a picture that fills the window: the map, then notes, then how to end it.
func Live(w World, wish Wish, notes []string, c Canvas) string {
	var below []line
	for _, note := range notes {
		if note != "" {
			below = append(below, say(style{text: warn}, "%s", note).cut(c.Width, c))
		}
	}
	below = append(below, say(style{text: quiet}, "live; q ends").cut(c.Width, c))
	m, why := Look(w, wish)
	above := c
	above.Height = max(c.Height-len(below), 1)
	if why != "" {
		return c.write(append([]line{say(style{text: warn}, "%s", why).cut(c.Width, c)}, below...))
	}
	return m.Draw(above) + c.write(below)
}
