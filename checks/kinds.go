package checks

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// kind is a built-in Kubernetes resource: what kubectl calls it and where the API has it.
type kind struct {
	group, version, name string // name is the Go and API kind: "Pod"
	plural               string
	short                []string
	cluster              bool // has no namespace
}

// source is the kind's canonical name: the plural, with the group for all but the core group.
func (k *kind) source() string {
	if k.group == "" {
		return k.plural
	}
	return k.plural + "." + k.group
}

// kinds are the resources of Kubernetes' stable APIs that can be listed. Where two groups have a resource of the same
// name (events), the one that kubectl takes comes first.
var kinds = []kind{
	{"", "v1", "Pod", "pods", []string{"po"}, false},
	{"", "v1", "ReplicationController", "replicationcontrollers", []string{"rc"}, false},
	{"", "v1", "Service", "services", []string{"svc"}, false},
	{"", "v1", "Node", "nodes", []string{"no"}, true},
	{"", "v1", "Namespace", "namespaces", []string{"ns"}, true},
	{"", "v1", "Event", "events", []string{"ev"}, false},
	{"", "v1", "Endpoints", "endpoints", []string{"ep"}, false},
	{"", "v1", "ConfigMap", "configmaps", []string{"cm"}, false},
	{"", "v1", "Secret", "secrets", nil, false},
	{"", "v1", "ServiceAccount", "serviceaccounts", []string{"sa"}, false},
	{"", "v1", "PersistentVolume", "persistentvolumes", []string{"pv"}, true},
	{"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", []string{"pvc"}, false},
	{"", "v1", "LimitRange", "limitranges", []string{"limits"}, false},
	{"", "v1", "ResourceQuota", "resourcequotas", []string{"quota"}, false},
	{"", "v1", "PodTemplate", "podtemplates", nil, false},
	{"", "v1", "ComponentStatus", "componentstatuses", []string{"cs"}, true},
	{"apps", "v1", "Deployment", "deployments", []string{"deploy"}, false},
	{"apps", "v1", "ReplicaSet", "replicasets", []string{"rs"}, false},
	{"apps", "v1", "StatefulSet", "statefulsets", []string{"sts"}, false},
	{"apps", "v1", "DaemonSet", "daemonsets", []string{"ds"}, false},
	{"apps", "v1", "ControllerRevision", "controllerrevisions", nil, false},
	{"batch", "v1", "Job", "jobs", nil, false},
	{"batch", "v1", "CronJob", "cronjobs", []string{"cj"}, false},
	{"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", []string{"hpa"}, false},
	{"networking.k8s.io", "v1", "Ingress", "ingresses", []string{"ing"}, false},
	{"networking.k8s.io", "v1", "IngressClass", "ingressclasses", nil, true},
	{"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", []string{"netpol"}, false},
	{"networking.k8s.io", "v1", "IPAddress", "ipaddresses", []string{"ip"}, true},
	{"networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", nil, true},
	{"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", nil, false},
	{"events.k8s.io", "v1", "Event", "events", nil, false},
	{"coordination.k8s.io", "v1", "Lease", "leases", nil, false},
	{"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", []string{"pdb"}, false},
	{"rbac.authorization.k8s.io", "v1", "Role", "roles", nil, false},
	{"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", nil, false},
	{"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", nil, true},
	{"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", nil, true},
	{"storage.k8s.io", "v1", "StorageClass", "storageclasses", []string{"sc"}, true},
	{"storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", nil, true},
	{"storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", []string{"vac"}, true},
	{"storage.k8s.io", "v1", "CSIDriver", "csidrivers", nil, true},
	{"storage.k8s.io", "v1", "CSINode", "csinodes", nil, true},
	{"storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", nil, false},
	{"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", []string{"pc"}, true},
	{"node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", nil, true},
	{"certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", []string{"csr"}, true},
	{"certificates.k8s.io", "v1", "ClusterTrustBundle", "clustertrustbundles", nil, true},
	{"certificates.k8s.io", "v1", "PodCertificateRequest", "podcertificaterequests", nil, false},
	{"resource.k8s.io", "v1", "DeviceTaintRule", "devicetaintrules", nil, true},
	{"resource.k8s.io", "v1", "DeviceClass", "deviceclasses", nil, true},
	{"resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", nil, false},
	{"resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", nil, false},
	{"resource.k8s.io", "v1", "ResourceSlice", "resourceslices", nil, true},
	{"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", nil, true},
	{"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", nil, true},
	{"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", nil, true},
	{"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", nil, true},
	{"admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", nil, true},
	{"admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", nil, true},
	{"flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", nil, true},
	{"flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", nil, true},
}

// ownSources are the sources that are not Kubernetes resources.
var ownSources = []string{Containers, Images, Networks, Volumes, DockerEvents, HTTP, Registry, Files, Commands, Logs}

// Canonical resolves the name of a source. A constant of this package stays as it is; the names that kubectl knows for
// a built-in resource ("po", "pod", "deploy", "deployments.apps", "deployments.v1.apps") become its Watch.Source. A
// name with a group that is not built in ("gateways.gateway.networking.k8s.io") is taken for a custom resource and
// accepted; any other is an error, with a suggestion where one is near.
func Canonical(name string) (source string, err error) {
	if slices.Contains(ownSources, name) {
		return name, nil
	}
	return canonicalKind(name)
}

// canonicalKind is Canonical for Kubernetes resources alone.
func canonicalKind(name string) (string, error) {
	lower := strings.ToLower(name)
	if k := findKind(lower); k != nil {
		return k.source(), nil
	}
	if plural, group, ok := strings.Cut(lower, "."); ok {
		if !validName(plural) || !validGroup(group) {
			return "", fmt.Errorf("%q is not the name of a resource", name)
		}
		if k := builtinGroup(group); k != nil {
			return "", fmt.Errorf("the group %q has no resource %q%s", group, plural, suggest(plural, sourceNames()))
		}
		return lower, nil
	}
	return "", fmt.Errorf("no source %q%s", name, suggest(lower, sourceNames()))
}

// Resource tells where the API has the built-in Kubernetes resource of a canonical name, so that it can be watched
// without asking the API server what it has. ok is false for custom resources and for what is not Kubernetes.
func Resource(source string) (gvr schema.GroupVersionResource, namespaced, ok bool) {
	k := kindOf(source)
	if k == nil {
		return schema.GroupVersionResource{}, false, false
	}
	return schema.GroupVersionResource{Group: k.group, Version: k.version, Resource: k.plural}, !k.cluster, true
}

// kindOf is the built-in kind of a canonical name, or nil.
func kindOf(source string) *kind {
	for i := range kinds {
		if kinds[i].source() == source {
			return &kinds[i]
		}
	}
	return nil
}

// findKind resolves a lower-case name as kubectl does: plural, singular or short, each alone, with the group, or with
// version and group. It is nil for an unknown name.
func findKind(name string) *kind {
	base, rest, qualified := strings.Cut(name, ".")
	for i := range kinds {
		k := &kinds[i]
		if base != k.plural && base != strings.ToLower(k.name) && !slices.Contains(k.short, base) {
			continue
		}
		if !qualified || rest == k.group || rest == k.version+"."+k.group || (k.group == "" && rest == k.version) {
			return k
		}
	}
	return nil
}

// builtinGroup is some kind of the group, or nil where the group is not Kubernetes' own.
func builtinGroup(group string) *kind {
	for i := range kinds {
		if kinds[i].group == group {
			return &kinds[i]
		}
	}
	return nil
}

// validName reports whether s can be a resource's plural; it follows RFC 1123's labels.
func validName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-' && s[len(s)-1] != '-'
}

func validGroup(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if !validName(label) {
			return false
		}
	}
	return true
}

// sourceNames are the names worth suggesting.
func sourceNames() []string {
	names := slices.Clone(ownSources)
	for i := range kinds {
		names = append(names, kinds[i].plural)
		names = append(names, kinds[i].short...)
	}
	return names
}
