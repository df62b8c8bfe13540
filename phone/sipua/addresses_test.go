package sipua

import (
	"net"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/sipua/locate"
	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
)

// TestAWebSocketsHostMayBeTwoMachines: a URL names no SRV, but its host may have several addresses. Where the first one
// refuses the handshake, or hangs up, the second one serves.
func TestAWebSocketsHostMayBeTwoMachines(t *testing.T) {
	for name, refuse := range map[string]func(net.Conn){
		"it says 503": func(raw net.Conn) {
			_, _ = raw.Read(make([]byte, 4096))
			_, _ = raw.Write([]byte("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"))
			_ = raw.Close()
		},
		"it hangs up": func(raw net.Conn) { _ = raw.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			one, two := twoMachines(t)
			serving(t, one, refuse)
			serving(t, two, func(raw net.Conn) { serveOneRegister(raw, true) })
			_, port, _ := net.SplitHostPort(one.Addr().String())
			account := anAccount("ws")
			account.Server = "ws://pbx.example:" + port + "/ws"
			zone := []string{"pbx.example. 60 IN A 127.0.0.1", "pbx.example. 60 IN A 127.0.0.2"}
			s, l := onLoopback(t, Options{Resolver: locate.New(locate.Options{Servers: []string{locatetest.Serve(t, zone...).Addr}})}, account)
			l.Register(time.Hour)
			event[phone.TransportUp](s)
			if e := s.registered(); e.Status != 200 {
				t.Errorf("%+v", e)
			}
		})
	}
}

// twoMachines are one port of two addresses.
func twoMachines(t *testing.T) (one, two net.Listener) {
	t.Helper()
	for range 50 {
		one, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(one.Addr().String())
		if two, err := net.Listen("tcp", "127.0.0.2:"+port); err == nil {
			return one, two
		}
		one.Close()
	}
	t.Skip("this machine has no 127.0.0.2")
	return nil, nil
}

// serving gives each connection to serve, one after the other.
func serving(t *testing.T, listener net.Listener, serve func(net.Conn)) {
	done := make(chan struct{})
	t.Cleanup(func() { listener.Close(); <-done })
	go func() {
		defer close(done)
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			serve(raw)
		}
	}()
}
