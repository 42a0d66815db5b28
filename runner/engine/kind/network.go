package kind

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/runner/engine"
)

// mtuOption is the bridge driver's option for the size of packets.
const mtuOption = "com.docker.network.driver.mtu"

// nodeNetwork is the network that kind puts nodes on. All kind clusters of a machine share it.
func nodeNetwork() string {
	if name := os.Getenv("KIND_EXPERIMENTAL_DOCKER_NETWORK"); name != "" {
		return name
	}
	return "kind"
}

// makeNetwork makes kind's network before kind does, with the engine's label, so that the registries can be on it
// while the cluster is not there yet, and Down knows whose it is. One that exists is used as it is.
func (u *bringUp) makeNetwork(ctx context.Context, t *engine.Task) error {
	name := nodeNetwork()
	_, err := u.docker.NetworkInspect(ctx, name, client.NetworkInspectOptions{})
	if err == nil {
		return nil
	}
	if !errdefs.IsNotFound(err) {
		return fmt.Errorf("look at network %s: %w", name, err)
	}
	t.Undo("네트워크 "+name, u.removeNetwork)
	options := client.NetworkCreateOptions{
		Driver:  "bridge",
		Options: map[string]string{"com.docker.network.bridge.enable_ip_masquerade": "true"},
		Labels:  map[string]string{Label: u.cfg.Name},
	}
	if bridge, err := u.docker.NetworkInspect(ctx, "bridge", client.NetworkInspectOptions{}); err == nil {
		if mtu := bridge.Network.Options[mtuOption]; mtu != "" {
			options.Options[mtuOption] = mtu
		}
	}
	// As kind does: both families, or IPv4 alone where the machine cannot do IPv6.
	both, yes := options, true
	both.EnableIPv6 = &yes
	both.IPAM = &network.IPAM{Config: []network.IPAMConfig{{Subnet: uniqueLocalSubnet(name)}}}
	if _, err = u.docker.NetworkCreate(ctx, name, both); err == nil {
		return nil
	}
	if _, err4 := u.docker.NetworkCreate(ctx, name, options); err4 != nil {
		return fmt.Errorf("make network %s: %w", name, errors.Join(err4, err))
	}
	return nil
}

// uniqueLocalSubnet derives an IPv6 subnet from the network's name (RFC 4193 without the random part).
func uniqueLocalSubnet(name string) netip.Prefix {
	sum := sha256.Sum256([]byte(name))
	var a [16]byte
	a[0] = 0xfd
	copy(a[1:6], sum[:])
	return netip.PrefixFrom(netip.AddrFrom16(a), 64)
}

// removeNetwork removes kind's network if this engine made it and nobody is on it any more.
func (e *Engine) removeNetwork(ctx context.Context) error {
	got, err := e.docker.NetworkInspect(ctx, nodeNetwork(), client.NetworkInspectOptions{})
	if errdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at network %s: %w", nodeNetwork(), err)
	}
	if got.Network.Labels[Label] != e.cfg.Name {
		return nil
	}
	// The network's own list shows running containers alone; somebody's stopped cluster needs the network as well.
	users, err := e.docker.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("network", got.Network.ID),
	})
	if err != nil {
		return fmt.Errorf("list containers on network %s: %w", nodeNetwork(), err)
	}
	if len(users.Items) > 0 {
		return nil
	}
	// Between the look and the removal somebody may have joined: then Docker refuses, and the network is theirs.
	_, err = e.docker.NetworkRemove(ctx, got.Network.ID, client.NetworkRemoveOptions{})
	if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) && !errdefs.IsPermissionDenied(err) {
		return fmt.Errorf("remove network %s: %w", nodeNetwork(), err)
	}
	return nil
}
