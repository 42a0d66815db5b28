package picture

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// container is a Docker container as it is drawn.
type container struct {
	name, image string
	state       string
	role        Role
	running     bool
	ports       []string
	mark        Mark
}

// containers are the containers, newest first, as docker ps has them.
func (e *eye) containers() []container {
	var out []container
	for _, o := range slices.Backward(e.items(checks.Containers)) {
		c := container{name: tidy(strings.TrimPrefix(checks.Text(o, "Name"), "/")), image: shortImage(tidy(checks.Text(o, "Config", "Image")))}
		c.state, c.role = e.stateOf(o)
		c.running = checks.Bool(o, "State", "Running")
		c.ports = e.portsOf(o, c.running)
		c.mark = e.seeObject(checks.Containers, o, append([]string{c.name, c.image, dockerState(o)}, c.ports...)...)
		out = append(out, c)
	}
	return out
}

// dockerState is everything about a container's state that does not change with time alone.
func dockerState(o checks.Object) string {
	return fmt.Sprint(checks.Text(o, "State", "Status"), " ", checks.Int(o, "State", "ExitCode"), " ", checks.Text(o, "State", "Health", "Status"))
}

// stateOf is a container's state in words.
func (e *eye) stateOf(o checks.Object) (words string, role Role) {
	switch status := checks.Text(o, "State", "Status"); status {
	case "running":
		if checks.Text(o, "State", "Health", "Status") == "unhealthy" {
			return e.words.Unhealthy, Bad
		}
		return e.words.Running, Good
	case "exited", "dead":
		code := checks.Int(o, "State", "ExitCode")
		switch {
		case checks.Bool(o, "State", "OOMKilled"):
			return e.words.OutOfMemory, Bad
		case code != 0:
			return fmt.Sprintf(e.words.ExitedF, code), Bad
		}
		return fmt.Sprintf(e.words.ExitedF, code), Faint
	case "created":
		if checks.Text(o, "State", "Error") != "" {
			return e.words.NotStarted, Bad
		}
		return e.words.Created, Faint
	case "paused":
		return e.words.Paused, Faint
	case "restarting":
		return e.words.Restarting, Bad
	default:
		return tidy(status), Faint
	}
}

// portsOf are the lines about a container's ports: published ones first.
func (e *eye) portsOf(o checks.Object, running bool) []string {
	bindings, _ := checks.Field(o, "NetworkSettings", "Ports").(map[string]any)
	if len(bindings) == 0 {
		bindings, _ = checks.Field(o, "HostConfig", "PortBindings").(map[string]any)
	}
	var out, inside []string
	for _, port := range sortedPorts(bindings) {
		var hosts []string
		for _, b := range checks.List(bindings, port) {
			host := tidy(checks.Text(b, "HostPort"))
			if host != "" && !slices.Contains(hosts, host) { // one address each for IPv4 and IPv6
				hosts = append(hosts, host)
				out = append(out, fmt.Sprintf(e.words.PortF, host, tidy(port)))
			}
		}
		if len(hosts) == 0 {
			inside = append(inside, tidy(port))
		}
	}
	exposed, _ := checks.Field(o, "Config", "ExposedPorts").(map[string]any)
	for _, port := range sortedPorts(exposed) {
		if _, bound := bindings[port]; !bound {
			inside = append(inside, tidy(port))
		}
	}
	if len(inside) > 0 && running {
		out = append(out, fmt.Sprintf(e.words.InsideF, strings.Join(inside, ", ")))
	}
	return out
}

// sortedPorts are ports ("8080/tcp") in the order of their numbers.
func sortedPorts(m map[string]any) []string {
	number := func(port string) int {
		digits, _, _ := strings.Cut(port, "/")
		n, _ := strconv.Atoi(digits) // what is no number comes first
		return n
	}
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if d := number(a) - number(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// shortImage is an image's name without the digest and with a full ID cut as docker cuts it.
func shortImage(name string) string {
	name, _, _ = strings.Cut(name, "@sha256:")
	if id, ok := strings.CutPrefix(name, "sha256:"); ok {
		return id[:min(12, len(id))]
	}
	return name
}

func dot(running bool) string {
	if running {
		return "● "
	}
	return "○ "
}

func (p *painter) drawContainers() []Row {
	all := p.containers()
	if len(all) == 0 {
		return p.wrapped(0, 3, Text, p.Words.NoContainers)
	}
	running := 0
	for _, c := range all {
		if c.running && c.mark != Gone {
			running++
		}
	}
	head := []Row{{p.span(Faint, fmt.Sprintf(p.Words.ContainersF, len(all), running))}}
	var blocks []block
	if p.Width < listBelow {
		for _, c := range all {
			blocks = append(blocks, block{containerList(c), 1})
		}
	} else {
		blocks = p.grid(len(all), max(1, p.Width/34), 1, func(i, width, high int) []Row {
			c := all[i]
			rows := []Row{{marked(c.role, c.mark, dot(c.running)+c.state)}, {marked(Faint, c.mark, c.image)}}
			for _, port := range c.ports {
				rows = append(rows, Row{marked(Text, c.mark, port)})
			}
			return box(Row{marked(Title, c.mark, c.name)}, stretch(rows, high), width, c.mark)
		})
	}
	return append(head, p.stack(blocks, p.Height-1)...)
}

func containerList(c container) []Row {
	rows := []Row{
		{marked(c.role, c.mark, dot(c.running)), marked(Title, c.mark, c.name), marked(c.role, c.mark, "  "+c.state)},
		{marked(Faint, c.mark, "    "+c.image)},
	}
	for _, port := range c.ports {
		rows = append(rows, Row{marked(Text, c.mark, "    "+port)})
	}
	return rows
}
