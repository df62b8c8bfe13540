//go:build linux || darwin

package carrier

import (
	"net"
	"syscall"
)

// Mark has the socket's packets marked from now on. A system that does not want that leaves them as they were.
func Mark(conn *net.UDPConn, as DSCP) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	local, _ := conn.LocalAddr().(*net.UDPAddr)
	six := local != nil && local.IP.To4() == nil
	_ = raw.Control(func(fd uintptr) {
		if six {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS, int(as)<<2)
			return
		}
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_TOS, int(as)<<2)
	})
}
