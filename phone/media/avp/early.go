package avp

import (
	"net/netip"
	"sync"
	"time"
)

const (
	mostEarly  = 16                     // packets that wait at most
	earlyLimit = 300 * time.Millisecond // what is older is not worth hearing
)

// earlyPackets keeps the last packets of RTP that came before the answer, or before its keys.
type earlyPackets struct {
	mu   sync.Mutex
	list []earlyPacket
}

type earlyPacket struct {
	raw  []byte
	from netip.AddrPort
	at   time.Time
}

func (e *earlyPackets) keep(raw []byte, from netip.AddrPort, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.list) == mostEarly {
		e.list = append(e.list[:0], e.list[1:]...)
	}
	e.list = append(e.list, earlyPacket{append([]byte(nil), raw...), from, at})
}

// take empties it.
func (e *earlyPackets) take() []earlyPacket {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.list
	e.list = nil
	for len(list) > 0 && time.Since(list[0].at) > earlyLimit {
		list = list[1:]
	}
	return list
}
