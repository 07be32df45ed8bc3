// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"bytes"
	"fmt"
	"html"
)

// bar is a row of the chart: one scenario on so many instances.
type bar struct {
	label        string
	of, least    int
	theirs, ours outcome
}

const chartHead = `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="%d" viewBox="0 0 720 %d" role="img" aria-label="Instances used and skew, scheduler alone and as services">
<style>
text{font:13px system-ui,sans-serif;fill:#24292f}.small{font-size:11px;fill:#57606a}.theirs{fill:#8c959f}.ours{fill:#0969da}.room{fill:#eaeef2}.least{stroke:#cf222e;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.theirs{fill:#6e7681}.ours{fill:#4493f8}.room{fill:#21262d}.least{stroke:#f85149}}
</style>
<text x="250" y="18">instances used</text><text x="560" y="18">skew: zones, instances</text>
<rect class="theirs" x="0" y="8" width="10" height="10"/><text class="small" x="14" y="17">scheduler alone</text>
<rect class="ours" x="104" y="8" width="10" height="10"/><text class="small" x="118" y="17">as services</text>
`

// chart draws the bars as an SVG that can be read on light and on dark.
func chart(bars []bar) []byte {
	const row, top, left, wide = 46, 30, 250, 260
	var b bytes.Buffer
	height := top + row*len(bars) + 16
	fmt.Fprintf(&b, chartHead, height, height)
	for i, r := range bars {
		y := top + row*i
		fmt.Fprintf(&b, "<text x=\"0\" y=\"%d\">%s</text>\n", y+22, html.EscapeString(r.label))
		for n, side := range []struct {
			class string
			o     outcome
		}{{"theirs", r.theirs}, {"ours", r.ours}} {
			at := y + 4 + n*16
			fmt.Fprintf(&b, "<rect class=\"room\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"13\"/>", left, at, wide)
			fmt.Fprintf(&b, "<rect class=%q x=\"%d\" y=\"%d\" width=\"%d\" height=\"13\"/>", side.class, left, at, wide*side.o.used/r.of)
			fmt.Fprintf(&b, "<text class=\"small\" x=\"%d\" y=\"%d\">%d</text>", left+wide+6, at+11, side.o.used)
			fmt.Fprintf(&b, "<text class=\"small\" x=\"580\" y=\"%d\">%d</text><text class=\"small\" x=\"650\" y=\"%d\">%d</text>\n", at+11, side.o.zoneSkew, at+11, side.o.instanceSkew)
		}
		x := left + wide*r.least/r.of
		fmt.Fprintf(&b, "<line class=\"least\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x, y+2, x, y+35)
	}
	fmt.Fprintf(&b, "<text class=\"small\" x=\"%d\" y=\"%d\">the red line is the least possible: requests by capacity</text>\n</svg>\n", left, height-4)
	return b.Bytes()
}
