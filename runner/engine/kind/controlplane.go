package kind

import (
	"context"
	"fmt"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/kubelab/kubelab/runner/engine"
)

// What lies in the first folder of the control plane's node, its kubelet runs. Labs stop a part of the control plane by
// moving its manifest into the second.
const (
	manifestFolder = "/etc/kubernetes/manifests"
	stoppedFolder  = "/etc/kubernetes/stopped"
)

// stoppable are the parts of the control plane that labs may stop, by kubeadm's name of the phase that makes them. The
// API server answers without them, so that Watch takes neither for a loss.
var stoppable = []string{"scheduler", "controller-manager"}

// controlPlane is the name of the control plane's node.
func (e *Engine) controlPlane() string { return e.cfg.Name + "-control-plane" }

// restoreControlPlane lets the control plane's node run again what is stopped, and makes the folder for what labs are
// going to stop. It returns the names of the pods that come back.
//
// Up runs at the start and when something broke, never in the middle of a lab that goes well: then whatever is stopped was left so.
func (u *bringUp) restoreControlPlane(ctx context.Context, t *engine.Task) (pods []string, err error) {
	for _, part := range stoppable {
		name := "kube-" + part
		runs, err := u.hasFile(ctx, u.controlPlane(), manifestFolder+"/"+name+".yaml")
		if err != nil {
			return nil, err
		}
		if runs {
			continue
		}
		t.Say("멈춰 둔 %s를 다시 실행하는 중", name)
		if err := u.restoreManifest(ctx, part); err != nil {
			return nil, err
		}
		pods = append(pods, name+"-"+u.controlPlane())
	}
	made, err := u.hasFile(ctx, u.controlPlane(), stoppedFolder)
	if err != nil || made {
		return pods, err
	}
	return pods, u.runIn(ctx, u.controlPlane(), "mkdir", "-p", stoppedFolder)
}

// restoreManifest moves a manifest back, or has kubeadm write it anew where it is not to be found.
func (u *bringUp) restoreManifest(ctx context.Context, part string) error {
	file := "kube-" + part + ".yaml"
	kept, err := u.hasFile(ctx, u.controlPlane(), stoppedFolder+"/"+file)
	if err != nil {
		return err
	}
	if kept {
		return u.runIn(ctx, u.controlPlane(), "mv", stoppedFolder+"/"+file, manifestFolder+"/"+file)
	}
	return u.runIn(ctx, u.controlPlane(), "kubeadm", "init", "phase", "control-plane", part, "--config", "/kind/kubeadm.conf")
}

// hasFile tells whether there is a file or a folder in a container.
func (e *Engine) hasFile(ctx context.Context, container, path string) (bool, error) {
	_, err := e.docker.ContainerStatPath(ctx, container, client.ContainerStatPathOptions{Path: path})
	if err == nil || errdefs.IsNotFound(err) {
		return err == nil, nil
	}
	return false, fmt.Errorf("look for %s in %s: %w", path, container, err)
}

// waitRestored waits until pods of the control plane that were stopped run. They work a moment later, and are called ready
// some 10 s after that, by probes that only begin then.
func (u *bringUp) waitRestored(ctx context.Context, pods []string) error {
	if len(pods) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	api, err := u.kubernetes()
	if err != nil {
		return err
	}
	for _, name := range pods {
		list := cache.NewListWatchFromClient(api.CoreV1().RESTClient(), "pods", "kube-system", fields.OneTermEqualSelector("metadata.name", name))
		_, err := watchtools.UntilWithSync(ctx, list, &corev1.Pod{}, nil, func(e watch.Event) (bool, error) {
			pod, ok := e.Object.(*corev1.Pod)
			return ok && e.Type != watch.Deleted && runs(pod), nil
		})
		if err != nil {
			return fmt.Errorf("wait for pod %s: %w", strings.TrimSuffix(name, "-"+u.controlPlane()), err)
		}
	}
	return nil
}

// runs tells whether a pod's only container runs.
func runs(p *corev1.Pod) bool {
	status := p.Status.ContainerStatuses
	return len(status) == 1 && status[0].State.Running != nil
}
