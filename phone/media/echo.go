package media

const (
	// echoSpace is how much of what the speaker took may wait for the microphone.
	echoSpace = 16 * tick
	// echoMost may be left over, over echoWatch takes, before it is thrown away: a hiccup of one device, or minutes of its clock.
	echoMost  = 3 * tick
	echoWatch = 200
)

// echoes are what a speaker has taken, silence in gaps included, on its way to the echo canceller. Each tick of the microphone takes a
// tick of it: so the echo comes later by the devices' own delays, always the same ones as long as neither device loses anything. Where
// it runs empty, since the two deliver in bursts of their own, the reference is a tick later from then on.
type echoes struct {
	pcm   [echoSpace]int16
	n     int
	least int // of what was left over
	takes int
}

// add notes what the speaker took.
func (e *echoes) add(pcm []int16) {
	if len(pcm) > echoSpace {
		pcm = pcm[len(pcm)-echoSpace:]
	}
	if over := e.n + len(pcm) - echoSpace; over > 0 {
		e.drop(over)
	}
	e.n += copy(e.pcm[e.n:], pcm)
}

func (e *echoes) drop(n int) { e.n = copy(e.pcm[:], e.pcm[min(n, e.n):e.n]) }

// take reports false where there is less than a tick; that stays for the next time.
func (e *echoes) take(out []int16) bool {
	if e.n < len(out) {
		e.least, e.takes = 0, 0
		return false
	}
	copy(out, e.pcm[:e.n])
	e.drop(len(out))
	if e.takes == 0 || e.n < e.least {
		e.least = e.n
	}
	if e.takes++; e.takes == echoWatch {
		if e.takes = 0; e.least > echoMost {
			e.drop(e.least)
		}
	}
	return true
}

// played is what the speaker took while the microphone heard len(out); it reports false where that is not known.
func (o *outlet) played(out []int16) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.echoes.take(out)
}

// hasten makes the reference come earlier, by at most n samples.
func (o *outlet) hasten(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.echoes.drop(n)
}
