//go:build e2e

package kind

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"sigs.k8s.io/kind/pkg/cluster"

	"github.com/kubelab/kubelab/runner/engine"
)

// BenchmarkUp is Up from nothing, with the images there, beside kind alone with the same configuration, in pairs: what
// the machine does meanwhile is then in both. Reported are the medians and the ratio of each pair.
func BenchmarkUp(b *testing.B) {
	docker, err := client.New(client.FromEnv)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { docker.Close() })
	e, err := New(Config{Name: "kl-bench", StateDir: b.TempDir() + "/kind", RegistryPort: 5102, Images: localImages{docker}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	ctx := context.Background()
	silent := func(engine.Progress) {}
	down := func() {
		if err := e.Down(ctx, silent); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(down)
	var ups, bares, ratios []float64
	for b.Loop() {
		down()
		begin := time.Now()
		if err := e.Up(ctx, silent); err != nil {
			b.Fatal(err)
		}
		up := time.Since(begin).Seconds()
		down()
		bare := bareKind(b, e)
		ups, bares, ratios = append(ups, up), append(bares, bare), append(ratios, up/bare)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ups), "up-s")
	b.ReportMetric(median(bares), "bare-kind-s")
	b.ReportMetric(median(ratios), "up/bare-kind")
}

// bareKind creates a cluster of the engine's configuration with the kind library alone, and returns the seconds until
// all its nodes are ready.
func bareKind(b *testing.B, e *Engine) float64 {
	b.Helper()
	ctx := context.Background()
	u := &bringUp{Engine: e, images: imageSet{got: map[Image]LocalImage{}}}
	got, err := e.cfg.Images.Ensure(ctx, NodeKind, func(string) {})
	if err != nil {
		b.Fatal(err)
	}
	u.images.put(NodeKind, got)
	err = engine.Run(ctx, []engine.Step{{Name: "docker", Title: "docker", Do: u.reachDocker}}, nil, func(engine.Progress) {})
	if err != nil {
		b.Fatal(err)
	}
	provider, err := e.provider(nil)
	if err != nil {
		b.Fatal(err)
	}
	kubeconfig := b.TempDir() + "/kubeconfig"
	begin := time.Now()
	err = provider.Create(e.cfg.Name,
		cluster.CreateWithV1Alpha4Config(u.clusterConfig()), cluster.CreateWithNodeImage(got.Ref),
		cluster.CreateWithKubeconfigPath(kubeconfig), cluster.CreateWithWaitForReady(5*time.Minute))
	took := time.Since(begin).Seconds()
	if err != nil {
		b.Fatal(err)
	}
	if err := provider.Delete(e.cfg.Name, kubeconfig); err != nil {
		b.Fatal(err)
	}
	return took
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
