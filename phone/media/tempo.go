package media

const (
	slackBelow = 5 * ms // the delay may be this much shorter than wanted,
	slackAbove = 12 * ms
	grossly    = 60 * ms
	patience   = 3 // ticks between two changes of tempo
)

// tempo keeps playout's delay where it should be.
type tempo struct {
	known   bool
	delay   float64 // smoothed, in samples
	wrong   int     // ticks for which the delay has been wrong
	resting int     // ticks until the next change is allowed
}

// observe takes the delay of a packet that was just decoded.
func (t *tempo) observe(delay float64) {
	if !t.known {
		t.delay, t.known = delay, true
		return
	}
	t.delay += (delay - t.delay) / 4
}

// adapt makes what is buffered shorter or longer by one pitch period where the delay asks for it. Speech that hardly repeats
// itself is left alone for a while, since silence or a vowel will come.
func (p *playout) adapt(now int64) {
	if p.resting > 0 {
		p.resting--
	}
	if !p.known || !p.playing {
		return
	}
	over := p.delay - float64(p.aim())
	switch {
	case over > slackAbove:
		for p.buffered() < 3*tick && p.at(p.seq) != nil {
			p.more(now)
		}
		p.hasten(over)
	case over < -slackBelow:
		p.dawdle(over)
	default:
		p.wrong = 0
	}
}

// wanted is how much alike two periods must be to be joined.
func (p *playout) wanted(over float64) float64 {
	p.wrong++
	switch {
	case p.wrong > 80:
		return -1
	case p.wrong > 30 || absolute(int64(over)) > grossly:
		return 0.5
	}
	return 0.85
}

func (p *playout) hasten(over float64) {
	wanted := p.wanted(over)
	if p.resting > 0 {
		return
	}
	pcm := p.pcm[p.from:p.to]
	lag, likeness := pitchLag(pcm)
	if lag == 0 || likeness < wanted || len(pcm)-lag < tick || p.at(p.seq) == nil && len(pcm)-lag < 2*tick {
		return
	}
	shorten(pcm, lag)
	p.from += lag
	p.changed()
}

func (p *playout) dawdle(over float64) {
	wanted := p.wanted(over)
	if p.resting > 0 {
		return
	}
	pcm := p.pcm[p.from:p.to]
	lag, likeness := pitchLag(pcm)
	if lag == 0 || likeness < wanted || len(pcm)+lag > len(p.decoded) {
		return
	}
	n := len(pcm) + lag
	lengthen(p.decoded[:n], pcm, lag)
	p.from, p.to = 0, copy(p.pcm[:], p.decoded[:n])
	p.changed()
}

// changed waits for a packet decoded after the change before it trusts the delay again.
func (p *playout) changed() {
	p.known = false
	p.wrong, p.resting = 0, patience
}
