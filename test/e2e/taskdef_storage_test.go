// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func memoryFiles(p ecsv1.LinuxParameters) func(*containerDefinition) {
	return func(c *containerDefinition) { c.LinuxParameters = &p }
}

var _ = Describe("The volumes of a task", func() {
	It("are shared, borrowed, read-only, in memory or of the node as each container says", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		shared := ecsv1.Volume{Name: ns, DockerVolumeConfiguration: &ecsv1.DockerVolumeConfiguration{Scope: ecsv1.DockerVolumeScopeShared, Driver: "local"}}
		ofTask := ecsv1.Volume{Name: "scratch", DockerVolumeConfiguration: &ecsv1.DockerVolumeConfiguration{Scope: ecsv1.DockerVolumeScopeTask, Driver: "local"}}
		s := runTask(ctx, ns, "volumes", ecsv1.TaskDefinitionFields{
			Volumes: []ecsv1.Volume{volume("data"), nodeVolume(ns), shared, ofTask},
			ContainerDefinitions: []containerDefinition{
				probe("writer", "write /data/a fromwriter then write /node/b ofthenode then write /shared/c ofdocker then write /scratch/d oftask then write /data/done yes then sleep",
					mounts("data", "/data", "node", "/node", ns, "/shared", "scratch", "/scratch")),
				probe("borrower", "await /data/done then cat /data/a /node/b /shared/c /scratch/d then try write /data/x y then sleep",
					func(c *containerDefinition) {
						c.VolumesFrom = []ecsv1.VolumeFrom{{SourceContainer: "writer", ReadOnly: new(true)}}
					}),
				probe("reader", "await /elsewhere/done then cat /elsewhere/a then try write /elsewhere/x y then try write /x y then sleep",
					mounts("data", "/elsewhere"), func(c *containerDefinition) {
						c.MountPoints[0].ReadOnly = new(true)
						c.ReadonlyRootFilesystem = new(true)
					}),
				probe("memory", "size /dev/shm then size /fast then write /fast/f infast then cat /fast/f then try write /fixed/x y then cat /proc/mounts then sleep",
					memoryFiles(ecsv1.LinuxParameters{SharedMemorySize: new(int32(7)), Tmpfs: []ecsv1.Tmpfs{
						{ContainerPath: "/fast", Size: 9}, {ContainerPath: "/fixed", Size: 3, MountOptions: []string{"ro"}},
					}})),
			},
		})
		pod := s.running(ctx)
		s.says(ctx, "borrower", "fromwriter\nofthenode\nofdocker\noftask\n", "open /data/x: read-only file system")
		s.says(ctx, "reader", "fromwriter\n", "open /elsewhere/x: read-only file system", "open /x: read-only file system")
		s.says(ctx, "memory", "/dev/shm has 7 MiB\n/fast has 9 MiB\ninfast\n", "open /fixed/x: read-only file system", " /fast tmpfs rw")
		Expect(inside(ctx, pod, "writer", "cat /proc/mounts")).NotTo(ContainSubstring(" /fast "))

		By("keeping what is the node's, and nothing else, beyond the task's end")
		Expect(kube.Delete(ctx, pod)).To(Succeed())
		files := reader(ctx, ns, pod.Spec.NodeName)
		Expect(readFile(ctx, files, "b")).To(Equal("ofthenode\n"))
	}, SpecTimeout(90*time.Second))
})
