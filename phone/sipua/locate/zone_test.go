package locate

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// resolver asks these servers; it draws the highest number each time, where the test does not say another thing.
func resolver(list ...*locatetest.NameServer) *Resolver {
	var servers []string
	for _, s := range list {
		servers = append(servers, s.Addr)
	}
	return New(Options{Servers: servers, Timeout: 4 * time.Second, Rand: func(n int) int { return n - 1 }})
}

// found makes Locate's answer short: "TLS 192.0.2.1:5061 0", the last being the rank.
func found(t *testing.T, r *Resolver, q Request) ([]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	targets, err := r.Locate(ctx, q)
	var out []string
	for _, target := range targets {
		out = append(out, target.Transport+" "+target.Addr.String()+" "+string(rune('0'+target.Rank)))
	}
	return out, err
}
