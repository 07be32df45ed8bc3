// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package place

import (
	"fmt"
	"io"
	"os"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// mostBytes is far above what a folder of manifests has.
const mostBytes = 16 << 20

// manifests reads all files. What is refused in them is told whole, before anything is asked of the cluster.
func (o *options) manifests() ([]*convert.Manifest, error) {
	var out []*convert.Manifest
	refused := false
	for _, name := range o.files {
		name, data, err := o.load(name)
		if err != nil {
			return nil, &cli.Exit{Code: cli.Failed, Err: err}
		}
		docs, err := source.Parse(name, data)
		if err != nil {
			return nil, &cli.Exit{Code: cli.Failed, Err: err}
		}
		for _, doc := range documents(docs) {
			m, wrong := convert.ReadManifest(name, doc)
			for _, p := range wrong {
				refused = true
				fmt.Fprintf(o.Err, "refused: %s\n", p.Error())
			}
			if m != nil {
				out = append(out, m)
			}
		}
	}
	if refused {
		return nil, &cli.Exit{Code: cli.Refused}
	}
	for _, m := range out {
		switch m.Object.(type) {
		case *ecsv1.Service, *ecsv1.Task:
			return out, nil
		}
	}
	return nil, &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("%s: there is no Service and no Task of %s in it, so there is nothing to place", o.files[0], ecsv1.GroupVersion)}
}

// documents takes lists, as kubectl get -o yaml prints them, apart.
func documents(docs []*source.Node) []*source.Node {
	var out []*source.Node
	for _, doc := range docs {
		items := doc.Find("items")
		if kind := doc.Find("kind"); kind != nil && kind.Text == "List" && items != nil {
			out = append(out, items.Items...)
			continue
		}
		out = append(out, doc)
	}
	return out
}

func (o *options) load(name string) (string, []byte, error) {
	in := o.In
	if name == "-" {
		name = "<stdin>"
	} else {
		file, err := os.Open(name)
		if err != nil {
			return name, nil, err
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	if err == nil && len(data) > mostBytes {
		err = fmt.Errorf("%s: more than %d MiB", name, mostBytes>>20)
	}
	return name, data, err
}
