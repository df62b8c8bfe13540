package rtc

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

// nudges are the pauses between extra rounds of ICE checks. pion goes round once in 200 ms and nominates a pair in
// the round after the one that found it good, unless the far end's own check happens to come in between; from a
// browser it mostly does not, and the caller would hear nothing for a fifth of a second.
var nudges = []time.Duration{
	3 * time.Millisecond, 5 * time.Millisecond, 8 * time.Millisecond, 12 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond, 70 * time.Millisecond,
}

// nudge makes the controlling side go round until a pair is chosen. A round starts when a remote candidate is
// added, so the first of theirs is added again under a new name: the same address, another related one.
func (p *peer) nudge(ctx context.Context, candidates []string) {
	if len(candidates) == 0 {
		return
	}
	w := strings.Fields(candidates[0])
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.loops.Go(func() {
		timer := time.NewTimer(nudges[0])
		defer timer.Stop()
		for i := range nudges {
			timer.Reset(nudges[i])
			select {
			case <-timer.C:
			case <-p.done:
				return
			case <-ctx.Done():
				return
			}
			role := p.sender.Transport().ICETransport().Role()
			if role == webrtc.ICERoleControlled || p.networkType() != "" {
				return
			}
			if role == webrtc.ICERoleUnknown { // not started yet; starting makes a round itself
				continue
			}
			again := fmt.Sprintf("candidate:nudge%d 1 udp 1 %s %s typ srflx raddr 0.0.0.0 rport %d", i, w[4], w[5], i+1)
			if p.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: again}) != nil {
				return
			}
		}
	})
}
