//go:build linux || darwin

package avp

import (
	"net"
	"syscall"
)

// expeditedForwarding is DSCP EF (RFC 3246, RFC 4594 §4.1) where the byte of TOS has it.
const expeditedForwarding = 46 << 2

// expedite marks the socket's packets as voice. A system that does not want that leaves them unmarked.
func expedite(conn *net.UDPConn, six bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		if six {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS, expeditedForwarding)
			return
		}
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_TOS, expeditedForwarding)
	})
}
