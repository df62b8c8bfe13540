package media

const (
	// echoSpace is how much of what the speaker took may wait for the microphone.
	echoSpace = 16 * tick
	// echoAgain must be there before any is taken again once it ran empty: the two devices' deliveries come in bursts of their own. At
	// first a tick is enough: the later the reference, the less the devices may delay the echo.
	echoAgain = 2 * tick
	// echoMost may be left over, over echoWatch takes, before it is cut down to a tick: a hiccup of one device, or a minute of its clock.
	echoMost  = 3 * tick
	echoWatch = 200
)

// echoes are what a speaker has taken, silence in gaps included, on its way to the echo canceller. Each tick of the microphone takes a
// tick of it: so the echo comes later by the devices' own delays, always the same ones as long as neither device loses anything. Where
// it runs empty, or too much is left, the delay is another one from then on, and the canceller has to learn it.
type echoes struct {
	pcm   [echoSpace]int16
	n     int
	taken bool // and not run empty since
	empty bool // it did, once
	least int  // of what was left over
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

// take reports false where there is nothing yet to be taken.
func (e *echoes) take(out []int16) bool {
	enough := len(out)
	if e.empty && !e.taken {
		enough = echoAgain
	}
	if e.n < enough {
		e.empty = e.empty || e.taken
		e.taken = false
		return false
	}
	if !e.taken {
		e.taken, e.least, e.takes = true, e.n, 0
	}
	copy(out, e.pcm[:e.n])
	e.drop(len(out))
	e.least = min(e.least, e.n)
	if e.takes++; e.takes == echoWatch {
		if e.least > echoMost {
			e.drop(e.n - tick)
		}
		e.least, e.takes = e.n, 0
	}
	return true
}

// played is what the speaker took while the microphone heard len(out); it reports false where that is not known.
func (o *outlet) played(out []int16) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.echoes.take(out)
}

// forget throws away what was not asked for.
func (o *outlet) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.echoes = echoes{}
}
