package media

import "github.com/hookswitch/hookswitch/phone/media/codec"

const (
	tick       = FrameSamples
	concealMin = SampleRate / 400 // codecs conceal in steps of 2.5 ms
	firstDelay = 10 * ms          // how long the first packet waits; stretching adds the rest while it plays
	giveUp     = SampleRate       // how long we make up sound for a stream that stopped
	noiseLimit = 60 * SampleRate  // how long noise stands for a far end that says nothing: some describe it just once
	// Above this the delay is not worth bringing down smoothly.
	farTooLate = 300 * ms
	// pcmSpace holds the longest packet, what was left before it and what stretching adds.
	pcmSpace = codec.MaxFrameSamples + 4*tick + 2*maxLag
)

// playout turns packets into an unbroken stream of sound: it decodes, conceals, and stretches time (tempo.go) so
// that the delay stays where the jitter asks for it. It belongs to the tick.
//
// Sound made up for a packet that is not there yet does not advance next: when the packet comes after all, it
// is played in full while the delay is short, and loses its first part otherwise.
type playout struct {
	reception
	tempo
	playing bool
	firstAt int64 // arrival of the first packet, 0: none waits
	seq     int64 // the sequence number to be decoded next
	next    int64 // its timestamp, if nothing is lost
	made    int   // samples made up since next
	pending int   // those of made of which it is not known yet whether they replace something
	quiet   bool  // comfort noise or an event came last: fill with that noise, or with silence
	noisy   bool  // it was comfort noise
	noise   *codec.Noise
	join    bool // packets were skipped: fade over to the next one
	heard   bool // a packet of theirs went into the sound
	packet  int  // length of the last packet
	loss    float64
	last    *decoderEntry

	pcm      [pcmSpace]int16
	from, to int
	decoded  [codec.MaxFrameSamples]int16
	overlap  [concealMin]int16

	background [tick + concealMin]int16
}

func newPlayout(count *counters) *playout {
	p := &playout{noise: codec.NewNoise()}
	p.count = count
	p.restarted = func() {
		p.playing, p.made, p.pending, p.quiet, p.noisy, p.firstAt = false, 0, 0, false, false, 0
		p.seq = p.maxSeq
		p.tempo = tempo{}
	}
	return p
}

// take hands over a received packet that arrived at (samples at 48 kHz).
func (p *playout) take(in *inbound, entry *decoderEntry) {
	p.accept(in.packet, in.at, p.seq, entry)
	if !p.playing && p.firstAt == 0 {
		p.firstAt = in.at
	}
}

// pull writes 10 ms of sound to out and reports whether anything plays. now is the time in samples.
func (p *playout) pull(out []int16, now int64) bool {
	if !p.playing && !p.start(now) && p.from == p.to {
		clear(out)
		return false
	}
	if p.maxSeq-p.seq > storeSlots/2 {
		p.leap(p.maxSeq - 8)
	}
	for p.playing && p.buffered() < len(out) {
		p.more(now)
	}
	p.adapt(now)
	n := copy(out, p.pcm[p.from:p.to])
	p.from += n
	clear(out[n:])
	p.count.played.Add(uint64(n))
	return true
}

func (p *playout) buffered() int { return p.to - p.from }

// start begins to play once the first packet has waited for a moment.
func (p *playout) start(now int64) bool {
	if !p.begun || p.firstAt == 0 || now-p.firstAt < firstDelay {
		return false
	}
	p.firstAt = 0
	p.playing = p.leap(p.seq)
	p.known = false
	return p.playing
}

// leap goes on with the first packet from seq on.
func (p *playout) leap(seq int64) bool {
	s := p.at(seq)
	if s == nil {
		s = p.after(seq)
	}
	if s == nil {
		return false
	}
	p.seq, p.next, p.made, p.pending, p.join = s.seq, s.ts, 0, 0, p.heard
	return true
}

// more appends sound, or takes a step towards it.
func (p *playout) more(now int64) {
	s := p.at(p.seq)
	switch {
	case s == nil:
		p.missing(now)
	case s.holds != audio:
		p.quiet, p.noisy = true, s.holds == comfortNoise
		if p.noisy {
			p.noise.Describe(s.payload)
		}
		p.seq++
		s.done()
	default:
		// Their clock may have run on without packets: DTX, comfort noise, an event.
		if hole := int(s.ts-p.next) - p.made; hole > 0 && p.delayOf(now, s) < float64(p.aim()+farTooLate) {
			p.conceal(min(hole, tick))
			return
		}
		p.play(now, s)
	}
}

// missing handles a packet that is not there.
func (p *playout) missing(now int64) {
	s := p.after(p.seq)
	if s == nil {
		p.conceal(tick)
		if p.noisy {
			if p.made >= noiseLimit {
				p.playing, p.made, p.late.used = false, 0, 0
			}
			return
		}
		p.pending += tick
		if p.made >= giveUp {
			p.count.concealed.Add(uint64(p.pending))
			p.playing, p.made, p.pending = false, 0, 0
			p.late.used = 0
		}
		return
	}
	// A later one is here, so it is lost, with those up to s.
	lost := int(s.seq - p.seq)
	length := int(s.ts-p.next) / lost
	hole := int(s.ts-p.next) - p.made
	if hole <= 0 || p.quiet || s.holds != audio || p.delayOf(now, s) > float64(p.aim()+farTooLate) {
		p.lose(lost)
		p.seq = s.seq
		return
	}
	if hole > length {
		n := min(hole-length, tick)
		p.conceal(n)
		p.pending += n
		return
	}
	p.repair(s, length, hole)
	p.pending += hole
	p.lose(lost)
	p.seq = s.seq
}

// lose notes that packets were lost.
func (p *playout) lose(packets int) {
	for range min(packets, 20) {
		p.loss += 0.01 * (1 - p.loss)
	}
	p.count.concealed.Add(uint64(p.pending))
	p.pending = 0
}

// repair makes up the last hole samples of the lost packet before s, which had length samples, from what s
// carries of it.
func (p *playout) repair(s *received, length, hole int) {
	if s.codec.spec.Name != "opus" {
		length = hole // only Opus carries packets twice, and gives them back in full length only
	}
	n := min((length+concealMin-1)/concealMin*concealMin, len(p.decoded))
	joined := length > hole && p.bridge(s.codec)
	if s.codec.decoder.DecodeFEC(s.payload, p.decoded[:n]) != nil {
		clear(p.decoded[:n])
	}
	hole = min(hole, n)
	p.append(p.decoded[n-hole:n], joined)
	p.made += hole
}

// play decodes s and appends its sound.
func (p *playout) play(now int64, s *received) {
	delay, aim := p.delayOf(now, s), p.aim()
	if delay > float64(aim+farTooLate) {
		if later := p.at(p.seq + 1); later != nil && later.holds == audio {
			p.leap(later.seq)
			return
		}
	}
	trim := 0
	if excess := p.made - int(s.ts-p.next); excess > 0 {
		p.count.concealed.Add(uint64(p.pending)) // it came too late
		if over := int(delay) - aim; over > 5*ms {
			trim = min(excess, over)
		}
	}
	p.pending = 0
	joined := (trim > 0 || p.join) && p.bridge(s.codec)
	n, err := s.codec.decoder.Decode(s.payload, p.decoded[:])
	if err != nil || n <= 0 {
		s.done() // now it is missing
		return
	}
	trim = min(trim, n)
	p.append(p.decoded[trim:n], joined)
	p.observe(delay - float64(trim))
	p.count.delay.Store(int64(p.delay / SampleRate * 1e9))
	p.loss -= 0.01 * p.loss
	p.seq, p.next, p.made = p.seq+1, s.ts+int64(n), 0
	p.packet, p.last = n, s.codec
	p.quiet, p.noisy, p.join, p.heard = false, false, false, true
	s.done()
}

// delayOf is the delay that results when s is played right behind what is buffered: from the arrival that it would have had on
// the fastest path to the tick that needs it. (What a tick leaves over is played later, but needed just as early.)
func (p *playout) delayOf(now int64, s *received) float64 {
	return float64(now + int64(p.buffered()/tick*tick) - p.late.base() - s.ts)
}

// aim is the delay to aim for. Where packets get lost it leaves time for the next one, which may carry
// the lost one once more (Opus' in-band FEC).
func (p *playout) aim() int {
	floor := minDelay
	if p.loss > 0.001 && p.last != nil && p.last.spec.Name == "opus" {
		floor = min(p.packet+15*ms, 75*ms)
	}
	return p.late.target(floor)
}

// conceal appends n made-up samples.
func (p *playout) conceal(n int) {
	rounded := (n + concealMin - 1) / concealMin * concealMin
	made := p.decoded[:rounded]
	if p.last == nil || p.last.decoder.Conceal(made) != nil {
		clear(made)
	}
	if p.quiet {
		if p.made == 0 {
			fadeOut(made)
		} else {
			clear(made)
		}
	}
	if p.noisy {
		p.noise.Fill(p.background[:rounded])
		for i, v := range p.background[:rounded] {
			made[i] = clip(int32(made[i]) + int32(v))
		}
	}
	p.append(made[:n], false)
	p.made += n
}

// bridge makes up the sound that the next append is faded in from.
func (p *playout) bridge(with *decoderEntry) bool {
	return with.decoder.Conceal(p.overlap[:]) == nil
}

// append puts sound behind what is buffered; joined fades over to it from overlap.
func (p *playout) append(pcm []int16, joined bool) {
	if joined {
		n := min(len(pcm), len(p.overlap))
		crossfade(pcm[:n], p.overlap[:n])
	}
	if p.to+len(pcm) > len(p.pcm) {
		p.to = copy(p.pcm[:], p.pcm[p.from:p.to])
		p.from = 0
	}
	p.to += copy(p.pcm[p.to:], pcm)
}

func fadeOut(pcm []int16) {
	n := int32(len(pcm)) //nolint:gosec // at most 120 ms
	for i := range pcm {
		pcm[i] = int16(int32(pcm[i]) * (n - int32(i)) / n)
	}
}
