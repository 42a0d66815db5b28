package picture

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// group is a service with the pods behind it, or pods without one.
type group struct {
	service *service
	owners  []owner
	// answered is how many answers the pods have given.
	answered int
	whose    string
}

type service struct {
	name      string
	addresses []string
	selector  string
	mark      Mark
}

// owner is what keeps a number of pods: a ReplicationController or a ReplicaSet. One without a name stands for pods that
// nothing looks after.
type owner struct {
	uid, title, above      string
	desired, current, have int64 // have is how many are ready
	counts                 bool  // desired, current and have are known
	pods                   []member
	mark                   Mark
}

// member is a pod among others.
type member struct {
	pod
	label   string // the part of its name that tells it apart
	answers int
	mark    Mark // of answers
}

// groups are the services of the learner's namespace with what is behind them, then the pods that no service chooses.
func (e *eye) groups() []group {
	all, names := e.members()
	owners := e.owners()
	count := e.answers(names)
	for i := range all {
		m := &all[i]
		m.answers = count.by[rawName(m.object)]
		m.mark = e.see("answers/"+uid(m.object), fmt.Sprint(m.answers))
	}
	var out []group
	served := map[string]bool{}
	for _, o := range e.own(services) {
		selector, _ := checks.Field(o, "spec", "selector").(map[string]any)
		if len(selector) == 0 {
			continue // nothing of the learner's is behind it
		}
		s := &service{name: kubeName(o), addresses: e.addresses(o), selector: pairs(selector)}
		s.mark = e.seeObject(services, o, append([]string{s.name, s.selector}, s.addresses...)...)
		g := group{service: s}
		g.owners = gather(owners, all, func(m member) bool { return selects(selector, m.object) })
		for _, ow := range g.owners {
			served[ow.uid] = true
			for _, m := range ow.pods {
				served[uid(m.object)] = true
				g.answered += m.answers
			}
		}
		if g.answered > 0 {
			g.whose = count.whose(e.words)
		}
		out = append(out, g)
	}
	rest := gather(owners, all, func(m member) bool { return !served[uid(m.object)] })
	for _, ow := range owners {
		if !served[ow.uid] && !slices.ContainsFunc(rest, func(r owner) bool { return r.uid == ow.uid }) && ow.desired > 0 {
			rest = append(rest, ow)
		}
	}
	for _, ow := range rest {
		out = append(out, group{owners: []owner{ow}})
	}
	return out
}

// members are the pods of the learner's namespace, and their names.
func (e *eye) members() ([]member, map[string]bool) {
	var out []member
	names := map[string]bool{}
	for _, o := range e.own(pods) {
		m := member{pod: e.pod(o)}
		m.label = m.name
		if of := tidy(checks.Text(controllerOf(o), "name")); of != "" {
			if rest := strings.TrimPrefix(m.name, of+"-"); rest != "" {
				m.label = rest
			}
		}
		names[rawName(o)] = true
		out = append(out, m)
	}
	return out, names
}

// owners are the ReplicationControllers and ReplicaSets of the learner's namespace, oldest first.
func (e *eye) owners() []owner {
	var out []owner
	for _, source := range []string{controllers, replicaSets} {
		for _, o := range e.own(source) {
			ow := owner{
				uid: uid(o), title: "rc/" + kubeName(o), desired: checks.Int(o, "spec", "replicas"), current: checks.Int(o, "status", "replicas"),
				have: checks.Int(o, "status", "readyReplicas"), counts: true,
			}
			if source == replicaSets {
				ow.title = "rs/" + kubeName(o)
				if by := controllerOf(o); checks.Text(by, "kind") == deploymentKind {
					ow.above = "deploy/" + tidy(checks.Text(by, "name"))
				}
			}
			ow.mark = e.seeObject(source, o, ow.title, fmt.Sprint(ow.desired, ow.current, ow.have))
			out = append(out, ow)
		}
	}
	return out
}

// gather puts the pods that in admits under their owners; owners without such pods are left out.
func gather(owners []owner, all []member, in func(member) bool) []owner {
	var out []owner
	at := map[string]int{}
	for _, m := range all {
		if !in(m) {
			continue
		}
		by := controllerOf(m.object)
		id := checks.Text(by, "uid")
		i, known := at[id]
		if !known {
			i = len(out)
			at[id] = i
			out = append(out, ownerOf(owners, by, id))
		}
		out[i].pods = append(out[i].pods, m)
	}
	// What nothing looks after comes last.
	sort.SliceStable(out, func(i, j int) bool { return out[i].title != "" && out[j].title == "" })
	return out
}

func ownerOf(owners []owner, by any, id string) owner {
	if i := slices.IndexFunc(owners, func(o owner) bool { return o.uid == id }); i >= 0 && id != "" {
		return owners[i]
	}
	if by == nil {
		return owner{}
	}
	return owner{uid: id, title: tidy(strings.ToLower(checks.Text(by, "kind")) + "/" + checks.Text(by, "name"))}
}

// addresses are where a service can be asked.
func (e *eye) addresses(o checks.Object) []string {
	var out []string
	for _, port := range checks.List(o, "spec", "ports") {
		number := checks.Int(port, "port")
		switch checks.Text(o, "spec", "type") {
		case "LoadBalancer":
			found := false
			for _, in := range checks.List(o, "status", "loadBalancer", "ingress") {
				out = append(out, fmt.Sprintf("%s:%d", tidy(cmp.Or(checks.Text(in, "ip"), checks.Text(in, "hostname"))), number))
				found = true
			}
			if !found {
				out = append(out, fmt.Sprintf("%s:%d", e.words.NoAddress, number))
			}
		case "NodePort":
			out = append(out, fmt.Sprintf(e.words.NodePortF, checks.Int(port, "nodePort")))
		default:
			if ip := tidy(checks.Text(o, "spec", "clusterIP")); ip != "" && ip != "None" {
				out = append(out, fmt.Sprintf(e.words.InClusterF, ip, number))
			}
		}
	}
	return out
}

// pairs are labels as kubectl writes them.
func pairs(m map[string]any) string {
	var out []string
	for k, v := range m {
		value, _ := v.(string)
		out = append(out, tidy(k)+"="+tidy(value))
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}
