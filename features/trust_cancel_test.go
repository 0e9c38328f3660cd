package features_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.org/metoostance/features"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What takes a context returns its error soon after it has ended, within a long
// document too where a vocabulary is learnt, and leaves no goroutine behind.
func TestCancelIsPrompt(t *testing.T) {
	o := features.Options{Blocks: []features.Block{{MaxN: 2}, {Analyzer: features.CharsWB, MinN: 2, MaxN: 5}}}
	long := []string{strings.Repeat("they said that nobody would listen, and nobody did. ", 1_000_000)}
	docs := make([]string, 300_000)
	for i := range docs {
		docs[i] = long[0][i : i+100]
	}
	v := fit(t, docs[:1000], o)
	h, err := features.NewHasher(16, features.Options{Blocks: o.Blocks})
	require.NoError(t, err)
	for name, f := range map[string]func(context.Context) error{
		"Fit":              func(ctx context.Context) error { _, err := features.Fit(ctx, docs, o); return err },
		"Fit, long":        func(ctx context.Context) error { _, err := features.Fit(ctx, long, o); return err },
		"FitTransform":     func(ctx context.Context) error { _, _, err := features.FitTransform(ctx, docs, o); return err },
		"Transform":        func(ctx context.Context) error { _, err := v.Transform(ctx, docs); return err },
		"Hasher.Transform": func(ctx context.Context) error { _, err := h.Transform(ctx, docs); return err },
	} {
		for _, after := range []time.Duration{0, 20 * time.Millisecond} {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(background)
			ended := make(chan time.Time, 1)
			time.AfterFunc(after, func() { cancel(); ended <- time.Now() })
			err := f(ctx)
			returned := time.Now()
			require.ErrorIs(t, err, context.Canceled, name)
			// Milliseconds where nothing else runs.
			assert.Less(t, returned.Sub(<-ended), 2*time.Second, name)
			for wait := 0; runtime.NumGoroutine() > before; wait++ {
				require.Less(t, wait, 500, "goroutines are left")
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
}
