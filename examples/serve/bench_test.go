package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

// load is a body that clients send again and again.
type load struct {
	name, contentType string
	body              []byte
	sentences         int
}

func loads(b *testing.B) []load {
	texts := func(n int) (texts []string) {
		for e := range data.Recombined(n, 1) {
			texts = append(texts, e.Text)
		}
		return texts
	}
	object := func(key string, value any) []byte {
		raw, err := json.Marshal(map[string]any{key: value})
		require.NoError(b, err)
		return raw
	}
	var lines bytes.Buffer
	const streamed = 5000
	for _, t := range texts(streamed) {
		lines.Write(append(object(textKey, t), '\n'))
	}
	document := strings.Join(texts(60), "\n\n") // of the length of an article
	return []load{
		{"sentence", oneObject, object(textKey, texts(1)[0]), 1},
		{"100-sentences", oneObject, object(textsKey, texts(100)), 100},
		{"article", plainText, []byte(document), len(stance.Default().ClassifyDocument(document))},
		{"lines", jsonLines, lines.Bytes(), streamed},
	}
}

// BenchmarkServe is a load test: clients that each send a request as soon as the
// last one is answered, over the loopback interface, to the default model with
// the default limits. Clients and server share the processors.
func BenchmarkServe(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	s := newService(stance.Default(), "", defaultLimits(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	ended := make(chan error, 1)
	go func() { ended <- serve(b.Context(), l, s, time.Second, log.Default()) }()
	b.Cleanup(func() { require.NoError(b, <-ended) })
	for _, load := range loads(b) {
		for _, clients := range []int{1, 4, 16} {
			b.Run(fmt.Sprintf("body=%s/clients=%d", load.name, clients), func(b *testing.B) {
				load.run(b, "http://"+l.Addr().String()+"/v1/classify", clients)
			})
		}
	}
}

// run sends b.N requests and reports how many are answered in a second, the
// sentences in them, and quantiles of the time that one takes.
func (l load) run(b *testing.B, url string, clients int) {
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var mu sync.Mutex
	var took []time.Duration
	requests := make(chan struct{}, clients)
	var all sync.WaitGroup
	b.SetBytes(int64(len(l.body)))
	b.ResetTimer()
	for range clients {
		all.Go(func() {
			var mine []time.Duration
			for range requests {
				start := time.Now()
				r, err := client.Post(url, l.contentType, bytes.NewReader(l.body))
				if err != nil {
					b.Error(err)
					continue
				}
				_, err = io.Copy(io.Discard, r.Body)
				r.Body.Close()
				if err != nil || r.StatusCode != http.StatusOK {
					b.Error(r.Status, err)
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	for range b.N {
		requests <- struct{}{}
	}
	close(requests)
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	quantile := func(percent int) float64 { return float64(took[(len(took)-1)*percent/100].Microseconds()) }
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(float64(b.N*l.sentences)/b.Elapsed().Seconds(), "sentences/s")
	b.ReportMetric(quantile(50), "p50-µs")
	b.ReportMetric(quantile(99), "p99-µs")
	b.ReportMetric(0, "ns/op") // of which clients at once make nothing that could be read
	runtime.GC()
}
