//go:build !linux && !darwin

package carrier

import "net"

// Mark does nothing: Windows marks packets by a policy of the machine, not by a program's wish.
func Mark(*net.UDPConn, DSCP) {}
