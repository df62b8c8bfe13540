package media

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

func TestANetworkIsNamedByWhatTheSystemTellsOfItsInterface(t *testing.T) {
	sys := t.TempDir()
	for file, content := range map[string]string{"eth0/type": "1\n", "wlan0/type": "1\n", "wlan0/wireless/x": "", "wwan0/type": "65534\n", "tap0/tun_flags": "0x1", "ib0/type": "32\n"} {
		path := filepath.Join(sys, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		flags net.Flags
		want  string
	}{{"lo", net.FlagLoopback, "loopback"}, {"eth0", 0, "ethernet"}, {"wlan0", 0, "wifi"}, {"wwan0", 0, "mobile"}, {"tap0", 0, "vpn"},
		{"tun0", net.FlagPointToPoint, "vpn"}, {"ib0", 0, ""}, {"gone", 0, ""}} {
		if got := interfaceKind(net.Interface{Name: c.name, Flags: c.flags}, sys); got != c.want {
			t.Errorf("%s is %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAnAddressFindsItsInterface(t *testing.T) {
	for address, want := range map[string]string{"127.0.0.1": "loopback", "::ffff:127.0.0.1": "loopback", "0.0.0.0": "", "192.0.2.77": ""} {
		if got := networkOf(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is %q, want %q", address, got, want)
		}
	}
	if got := networkOf(netip.Addr{}); got != "" {
		t.Errorf("no address is %q", got)
	}
}
