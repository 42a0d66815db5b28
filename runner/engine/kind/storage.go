package kind

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/kubelab/kubelab/runner/engine"
)

// What a node image brings as the default storage: kind's own name of it, and where its provisioner runs.
const (
	defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class"
	storageManifest        = "/kind/manifests/default-storage.yaml"
	storageNamespace       = "local-path-storage"
	storageDeployment      = "local-path-provisioner"
)

// waitStorage waits until claims of the default StorageClass get volumes. kind has made the class with the cluster; where
// it or its provisioner is gone, it is made again. A node image without a provisioner only lacks the storage: everything
// else works.
func (u *bringUp) waitStorage(ctx context.Context, t *engine.Task) error {
	ctx, cancel := context.WithTimeout(ctx, createWait)
	defer cancel()
	has, err := u.hasFile(ctx, u.controlPlane(), storageManifest)
	if err != nil {
		return err
	}
	api, err := u.kubernetes()
	if err != nil {
		return err
	}
	there, err := storageIsThere(ctx, api)
	switch {
	case err != nil:
		return err
	case !there && !has:
		t.Say("이 클러스터의 노드 이미지에는 볼륨을 만드는 프로그램이 없습니다. 다시 만드세요: kubelab down && kubelab up")
		t.Lack(engine.Storage)
		return nil
	case !there:
		if err := u.runIn(ctx, u.controlPlane(), "kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", "apply", "-f", storageManifest); err != nil {
			return fmt.Errorf("make the default StorageClass: %w", err)
		}
	}
	list := cache.NewListWatchFromClient(api.AppsV1().RESTClient(), "deployments", storageNamespace,
		fields.OneTermEqualSelector("metadata.name", storageDeployment))
	_, err = watchtools.UntilWithSync(ctx, list, &appsv1.Deployment{}, nil, func(e watch.Event) (bool, error) {
		d, ok := e.Object.(*appsv1.Deployment)
		return ok && e.Type != watch.Deleted && d.Status.AvailableReplicas > 0, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the provisioner of the default StorageClass: %w", err)
	}
	return nil
}

// storageIsThere looks for a default StorageClass and for what makes its volumes.
func storageIsThere(ctx context.Context, api kubernetes.Interface) (bool, error) {
	classes, err := api.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, fmt.Errorf("list StorageClasses: %w", err)
	}
	found := false
	for _, c := range classes.Items {
		found = found || c.Annotations[defaultClassAnnotation] == "true"
	}
	_, err = api.AppsV1().Deployments(storageNamespace).Get(ctx, storageDeployment, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the provisioner: %w", err)
	}
	return found, nil
}
