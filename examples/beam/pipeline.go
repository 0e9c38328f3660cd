package main

import (
	"sync/atomic"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"example.org/metoostance/examples/beam/stancebeam"
)

func init() {
	register.Function1x1(branchOf)
}

// progress is how far the pipeline is, as far as it runs in this process.
var progress struct {
	planned, read, records atomic.Int64 // bytes, bytes and records
}

// branchOf returns the branch of the pipeline in which a block is read.
func branchOf(b block) int { return b.Branch }

// pipeline makes the pipeline:
//
//	files -> blocks -> records -> results  -> parts of results.jsonl
//	   |                 |   |      `-> counts
//	   |                 |   `-> failures  -> parts of failures.jsonl
//	   |                 `-> number of records
//	   `-> number of blocks
//
//	parts, counts -> the output
//
// A runner fuses all between the blocks and the parts into one stage: no sentence
// leaves the worker that read it, and no runner has to hold the collection. Prism
// in particular puts all that waits for a stage into one bundle, which it keeps
// in memory and sends as one message of at most 2 GiB, and it does not divide a
// bundle as long as it proceeds. So here the blocks are divided into branches;
// they are stages of their own, which run at the same time.
func (c *command) pipeline(inputs []input, parts string) *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	sources := make([]string, len(inputs))
	for i, in := range inputs {
		sources[i] = in.Path
	}
	files := beam.Reshuffle(s, beam.CreateList(s, inputs))
	blocks, planned := beam.ParDo2(s, &planFn{Branches: c.workers}, files)
	pieces := []beam.PCollection{planned}
	var results []beam.PCollection
	for _, branch := range beam.Partition(s, c.workers, branchOf, blocks) {
		records, read := beam.ParDo2(s, &readFn{MaxLine: c.maxLine}, beam.Reshuffle(s, branch))
		labelled, failures := stancebeam.ClassifyWith(s, stancebeam.Options{
			Model: c.model, MinConfidence: c.minConfidence, MaxBytes: c.maxLine, KeepText: c.text,
		}, records)
		pieces = append(pieces, read,
			beam.ParDo(s, &writeResultsFn{partWriter{Dir: parts, Kind: resultParts}}, labelled),
			beam.ParDo(s, &writeFailuresFn{partWriter{Dir: parts, Kind: failureParts}}, failures))
		results = append(results, labelled)
	}
	beam.ParDo0(s, &commitFn{Dir: c.output, Sources: sources}, beam.Impulse(s),
		beam.SideInput{Input: beam.Flatten(s, pieces...)},
		beam.SideInput{Input: stancebeam.CountByLabelAndDay(s, results...)})
	return p
}
