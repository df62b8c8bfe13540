//go:build !linux && !darwin

package avp

import "net"

// expedite does nothing: Windows marks packets by a policy of the machine, not by a program's wish.
func expedite(*net.UDPConn, bool) {}
