package demopbx

import (
	"sync"
	"time"
)

// Bounds of what one peer may do to us.
const (
	maxMessage   = 64 << 10         // bytes of one SIP message
	maxFlows     = 64               // connections
	maxPeers     = 256              // UDP peers
	outboxSize   = 64               // messages waiting to be written to one connection
	writeTimeout = 5 * time.Second  // of one write
	idleTimeout  = 10 * time.Minute // without any byte from the peer

	mostTransactions = 4096
)

// flow is one way to one peer (RFC 5626 §1): a connection, or a remote address on the UDP
// socket. id, transport, local and remote never change; user belongs to the loop.
type flow struct {
	id        uint64
	transport string // "UDP", "TCP", "TLS", "WS", "WSS", as in Via
	local     string // "127.0.0.1:port" of our listener
	remote    string
	reliable  bool

	user     string // who registered or authenticated last on it; "" for nobody
	badAuth  int    // wrong digests in a row
	gone     bool   // the loop has seen it close
	lastSeen time.Time

	write func([]byte) // never blocks
	once  sync.Once
	shut  func()
}

// send queues one message. It never blocks; a peer that does not read loses its connection.
func (f *flow) send(message []byte) { f.write(message) }

// close ends the connection; for UDP it does nothing. It may be called more than once.
func (f *flow) close() {
	f.once.Do(func() {
		if f.shut != nil {
			f.shut()
		}
	})
}
