package media

const (
	// echoSpace is how much of what the speaker took may wait for the tick.
	echoSpace = 8 * tick
	// echoWatch is for how many ticks more must have waited than needed before the rest is thrown away.
	echoWatch = 50
)

// echoes are what a speaker has taken, silence in gaps included, on its way to the echo canceller. Each tick takes as much as it
// plays, and no sooner than the speaker: so the microphone's echo comes later, by the devices' own delay. What a hiccup left
// lying there would make it come sooner; it is thrown away.
type echoes struct {
	pcm   [echoSpace]int16
	n     int
	least int
	reads int
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

// take reports false where there is less than a tick; that stays for the next one.
func (e *echoes) take(out []int16) bool {
	if e.n < len(out) {
		e.least, e.reads = 0, 0
		return false
	}
	copy(out, e.pcm[:e.n])
	e.drop(len(out))
	if e.reads == 0 || e.n < e.least {
		e.least = e.n
	}
	if e.reads++; e.reads == echoWatch {
		e.drop(e.least)
		e.reads = 0
	}
	return true
}

// played is what the speaker took while it took len(out); it reports false where it took less.
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
