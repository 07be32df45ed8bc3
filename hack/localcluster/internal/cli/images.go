// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/binaries"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/house"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/image"
)

func buildImageCommand() *cobra.Command {
	var spec image.Spec
	var output string
	var add []string
	cmd := &cobra.Command{
		Use:   "build-image --name REPOSITORY:TAG --binary FILE -o ARCHIVE [-- ARGS...]",
		Short: "Make a container image from a static program, without Docker",
		RunE: func(_ *cobra.Command, args []string) error {
			for _, a := range add {
				f, err := image.ParseFile(a)
				if err != nil {
					return fmt.Errorf("--add: %w", err)
				}
				spec.Add = append(spec.Add, f)
			}
			if spec.Entrypoint == "" {
				spec.Entrypoint = path.Join("/", filepath.Base(spec.Binary))
			}
			spec.Args = args
			return image.Write(spec, output)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Name, "name", "", "name and tag of the image")
	flags.StringVar(&spec.Binary, "binary", "", "static program that the image runs")
	flags.StringVar(&spec.Entrypoint, "entrypoint", "", "where the program is in the image (default: / and its name)")
	flags.StringVar(&spec.User, "user", "65532:65532", "user and group, as numbers")
	flags.StringSliceVar(&spec.Env, "env", nil, "NAME=value, more than once")
	flags.StringSliceVar(&spec.Ports, "port", nil, "exposed port such as 8080/tcp, more than once")
	flags.StringSliceVar(&add, "add", nil, "source:/destination, a file or a folder, more than once")
	flags.StringToStringVar(&spec.Labels, "label", nil, "name=value, more than once")
	flags.StringVarP(&output, "output", "o", "image.tar", "archive to write")
	for _, required := range []string{"name", "binary"} {
		if err := cmd.MarkFlagRequired(required); err != nil {
			panic(err) // a flag that isn't defined two lines above
		}
	}
	return cmd
}

func loadImageCommand(f *folders) *cobra.Command {
	var node string
	cmd := &cobra.Command{
		Use:   "load-image ARCHIVE...",
		Short: "Load image archives into every real node",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			for _, archive := range args {
				if err := c.LoadImage(cmd.Context(), archive, node); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&node, "node", "", "only this node")
	return cmd
}

func binariesCommand(f *folders) *cobra.Command {
	return &cobra.Command{
		Use:   "binaries",
		Short: "Print the folder of etcd, kube-apiserver and kubectl, building them if need be (for envtest: KUBEBUILDER_ASSETS)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := binaries.Ensure(cmd.Context(), f.cache, os.Stderr)
			if err != nil {
				return err
			}
			fmt.Println(set.Assets())
			return nil
		},
	}
}

// agentCommand is what the CLI starts itself as, inside namespaces.
func agentCommand() *cobra.Command {
	agent := &cobra.Command{Use: "agent", Hidden: true}
	agent.AddCommand(&cobra.Command{
		Use: "house FOLDER", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return house.Run(args[0]) },
	})
	return agent
}
