package validate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubelab/kubelab/runner/engine"
)

// Cluster is where a lab that needs Kubernetes gets a namespace of its own. *Kubernetes is one.
type Cluster interface {
	// Enter makes a namespace for a lab and returns the environment of a learner who works there.
	Enter(ctx context.Context, env *engine.Environment, lab string) (*engine.Environment, error)
	// Objects are all objects in a namespace.
	Objects(ctx context.Context, namespace string) ([]Object, error)
	// Others are the objects that no namespace of a lab holds: those in the namespaces that every cluster has, and those
	// without one, as the namespaces themselves.
	Others(ctx context.Context) ([]Object, error)
	// Leave removes the namespace and waits until it is gone.
	Leave(ctx context.Context, namespace string) error
}

// Object is one object of a cluster.
type Object struct {
	schema.GroupVersionResource
	*unstructured.Unstructured
}

// Kubernetes is the cluster of an environment. Its methods may be called from several goroutines.
type Kubernetes struct {
	dir       string
	dynamic   dynamic.Interface
	discovery discovery.DiscoveryInterface
	transport *http.Transport

	mu    sync.Mutex
	kinds []kind // asked for once
}

// labLabel is on the namespaces of labs, so that those of a run that was killed can be found; its value is the lab.
const labLabel = "kubelab.dev/lab"

var (
	namespaces      = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	serviceAccounts = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
	configMaps      = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

// NewKubernetes returns the cluster of an environment, which must be up. The kubeconfigs of labs are kept in dir.
func NewKubernetes(env *engine.Environment, dir string) (*Kubernetes, error) {
	file, err := clientcmd.LoadFromFile(env.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*file, env.Context, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS = -1 // an inventory asks for every kind there is, at once
	config.WarningHandler = rest.NoWarnings{}
	tls, err := rest.TLSConfigFor(config)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	// client-go's own transports live as long as the process.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: tls, ForceAttemptHTTP2: true}
	wrapped, err := rest.HTTPWrappersForConfig(config, transport)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	client := &http.Client{Transport: wrapped}
	objects, err := dynamic.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("create kubernetes client: %w", err)
	}
	kinds, err := discovery.NewDiscoveryClientForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("create discovery client: %w", err)
	}
	k := newKubernetes(objects, kinds, dir)
	k.transport = transport
	return k, nil
}

func newKubernetes(objects dynamic.Interface, kinds discovery.DiscoveryInterface, dir string) *Kubernetes {
	return &Kubernetes{dir: dir, dynamic: objects, discovery: kinds}
}

// Close ends the connections.
func (k *Kubernetes) Close() {
	if k.transport != nil {
		k.transport.CloseIdleConnections()
	}
}

// The pauses between two looks at what must come or go, and how long a new namespace may take to be of use.
const (
	lookEvery      = 50 * time.Millisecond
	namespaceLimit = 30 * time.Second
)

// Enter implements Cluster. A namespace that cannot be used is removed again.
func (k *Kubernetes) Enter(ctx context.Context, env *engine.Environment, lab string) (*engine.Environment, error) {
	var suffix [3]byte
	rand.Read(suffix[:]) // never fails
	name := "lab-" + lab + "-" + hex.EncodeToString(suffix[:])
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace",
		"metadata": map[string]any{"name": name, "labels": map[string]any{labLabel: lab}},
	}}
	if _, err := k.dynamic.Resource(namespaces).Create(ctx, made, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("make namespace %s: %w", name, err)
	}
	own, err := k.furnish(ctx, env, name)
	if err != nil {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateLimit)
		defer cancel()
		return nil, fmt.Errorf("make namespace %s: %w", name, errors.Join(err, k.Leave(clean, name)))
	}
	return own, nil
}

// furnish waits until pods can be made in a new namespace, and writes the kubeconfig of a learner who works there.
func (k *Kubernetes) furnish(ctx context.Context, env *engine.Environment, name string) (*engine.Environment, error) {
	ready, cancel := context.WithTimeout(ctx, namespaceLimit)
	defer cancel()
	for _, made := range []struct {
		schema.GroupVersionResource
		name string
	}{{serviceAccounts, "default"}, {configMaps, "kube-root-ca.crt"}} {
		err := until(ready, func() (bool, error) {
			_, err := k.dynamic.Resource(made.GroupVersionResource).Namespace(name).Get(ready, made.name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return false, nil
			}
			return err == nil, err
		})
		if err != nil {
			return nil, fmt.Errorf("wait for %s %s: %w", made.Resource, made.name, err)
		}
	}
	own := *env
	own.Namespace = name
	var err error
	own.Kubeconfig, err = k.writeKubeconfig(env, name)
	return &own, err
}

// writeKubeconfig writes the environment's kubeconfig with another namespace into a folder of its own, which kubectl
// can lock files in.
func (k *Kubernetes) writeKubeconfig(env *engine.Environment, namespace string) (string, error) {
	file, err := clientcmd.LoadFromFile(env.Kubeconfig)
	if err != nil {
		return "", fmt.Errorf("read kubeconfig: %w", err)
	}
	if env.Context != "" {
		file.CurrentContext = env.Context
	}
	at := file.Contexts[file.CurrentContext]
	if at == nil {
		return "", fmt.Errorf("read kubeconfig: %s has no context %q", env.Kubeconfig, file.CurrentContext)
	}
	at.Namespace = namespace
	path := filepath.Join(k.dir, namespace, "kubeconfig")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("write kubeconfig: %w", err)
	}
	if err := clientcmd.WriteToFile(*file, path); err != nil {
		return "", fmt.Errorf("write kubeconfig: %w", err)
	}
	return path, nil
}

// Leave implements Cluster. A namespace that is gone already is success.
func (k *Kubernetes) Leave(ctx context.Context, namespace string) error {
	at := k.dynamic.Resource(namespaces)
	if err := at.Delete(ctx, namespace, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove namespace %s: %w", namespace, err)
	}
	why := ""
	err := until(ctx, func() (bool, error) {
		left, err := at.Get(ctx, namespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		if err == nil {
			why = remaining(left)
		}
		return false, err
	})
	if err != nil {
		return fmt.Errorf("wait until namespace %s is gone%s: %w", namespace, why, err)
	}
	return nil
}

// remaining says what keeps a namespace from going.
func remaining(namespace *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(namespace.Object, "status", "conditions")
	var parts []string
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["status"] == "True" {
			parts = append(parts, fmt.Sprint(condition["message"]))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// until looks again and again until there is success or an error.
func until(ctx context.Context, look func() (bool, error)) error {
	clock := time.NewTicker(lookEvery)
	defer clock.Stop()
	for {
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-clock.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// fleeting are the resources that the system makes, changes and removes by itself, and what speaks for leaving them out.
func fleeting() map[string]string {
	return map[string]string{
		"events":                     "are a log, and expire",
		"leases":                     "are renewed every few seconds",
		"endpoints":                  "go with their service",
		"endpointslices":             "go with their service",
		"ipaddresses":                "go with their service",
		"certificatesigningrequests": "expire an hour after a node joined",
		"apiservices":                "belong to the API server itself or to a custom resource definition",
	}
}

// kind is a resource whose objects can be listed and deleted.
type kind struct {
	schema.GroupVersionResource
	namespaced bool
}

// resources are all kinds but the fleeting ones.
func (k *Kubernetes) resources() ([]kind, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kinds != nil {
		return k.kinds, nil
	}
	// Where one group does not answer, the others are worth looking at all the same.
	lists, err := k.discovery.ServerPreferredResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("ask for api groups: %w", err)
	}
	skip := fleeting()
	var out []kind
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, fmt.Errorf("ask for api groups: %w", err)
		}
		for _, r := range list.APIResources {
			if _, skip := skip[r.Name]; !skip && slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "delete") {
				out = append(out, kind{gv.WithResource(r.Name), r.Namespaced})
			}
		}
	}
	k.kinds = out
	return out, nil
}

// listers bounds how many kinds are asked for at the same time.
const listers = 8

// Objects implements Cluster.
func (k *Kubernetes) Objects(ctx context.Context, namespace string) ([]Object, error) {
	return k.list(ctx, func(r kind) dynamic.ResourceInterface {
		if !r.namespaced {
			return nil
		}
		return k.dynamic.Resource(r.GroupVersionResource).Namespace(namespace)
	})
}

// Others implements Cluster.
func (k *Kubernetes) Others(ctx context.Context) ([]Object, error) {
	all, err := k.list(ctx, func(r kind) dynamic.ResourceInterface { return k.dynamic.Resource(r.GroupVersionResource) })
	return slices.DeleteFunc(all, Object.elsewhere), err
}

// list lists objects of every kind for which there is somewhere to look.
func (k *Kubernetes) list(ctx context.Context, where func(kind) dynamic.ResourceInterface) ([]Object, error) {
	kinds, err := k.resources()
	if err != nil {
		return nil, err
	}
	lists := make([][]Object, len(kinds))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(listers)
	for i, kind := range kinds {
		at := where(kind)
		if at == nil {
			continue
		}
		g.Go(func() error {
			list, err := at.List(ctx, metav1.ListOptions{})
			if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
				return nil // removed since the kinds were asked for
			}
			if err != nil {
				return fmt.Errorf("list %s: %w", kind.Resource, err)
			}
			for j := range list.Items {
				lists[i] = append(lists[i], Object{kind.GroupVersionResource, &list.Items[j]})
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(lists...), nil
}

// elsewhere reports whether an object is in a namespace that not every cluster has.
func (o Object) elsewhere() bool {
	ns := o.GetNamespace()
	return ns != "" && ns != metav1.NamespaceDefault && !strings.HasPrefix(ns, "kube-")
}
