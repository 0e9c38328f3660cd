package stancebeam_test

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"

	"example.org/metoostance/examples/beam/stancebeam"
)

func init() {
	register.Function1x0(printResult)
	register.Function1x0(printFailure)
	register.Function1x0(printCount)
}

func printResult(r stancebeam.Result) { fmt.Println(r.ID, r.Label) }

func printFailure(f stancebeam.Failure) { fmt.Printf("%s %q: %s\n", f.ID, f.Text, f.Reason) }

func printCount(c stancebeam.Count) { fmt.Println(c.Day, c.Label, c.N) }

// A program calls beam.Init first, which the tests of this package do for the
// examples.
func ExampleClassify() {
	p, s := beam.NewPipelineWithRoot()
	records := beam.CreateList(s, []stancebeam.Record{
		{ID: "a", Day: "2018-01-31", Text: "Believing women is the least that a newsroom can do."},
		{ID: "b", Day: "2018-01-31", Text: "The council votes on the budget on Friday."},
		{ID: "c", Day: "2018-01-31", Text: ""},
	})
	results, failures := stancebeam.Classify(s, records)
	beam.ParDo0(s, printResult, results)
	beam.ParDo0(s, printFailure, failures)
	if _, err := prism.Execute(context.Background(), p); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// a FAVOR
	// b NONE
	// c "": empty text
}

func ExampleCountByLabelAndDay() {
	p, s := beam.NewPipelineWithRoot()
	results, _ := stancebeam.Classify(s, beam.CreateList(s, []stancebeam.Record{
		{Day: "2018-01-31", Text: "The council votes on the budget on Friday."},
		{Day: "2018-02-01", Text: "The council voted on the budget on Friday."},
		{Day: "2018-02-01", Text: "The council votes on Friday."},
	}))
	beam.ParDo0(s, printCount, stancebeam.CountByLabelAndDay(s, results))
	if _, err := prism.Execute(context.Background(), p); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 2018-01-31 NONE 1
	// 2018-02-01 NONE 2
}
