package locate

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// names are the last digits of the targets' addresses, in order.
func names(targets []Target) string {
	out := ""
	for _, t := range targets {
		address := t.Addr.Addr().String()
		out += address[len(address)-1:]
	}
	return out
}

func TestWhoFailedIsPassedOverForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 1", "TCP 192.0.2.3:1 2")
		var r Rotation
		want := func(when, order, better string) {
			t.Helper()
			if got := names(r.Order(all)); got != order {
				t.Errorf("%s: order %s, want %s", when, got, order)
			}
			if got := names(r.Better(all[1], all)); got != better {
				t.Errorf("%s: better than 2: %q, want %q", when, got, better)
			}
		}
		want("at first", "123", "1")
		r.Failed(all[0])
		want("1 failed", "23", "")
		time.Sleep(failedFor - time.Second)
		want("1 failed five minutes ago, nearly", "23", "")
		time.Sleep(time.Second)
		want("1 may try again", "123", "1")
		r.Failed(all[0])
		r.Worked(all[0])
		want("1 works again", "123", "1")
		r.Failed(all[0])
		r.Failed(all[1])
		want("1 and 2 failed", "3", "")
		r.Failed(all[2])
		want("all failed, so all are forgiven", "123", "1")
	})
}

func TestEqualsAreNotBetter(t *testing.T) {
	all := targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 0", "TCP 192.0.2.3:1 1")
	var r Rotation
	if got := names(r.Better(all[1], all)); got != "" {
		t.Errorf("better than its equal: %q", got)
	}
	if got := names(r.Better(all[2], all)); got != "12" {
		t.Errorf("better than the second rank: %q", got)
	}
	if got := names(r.Better(targets("TCP 192.0.2.9:1 0")[0], all)); got != "123" {
		t.Errorf("better than one that is named no more: %q", got)
	}
	r.Failed(targets("UDP 192.0.2.1:1 0")[0])
	if got := names(r.Order(all)); got != "123" {
		t.Errorf("another transport's failure counts: %q", got)
	}
}

func TestARotationDoesNotGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r Rotation
		for i := range 100 {
			target := targets("TCP 192.0.2.1:1 0")[0]
			target.Transport = string(rune('A' + i))
			r.Failed(target)
			time.Sleep(time.Minute)
		}
		if len(r.failed) > 6 {
			t.Errorf("%d remembered", len(r.failed))
		}
	})
}

// TestWeights draws often and counts who comes first, beside what RFC 2782 promises.
func TestWeights(t *testing.T) {
	const draws = 20000
	for name, c := range map[string]struct {
		weights []uint16
		share   []float64 // of first places
	}{
		"one to three":                        {[]uint16{10, 30}, []float64{0.25, 0.75}},
		"zeros are even":                      {[]uint16{0, 0}, []float64{0.5, 0.5}},
		"a zero has a small chance":           {[]uint16{0, 99}, []float64{0.01, 0.99}},
		"a small chance, wherever it is":      {[]uint16{99, 0}, []float64{0.99, 0.01}},
		"three, among them the largest there": {[]uint16{65535, 65535, 65535}, []float64{1. / 3, 1. / 3, 1. / 3}},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			records := []*dns.SRV{{Priority: 9, Target: "last."}}
			for i, w := range c.weights {
				records = append(records, &dns.SRV{Priority: 1, Weight: w, Port: uint16(i)})
			}
			first := make([]int, len(c.weights))
			for range draws {
				drawn := inOrder(records, random.IntN)
				if len(drawn) != len(records) || drawn[len(drawn)-1].Priority != 9 {
					t.Fatalf("%v", drawn)
				}
				first[drawn[0].Port]++
			}
			for i, n := range first {
				if got := float64(n) / draws; got < c.share[i]-0.02 || got > c.share[i]+0.02 {
					t.Errorf("record %d comes first in %.3f of the draws, want %.3f", i, got, c.share[i])
				}
			}
		})
	}
}
