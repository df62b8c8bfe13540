//go:build linux

package interop

import (
	"net"
	"sync"
	"testing"
	"time"
)

// distant puts a way of that length between us and a TCP port: what we send arrives so much later. It returns the
// address of its near end.
func distant(t *testing.T, port int, delay time.Duration) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	closed := false
	keep := func(c net.Conn) bool {
		mu.Lock()
		defer mu.Unlock()
		open = append(open, c)
		return !closed
	}
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		closed = true
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		work.Wait()
	})
	work.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.DialTimeout("tcp4", address(port), 5*time.Second)
			if err != nil || !keep(near) || !keep(far) {
				_ = near.Close()
				if far != nil {
					_ = far.Close()
				}
				continue
			}
			work.Go(func() { carry(far, near, delay) })
			work.Go(func() { carry(near, far, 0) })
		}
	})
	return listener.Addr().String()
}

// carry copies until one side ends, and ends the other.
func carry(to, from net.Conn, delay time.Duration) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		time.Sleep(delay) // the length of the way, which nothing tells of
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
