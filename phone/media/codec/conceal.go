package codec

// Lengths at 8 kHz; at 16 kHz they are twice as long. The method is that of ITU-T G.711 Appendix I, without its 3.75 ms of delay: the last
// pitch period is repeated, each turn joined by an overlap of a quarter period, and fades out.
const (
	pitchMin      = 40  // 200 Hz
	pitchMax      = 120 // 66 Hz
	pitchWindow   = 160 // 20 ms are compared
	historyLength = pitchMax + pitchWindow
	fadeAfter     = 80  // full level for 10 ms,
	fadeEnd       = 480 // silence after 60 ms
	maxMerge      = 80  // 10 ms, the longest cross-fade back to what really came
)

// mostScale is the highest rate that is concealed here over 8 kHz.
const mostScale = 2

// concealer makes up what a lost packet of G.711 or G.722 held.
type concealer struct {
	scale   int                           // the rate over 8 kHz: 1 or 2
	history []int16                       // the last samples given out, good or made up
	cycle   [pitchMax * mostScale]float32 // one period, its end bent towards its beginning
	period  int
	at      int     // position in cycle
	lostFor int     // samples made up since the last good one
	jump    float32 // the step at the first join, which decays over a quarter period
}

// newConcealer makes one for sound at scale·8 kHz.
func newConcealer(scale int) concealer {
	return concealer{scale: scale, history: make([]int16, historyLength*scale)}
}

// good takes the samples of a packet that came. The first ones after a loss are cross-faded in place.
func (c *concealer) good(pcm []int16) {
	if c.lostFor > 0 {
		// 4 ms, and longer after a longer loss (Appendix I §I.2.7).
		n := min(32*c.scale+c.lostFor*32/80, maxMerge*c.scale, len(pcm))
		for i := range pcm[:n] {
			w := float32(i+1) / float32(n+1)
			pcm[i] = clip(w*float32(pcm[i]) + (1-w)*c.next())
		}
		c.lostFor = 0
	}
	c.remember(pcm)
}

// lost fills pcm with made-up sound.
func (c *concealer) lost(pcm []int16) {
	if c.lostFor == 0 {
		c.prepare()
	}
	for i := range pcm {
		pcm[i] = clip(c.next())
	}
	c.remember(pcm)
}

// next returns the next made-up sample.
func (c *concealer) next() float32 {
	n := c.lostFor
	end := fadeEnd * c.scale
	c.lostFor = min(n+1, end) // it stays at the end: no overflow however long the loss is
	if n >= end {
		return 0
	}
	v := c.cycle[c.at]
	c.at = (c.at + 1) % c.period
	if quarter := c.period / 4; n < quarter {
		v += c.jump * (1 - float32(n+1)/float32(quarter+1))
	}
	if after := fadeAfter * c.scale; n > after {
		v *= 1 - float32(n-after)/float32(end-after)
	}
	return v
}

// prepare finds the pitch of the history and lays out one period of it.
func (c *concealer) prepare() {
	p := c.pitch()
	c.period, c.at = p, 0
	last := c.history[len(c.history)-p:]
	before := c.history[len(c.history)-2*p : len(c.history)-p]
	quarter := p / 4
	for i := range p {
		v := float32(last[i])
		// Bend the last quarter towards what led up to this period, so that its end meets its beginning.
		if k := i - (p - quarter); k >= 0 {
			w := float32(k+1) / float32(quarter+1)
			v = (1-w)*v + w*float32(before[i])
		}
		c.cycle[i] = v
	}
	c.jump = float32(last[p-1]) - float32(before[p-1])
}

// pitch returns the lag, pitchMin…pitchMax, at which the last 20 ms resemble what was before them most.
func (c *concealer) pitch() int {
	window, newest := pitchWindow*c.scale, len(c.history)
	recent := c.history[newest-window:]
	best, bestScore := pitchMin*c.scale, float32(0)
	for lag := best; lag <= pitchMax*c.scale; lag++ {
		old := c.history[newest-window-lag:][:window]
		var cross, energy float32 = 0, 1
		for i, v := range recent {
			o := float32(old[i])
			cross += float32(v) * o
			energy += o * o
		}
		// cross²/energy is the normalised correlation's square, without a root.
		if cross > 0 && cross*cross/energy > bestScore*1.0001 {
			best, bestScore = lag, cross*cross/energy
		}
	}
	return best
}

func (c *concealer) remember(pcm []int16) {
	if len(pcm) >= len(c.history) {
		copy(c.history, pcm[len(pcm)-len(c.history):])
		return
	}
	copy(c.history, c.history[len(pcm):])
	copy(c.history[len(c.history)-len(pcm):], pcm)
}
