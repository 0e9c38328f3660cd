package eval_test

import (
	"fmt"
	"testing"

	"example.org/metoostance/eval"
)

func BenchmarkBootstrap(b *testing.B) {
	for _, size := range []int{1, 12} {
		s := simulated(8600, size, 0.7, 1)
		for _, m := range []eval.Metric{eval.FAvg, eval.FAvgOverTargets, eval.MacroAUC, eval.RiskCoverageArea} {
			b.Run(fmt.Sprintf("clusterSize=%d/%s", size, m.Name), func(b *testing.B) {
				for b.Loop() {
					if _, err := eval.Bootstrap(s, m, eval.BootstrapOptions{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkRandomization(b *testing.B) {
	s := simulated(8600, 1, 0.7, 1)
	other := degrade(s, 0.1)
	for b.Loop() {
		if _, err := eval.Randomization(s, other, eval.FAvg, eval.RandomizationOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
