// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/cloudformation"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// outcome is how a file ended.
type outcome string

// The outcomes.
const (
	// accepted: all of its objects are let in, and the apiserver takes their pods.
	accepted outcome = "accepted"
	// refused: convert says what is wrong, and where in the file.
	refused outcome = "refused"
	// failed is anything else, and a defect of ours: a panic, an object that convert lets pass and admission doesn't, a pod that the
	// apiserver doesn't take.
	failed outcome = "failed"
)

// story is what happened to a file.
type story struct {
	file    string // below the folder
	outcome outcome
	reasons []reason
	rows    []convert.Row
}

// reason says why a file wasn't accepted.
type reason struct {
	at   string // line:column, "" where there is no place
	text string
}

// file of the corpus.
type file struct{ path, name string }

// find lists what convert would look at in a folder, in order.
func find(folder string) ([]file, error) {
	var out []file
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains(convert.Extensions, strings.ToLower(filepath.Ext(path))) {
			return err
		}
		name, err := filepath.Rel(folder, path)
		out = append(out, file{path, name})
		return err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: the folder has no file named *%s", folder, strings.Join(convert.Extensions, ", *"))
	}
	return out, err
}

// judge has an apiserver to ask.
type judge struct {
	env      *testkit.Environment
	operator *testkit.Operator
	strict   client.Client
}

// stack is what CloudFormation templates leave to where they are installed.
var stack = cloudformation.Options{Region: "us-east-1", AccountID: "000000000000", StackName: "corpus"}

const (
	namespace     = metav1.NamespaceDefault
	launcherImage = "ecs-launcher:dev"
	answersWithin = 30 * time.Second
	askAgain      = 50 * time.Millisecond
)

func newJudge(ctx context.Context) (*judge, error) {
	env, err := testkit.Start(ctx)
	if err != nil {
		return nil, err
	}
	j := &judge{env: env, strict: client.WithFieldValidation(env.Admin, metav1.FieldValidationStrict)}
	if j.operator, err = env.StartOperator(ctx, &testkit.Clock{}, &testkit.Record{}); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	if err := j.waitForWebhook(ctx); err != nil {
		return nil, errors.Join(err, j.stop())
	}
	return j, nil
}

func (j *judge) stop() error { return errors.Join(j.operator.Stop(), j.env.Stop()) }

// waitForWebhook waits until the webhook answers: the apiserver goes on without it until then.
func (j *judge) waitForWebhook(ctx context.Context) error {
	waitsForItself := testkit.TaskDefinition(namespace, "circle", func(td *ecsv1.TaskDefinition) {
		td.Spec.ContainerDefinitions[0].DependsOn = []ecsv1.ContainerDependency{{ContainerName: "app", Condition: ecsv1.ContainerConditionStart}}
	})
	err := wait.PollUntilContextTimeout(ctx, askAgain, answersWithin, true, func(ctx context.Context) (bool, error) {
		return apierrors.IsInvalid(j.dryRun(ctx, waitsForItself.DeepCopy())), nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the webhook to answer: %w", err)
	}
	return nil
}

func (j *judge) dryRun(ctx context.Context, o client.Object) error {
	return j.strict.Create(ctx, o, client.DryRunAll)
}

// judge tells a file's story. The file's objects have their names to themselves: each file is converted alone.
func (j *judge) judge(ctx context.Context, f file) (s story) {
	s = story{file: f.name, outcome: accepted}
	defer func() {
		if p := recover(); p != nil {
			s.fail("panic: %v", p)
		}
	}()
	text, err := os.ReadFile(f.path)
	if err != nil {
		s.fail("%s", err)
		return s
	}
	c := convert.New()
	c.Namespace, c.LauncherImage = namespace, launcherImage
	c.Template = stack
	objects, err := c.Convert(f.name, text)
	if err != nil {
		s.malformed(err)
		return s
	}
	for _, o := range objects {
		s.rows = append(s.rows, o.Rows...)
		if o.Refused() {
			s.refuse(o)
			continue
		}
		if err := j.dryRun(ctx, o.Object); err != nil {
			s.fail("%s passes convert, and not admission: %s", o.Name(), err)
		}
		if td, ok := o.Object.(*ecsv1.TaskDefinition); ok {
			j.service(ctx, &s, o, td)
		}
	}
	pods, err := c.Pods(objects)
	if err != nil {
		s.fail("%s", err)
	}
	for _, pod := range pods {
		j.pod(ctx, &s, pod)
	}
	return s
}

// service tries the pod that a service of a task definition would have, whether or not the file has a service.
func (j *judge) service(ctx context.Context, s *story, o *convert.Object, td *ecsv1.TaskDefinition) {
	result, err := podspec.Translate(podspec.Input{
		TaskDefinition: td.Spec.TaskDefinitionFields, LauncherImage: launcherImage,
		Features: podspec.Features{ContainerRestartRules: true, PodLevelResources: true, PreStopSleep: true},
		Service:  &podspec.Service{Selector: map[string]string{"service": "corpus"}},
	})
	if err != nil {
		s.fail("%s passes convert, and isn't translated: %s", o.Name(), err)
		return
	}
	j.pod(ctx, s, &corev1.Pod{ObjectMeta: result.Template.ObjectMeta, Spec: result.Template.Spec})
}

// pod asks the apiserver about a pod, once what it names is there.
func (j *judge) pod(ctx context.Context, s *story, pod *corev1.Pod) {
	pod.Name, pod.Namespace, pod.GenerateName = "", namespace, "corpus-"
	var named []client.Object
	if name := pod.Spec.ServiceAccountName; name != "" {
		named = append(named, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}})
	}
	if name := pod.Spec.RuntimeClassName; name != nil {
		named = append(named, &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: *name}, Handler: "runc"})
	}
	for _, o := range named {
		if err := j.env.Admin.Create(ctx, o); err != nil && !apierrors.IsAlreadyExists(err) {
			s.fail("preparing for the pod: %s", err)
		}
	}
	if err := j.dryRun(ctx, pod); err != nil {
		s.fail("the apiserver doesn't take the pod: %s", err)
	}
}

func (s *story) fail(format string, args ...any) {
	s.outcome = failed
	s.reasons = append(s.reasons, reason{text: fmt.Sprintf(format, args...)})
}

// malformed is a file that can't be read: refused where the error names a place.
func (s *story) malformed(err error) {
	for _, one := range flatten(err) {
		placed, ok := errors.AsType[*source.Error](one)
		if strange, is := errors.AsType[*convert.Stranger](one); is {
			placed, ok = strange.Err, true
		}
		if !ok {
			s.fail("%s", one)
			continue
		}
		s.reasons = append(s.reasons, reason{placed.At.String(), placed.Message})
		if s.outcome == accepted {
			s.outcome = refused
		}
	}
}

func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// refuse tells why convert turns an object down, each reason once.
func (s *story) refuse(o *convert.Object) {
	if s.outcome == accepted {
		s.outcome = refused
	}
	for _, r := range o.Refusals() {
		s.reasons = append(s.reasons, reason{r.At.String(), r.String()})
	}
}
