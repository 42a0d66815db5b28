package session_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
)

const pictureLab = `
needs: [docker]

## 하나 {#one}

~~~yaml check
- watch: containers
  title: 컨테이너가 있음
  expect: size(items) > 0
  tell:
  - say: 없습니다.
- watch: http
  select: {url: "http://localhost:8080/"}
  title: 대답함
  expect: size(items) > 0
  tell:
  - say: 없습니다.
~~~

## 둘 {#two}

~~~yaml step
picture: layers
~~~

~~~yaml ask
- ask: 몇 개인가요?
  answer: 1
~~~
`

// observed are the sources that are observed now.
func (w *world) observed() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(w.wanted)), ", ")
}

const labSources = "containers, http http://localhost:8080/"

// TestPictureIsObserved holds that a picture's sources are observed while it is shown, and no longer.
func TestPictureIsObserved(t *testing.T) {
	flow(t, pictureLab, func(t *testing.T, r *rig) {
		r.means.set(true, engine.Cluster)
		v := r.start()
		if got := r.world.observed(); got != labSources {
			t.Fatalf("without a picture, %s are observed", got)
		}
		if v.Scene.Snapshot.State(checks.Containers).Synced {
			t.Error("a scene is published that nobody wants")
		}
		r.Picture(picture.Nodes)
		r.rest()
		if got := r.world.observed(); got != "containers, http http://localhost:8080/, nodes, pods" {
			t.Errorf("for a picture of nodes, %s are observed", got)
		}
		r.world.put("pods", checks.Object{"metadata": map[string]any{"name": "kubia", "uid": "1"}})
		v = r.rest()
		if v.Scene.Kind != picture.Nodes || len(v.Scene.Snapshot.State("pods").Items) != 1 {
			t.Errorf("the scene is %q with %d pods", v.Scene.Kind, len(v.Scene.Snapshot.State("pods").Items))
		}
		if len(v.Scene.HTTP) != 1 || v.Scene.HTTP[0].Arg != "http://localhost:8080/" {
			t.Errorf("the scene's http sources are %v", v.Scene.HTTP)
		}
		r.Picture(picture.Containers)
		r.rest()
		if got := r.world.observed(); got != labSources {
			t.Errorf("for a picture of containers, %s are observed", got)
		}
		r.Picture("")
		if v = r.rest(); v.Scene.Kind != "" || v.Scene.Snapshot.State(checks.Containers).Synced {
			t.Error("the scene stays when the picture is put away")
		}
	})
}

// TestPictureMoves holds that a scene follows what no check looks at, and what checks look at goes on being checked.
func TestPictureMoves(t *testing.T) {
	flow(t, pictureLab, func(t *testing.T, r *rig) {
		r.start()
		r.Picture(picture.Layers)
		r.rest()
		r.world.put(checks.Images, image("i1", "kubia:latest"))
		r.world.put(checks.Containers, container("c1", "web"))
		v := r.rest()
		if n := len(v.Scene.Snapshot.State(checks.Images).Items); n != 1 {
			t.Errorf("the scene has %d images", n)
		}
		if !v.Steps[0].Checks[0].Passed {
			t.Error("the check did not pass while a picture was shown")
		}
	})
}

// TestPictureOfStep holds that the sources of the picture that suits a step are observed while the learner is there.
func TestPictureOfStep(t *testing.T) {
	flow(t, pictureLab, func(t *testing.T, r *rig) {
		r.start()
		r.Goto(1)
		r.rest()
		if got := r.world.observed(); got != "containers, http http://localhost:8080/, images" {
			t.Errorf("in the step, %s are observed", got)
		}
		r.Goto(0)
		r.rest()
		if got := r.world.observed(); got != labSources {
			t.Errorf("after the step, %s are observed", got)
		}
	})
}

// TestPictureWaits holds that a picture's sources are observed as soon as the environment has them, and not before, also
// where the lab itself still waits.
func TestPictureWaits(t *testing.T) {
	flow(t, pictureLab, func(t *testing.T, r *rig) {
		r.means.set(false, engine.Docker)
		r.start()
		r.Picture(picture.Rollout)
		r.rest()
		if got := r.world.observed(); got != "" {
			t.Errorf("without a cluster, %s are observed", got)
		}
		r.means.set(true, engine.Cluster)
		r.rest()
		if got := r.world.observed(); got != "deployments.apps, pods, replicasets.apps" {
			t.Errorf("with the cluster, %s are observed", got)
		}
		r.means.set(true, engine.Docker)
		r.rest()
		if got := r.world.observed(); got != labSources+", deployments.apps, pods, replicasets.apps" && got != "containers, deployments.apps, http http://localhost:8080/, pods, replicasets.apps" {
			t.Errorf("when the lab has begun, %s are observed", got)
		}
		r.means.set(false, engine.Cluster)
		r.rest()
		if got := r.world.observed(); got != labSources {
			t.Errorf("when the cluster is gone, %s are observed", got)
		}
	})
}

// TestPictureOutlastsReset holds that a lab that begins anew is observed anew with the picture's sources, and that its
// baseline does not hold them.
func TestPictureOutlastsReset(t *testing.T) {
	flow(t, pictureLab, func(t *testing.T, r *rig) {
		r.start()
		r.Picture(picture.Layers)
		r.rest()
		r.Reset()
		r.rest()
		if got := r.world.observed(); got != "containers, http http://localhost:8080/, images" {
			t.Errorf("after a reset, %s are observed", got)
		}
		facts, _ := r.log.Read()
		for _, f := range facts {
			if _, there := f.Before[checks.Images]; there {
				t.Error("the baseline holds what only the picture looks at")
			}
		}
		synctest.Wait()
	})
}
