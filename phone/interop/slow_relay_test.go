//go:build linux

package interop

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// inside runs f in that place of the network: the sockets that it makes belong there, whoever uses them later.
func (n *network) inside(place string, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: should the way back fail, the thread ends with this goroutine
		done <- func() error {
			home, err := os.Open("/proc/thread-self/ns/net")
			if err != nil {
				return err
			}
			defer home.Close()
			there, err := os.Open(filepath.Join("/run/netns", n.name(place)))
			if err != nil {
				return err
			}
			defer there.Close()
			if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			failed := f()
			if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			runtime.UnlockOSThread()
			return failed
		}()
	}()
	return <-done
}

// slowly puts a way to coturn's TCP port into the wide area on which nothing comes through at first, as over a
// line with long delays, where a relay needs several round trips. It returns the port.
func (c *coturn) slowly(t *testing.T, wait time.Duration) int {
	t.Helper()
	const port = turnPort + 22
	at := func(port int) *net.TCPAddr { return &net.TCPAddr{IP: net.ParseIP(serverIP), Port: port} }
	var listener net.Listener
	err := c.net.inside(wideArea, func() (err error) {
		listener, err = net.ListenTCP("tcp4", at(port))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		work.Wait() // the phones are gone, and with them their connections
	})
	work.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer near.Close()
				time.Sleep(wait)
				var far net.Conn
				if c.net.inside(wideArea, func() (err error) {
					far, err = net.DialTCP("tcp4", nil, at(turnPort))
					return err
				}) != nil {
					return
				}
				work.Go(func() {
					_, _ = io.Copy(near, far)
					_ = near.Close()
				})
				_, _ = io.Copy(far, near)
				_ = far.Close()
			})
		}
	})
	return port
}

func TestARelayThatComesAfterTheOfferIsUsedAllTheSame(t *testing.T) {
	proves(t, "coturn", "TURN over TCP")
	n, k, c := behindNATs(t, noUDP, restrictedCone)
	port := c.slowly(t, 900*time.Millisecond)
	us, them := startTwo(t, n, k, c.turn(fmt.Sprintf("turn:%%s:%d?transport=tcp", port), turnSecret), c.stun())
	us.say("call 1002")
	dialled := us.awaitEvent("startSession", nil)["t"].(float64)
	if rang := them.awaitEvent("incoming", nil)["t"].(float64) - dialled; rang > 0.8 {
		t.Errorf("the INVITE waited for the relay: it rang after %.2f s", rang)
	}
	us.awaitTone(theirTone, ourLevel)
	them.awaitTone(ourTone, ourLevel)
	us.goesBy("relay")
	us.hangUpOn(them)
}
