package media

import (
	"sync"
	"time"
)

const (
	outletSpace = 6 * tick
	maxAhead    = 4
	// calmFills without a shortage let the outlet run one block closer again: 20 s.
	calmFills = 2000
)

// outlet is the short FIFO between the tick and one opened speaker. It holds one block as long as the speaker asks
// evenly, and up to maxAhead where it asks in bursts.
type outlet struct {
	need chan<- struct{} // wakes the tick's goroutine

	mu       sync.Mutex
	pcm      [outletSpace]int16
	n        int
	ahead    int // blocks that should be ready
	calm     int
	asked    time.Time // of the last fill
	started  bool      // the tick has pushed something
	shortage uint64
	echoes   echoes
}

func newOutlet(need chan<- struct{}) *outlet { return &outlet{need: need, ahead: 1} }

// fill is called by the speaker.
func (o *outlet) fill(pcm []int16) {
	o.mu.Lock()
	n := copy(pcm, o.pcm[:o.n])
	o.n = copy(o.pcm[:], o.pcm[n:o.n])
	clear(pcm[n:])
	o.echoes.add(pcm)
	o.asked = time.Now()
	if n < len(pcm) && o.started {
		o.shortage++
		o.ahead, o.calm = min(o.ahead+1, maxAhead), 0
	} else if o.calm++; o.calm >= calmFills {
		o.ahead, o.calm = max(1, o.ahead-1), 0
	}
	o.mu.Unlock()
	select {
	case o.need <- struct{}{}:
	default:
	}
}

// push takes a block from the tick. What the speaker does not take in time is lost, oldest first.
func (o *outlet) push(pcm []int16) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.started = true
	if over := o.n + len(pcm) - o.ahead*tick; over > 0 {
		over = min(over, o.n)
		o.n = copy(o.pcm[:], o.pcm[over:o.n])
	}
	o.n += copy(o.pcm[o.n:], pcm)
}

// rest says that the tick pauses: running empty is no shortage then.
func (o *outlet) rest() {
	o.mu.Lock()
	o.started = false
	o.mu.Unlock()
}

// state tells whether a block is wanted, and when the speaker last asked.
func (o *outlet) state() (wants bool, asked time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.n < o.ahead*tick, o.asked
}
