//go:build linux

package avp

import (
	"net"
	"syscall"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestPacketsAreMarkedAsVoice(t *testing.T) {
	for name, o := range map[string]struct {
		local       string
		level, what int
	}{"IPv4": {"127.0.0.1", syscall.IPPROTO_IP, syscall.IP_TOS}, "IPv6": {"::1", syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS}} {
		s, err := openSockets(mustAddr(o.local), phone.PortRange{})
		if err != nil && name == "IPv6" {
			t.Skipf("no IPv6 here: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, conn := range []*net.UDPConn{s.rtp, s.rtcp} {
			raw, err := conn.SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			_ = raw.Control(func(fd uintptr) {
				if got, err := syscall.GetsockoptInt(int(fd), o.level, o.what); err != nil || got>>2 != 46 {
					t.Errorf("%s: DSCP %d, %v; want EF", name, got>>2, err)
				}
			})
		}
		s.close()
	}
}
