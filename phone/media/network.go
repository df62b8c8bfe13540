package media

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// networkOf says what the interface with that address is: "loopback", "ethernet", "wifi", "mobile", "vpn", or "" where the system does
// not tell: outside of Linux only loopback and tunnels are told. It asks the system, so it is for a goroutine that may wait.
func networkOf(local netip.Addr) string {
	local = local.Unmap().WithZone("")
	if !local.IsValid() || local.IsUnspecified() {
		return ""
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return ""
	}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Unmap().WithZone("") == local {
				return interfaceKind(i, "/sys/class/net")
			}
		}
	}
	return ""
}

// interfaceKind reads what Linux tells of an interface below sys.
func interfaceKind(i net.Interface, sys string) string {
	has := func(what string) bool {
		_, err := os.Stat(filepath.Join(sys, i.Name, what))
		return err == nil
	}
	switch {
	case i.Flags&net.FlagLoopback != 0:
		return "loopback"
	case i.Flags&net.FlagPointToPoint != 0, has("tun_flags"):
		return "vpn"
	case has("wireless"), has("phy80211"):
		return "wifi"
	case strings.HasPrefix(i.Name, "ww"): // systemd's name for wide area networks
		return "mobile"
	}
	if kind, err := os.ReadFile(filepath.Join(sys, i.Name, "type")); err == nil && strings.TrimSpace(string(kind)) == "1" { //nolint:gosec // the kernel's; 1 is ARPHRD_ETHER
		return "ethernet"
	}
	return ""
}
