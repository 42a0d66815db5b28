package loadbalancer

import (
	"net/netip"
	"runtime"
	"sync"
)

// Pool is the addresses that Services can have.
type Pool struct {
	addresses []string
	// shared is true where Services share the one address there is, and only their ports tell them apart.
	shared bool
	mu     sync.Mutex
	owner  map[string]string // address → service key; unused where shared
}

// NewPool returns the addresses for this operating system. Linux answers on every address of 127.0.0.0/8 without
// further ado; 127.0.1.1 up to 127.0.1.254 are given out. Elsewhere there is 127.0.0.1, for all.
func NewPool() *Pool {
	if runtime.GOOS == "linux" {
		return RangePool(netip.MustParseAddr("127.0.1.1"), 254)
	}
	return SharedPool("127.0.0.1")
}

// RangePool gives each Service one of n addresses beginning at first.
func RangePool(first netip.Addr, n int) *Pool {
	p := &Pool{owner: map[string]string{}}
	for a := first; n > 0; a, n = a.Next(), n-1 {
		p.addresses = append(p.addresses, a.String())
	}
	return p
}

// SharedPool gives every Service the same address.
func SharedPool(ip string) *Pool { return &Pool{addresses: []string{ip}, shared: true} }

// Contains tells whether the address is one of the pool's.
func (p *Pool) Contains(ip string) bool {
	for _, a := range p.addresses {
		if a == ip {
			return true
		}
	}
	return false
}

// maxTries is how many free addresses are tried for one Service. A program that listens on all addresses makes every
// one of them fail, which must not take hundreds of tries to find out.
const maxTries = 8

// Free lists the lowest addresses that nobody has.
func (p *Pool) Free() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var free []string
	for _, a := range p.addresses {
		if p.owner[a] == "" {
			free = append(free, a)
		}
		if len(free) == maxTries {
			break
		}
	}
	return free
}

// Reserve gives an address to a Service, and reports whether it has it now.
func (p *Pool) Reserve(key, ip string) bool {
	if !p.Contains(ip) {
		return false
	}
	if p.shared {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.owner[ip]; o != "" {
		return o == key
	}
	p.owner[ip] = key
	return true
}

// Release takes a Service's addresses back.
func (p *Pool) Release(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for a, o := range p.owner {
		if o == key {
			delete(p.owner, a)
		}
	}
}
