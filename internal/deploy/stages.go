// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"

// The stages by the names that the tables below use.
const (
	reconcileService           = ecsv1.ServiceDeploymentLifecycleStageReconcileService
	preScaleUp                 = ecsv1.ServiceDeploymentLifecycleStagePreScaleUp
	scaleUp                    = ecsv1.ServiceDeploymentLifecycleStageScaleUp
	postScaleUp                = ecsv1.ServiceDeploymentLifecycleStagePostScaleUp
	testTrafficShift           = ecsv1.ServiceDeploymentLifecycleStageTestTrafficShift
	postTestTrafficShift       = ecsv1.ServiceDeploymentLifecycleStagePostTestTrafficShift
	preProductionTrafficShift  = ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift
	productionTrafficShift     = ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift
	postProductionTrafficShift = ecsv1.ServiceDeploymentLifecycleStagePostProductionTrafficShift
	bakeTime                   = ecsv1.ServiceDeploymentLifecycleStageBakeTime
	cleanUp                    = ecsv1.ServiceDeploymentLifecycleStageCleanUp
)

// crew is how many tasks a revision is to have at a stage.
type crew string

const (
	// everyone: desiredCount.
	everyone crew = "desired"
	// asItIs: no more than it has places for, nor than desiredCount. Those that fail are replaced by others of their revision.
	asItIs crew = "as found"
	// nobody: none, once no traffic goes to it.
	nobody crew = "none"
)

// share is how much of some traffic the target is to have at a stage.
type share string

const (
	// nothing: all of it goes to the source.
	nothing share = "0"
	// before: what the steps before this one brought.
	before share = "that of the step before"
	// scheduled: what this step brings.
	scheduled share = "that of the step"
	// all of it.
	all share = "all"
)

// stage is one row of the life of a deployment: what is wanted while it stands there, and when it may go on.
type stage struct {
	name           Stage
	source, target crew
	// others are sources beside the one that the target takes over from.
	others           crew
	test, production share
	done             condition
	// hook: lifecycle hooks run at it, from its beginning on, and all have to pass.
	hook bool
	// again is the stage that follows while the shift has steps left.
	again Stage
	// committed: the way is decided. Only someone who asks for a stop turns it around, and it may take as long as it takes.
	committed bool
	// from is, on the way back, the earliest stage reached that makes the row part of it.
	from Stage
}

// stages is the life of a BLUE_GREEN, CANARY or LINEAR deployment, in order. They differ in their Schedule alone.
//
// PRE_PRODUCTION_TRAFFIC_SHIFT is a stage of hooks that ECS's own list of stages lacks; here it is told like the others. Where an Amazon NLB adds ten
// minutes to the traffic shifts nothing is added here: a shift is done when it is seen to be.
var stages = []stage{
	{name: reconcileService, source: everyone, target: nobody, others: nobody, test: nothing, production: nothing, done: oneSource, hook: true},
	{name: preScaleUp, source: everyone, target: nobody, others: nobody, test: nothing, production: nothing, done: atOnce, hook: true},
	{name: scaleUp, source: everyone, target: everyone, others: nobody, test: nothing, production: nothing, done: targetHealthy},
	{name: postScaleUp, source: everyone, target: everyone, others: nobody, test: nothing, production: nothing, done: atOnce, hook: true},
	{name: testTrafficShift, source: everyone, target: everyone, others: nobody, test: all, production: nothing, done: testRouted, hook: true},
	{name: postTestTrafficShift, source: everyone, target: everyone, others: nobody, test: all, production: nothing, done: atOnce, hook: true},
	{name: preProductionTrafficShift, source: everyone, target: everyone, others: nobody, test: all, production: before, done: atOnce, hook: true},
	{name: productionTrafficShift, source: everyone, target: everyone, others: nobody, test: all, production: scheduled, done: stepRouted, hook: true,
		again: preProductionTrafficShift},
	{name: postProductionTrafficShift, source: everyone, target: everyone, others: nobody, test: all, production: all, done: atOnce, hook: true},
	{name: bakeTime, source: everyone, target: everyone, others: nobody, test: all, production: all, done: baked},
	// Test traffic stays with the target: the source is about to have nobody to answer it.
	{name: cleanUp, source: nobody, target: everyone, others: nobody, test: all, production: all, done: sourceGone, committed: true},
}

// wayBack is the way back of a deployment that was ended early, in order: the shifts that it had reached run again with their weights reversed, and their hooks with
// them. The target gets no more tasks meanwhile. Traffic doesn't wait for hooks, only the end of the target's tasks does.
var wayBack = []stage{
	// The source may have lost its tasks already: they come first.
	{name: scaleUp, source: everyone, target: asItIs, others: nobody, test: all, production: all, done: sourceServes, from: cleanUp},
	{name: productionTrafficShift, source: everyone, target: asItIs, others: nobody, test: all, production: nothing, done: productionBack, hook: true,
		from: productionTrafficShift},
	{name: testTrafficShift, source: everyone, target: asItIs, others: nobody, test: nothing, production: nothing, done: testBack, hook: true,
		from: testTrafficShift},
	{name: cleanUp, source: everyone, target: nobody, others: nobody, test: nothing, production: nothing, done: targetGone, committed: true, from: reconcileService},
}

// index is the place of a stage in its table, -1 where it has none.
func index(table []stage, name Stage) int {
	for i := range table {
		if table[i].name == name {
			return i
		}
	}
	return -1
}

// row is where the deployment stands. Of a name that the table lacks, which an older operator may have stored, it is the first row: everything is
// observed again, and nothing was lost.
func (o StagedObservation) row() stage {
	table := stages
	if o.Standing.Back {
		table = wayBack
	}
	return table[max(0, index(table, o.Standing.Stage))]
}

// following is the state after a row that is done, nil after the last.
func (o StagedObservation) following(row stage) *Standing {
	table := stages
	if o.Standing.Back {
		table = wayBack
	}
	next := Standing{Step: o.Standing.Step, Back: o.Standing.Back}
	switch i := index(table, row.name); {
	case row.again != "" && o.Standing.Step < o.steps():
		next.Stage, next.Step = row.again, o.Standing.Step+1
		return &next
	case i+1 == len(table):
		return nil
	default:
		next.Stage = table[i+1].name
	}
	if next.Stage == preProductionTrafficShift {
		next.Step = 1
	}
	return &next
}

// reverse is the first row of the way back, by how far the deployment came.
func (o StagedObservation) reverse() Standing {
	reached := index(stages, o.Standing.Stage)
	if o.Standing.Step > 1 { // it stands before a further step of a shift that has begun
		reached = max(reached, index(stages, productionTrafficShift))
	}
	for _, row := range wayBack {
		if index(stages, row.from) <= reached {
			return Standing{Stage: row.name, Back: true}
		}
	}
	return Standing{Stage: cleanUp, Back: true}
}
