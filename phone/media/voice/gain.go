package voice

import "math"

// The gain's rules; levels are RMS of speech in dBFS.
const (
	quiet      = -32.0 // below, speech is raised
	loud       = -18.0 // above, it is lowered
	mostUp     = 12.0  // dB
	mostDown   = -6.0
	upStep     = 0.03  // dB a tick of speech: 3 dB a second
	downStep   = 0.1   // 10 dB a second
	leastSpeak = -50.0 // quieter ticks count for nothing
	sure       = 70    // percent: that likely, a tick is speech
	learning   = 30    // ticks of speech before the gain first moves: 300 ms
	memory     = 100   // ticks of speech over which the level is taken: 1 s
	farActive  = -50.0 // dBFS: that loud, the far end speaks,
	farLinger  = 30    // and some ticks longer, since its echo comes later
	ceiling    = 29204 // -1 dBFS
)

// gain brings a speaker who is too quiet or too loud to where others can listen at ease. The zero value changes nothing yet.
type gain struct {
	decibels float64
	applied  float32 // at the end of the last tick, minus 1
	power    float64 // mean square of near speech, full scale = 1
	heard    int     // ticks of speech so far, up to memory
	far      int     // ticks for which the far end still counts as speaking
}

// apply raises or lowers a tick. likely is how likely it is speech, in percent; far is what the speaker was given.
func (g *gain) apply(pcm []int16, likely int, far []int16) {
	if g.far--; level(power(far)) > farActive {
		g.far = farLinger
	}
	g.far = max(g.far, 0)
	if p := power(pcm); g.far == 0 && likely >= sure && level(p) > leastSpeak {
		g.learn(p)
	}
	g.turn(pcm)
}

// learn takes a tick of near speech.
func (g *gain) learn(p float64) {
	g.heard = min(g.heard+1, memory)
	g.power += (p - g.power) / float64(g.heard)
	if g.heard < learning {
		return
	}
	want, now := 0.0, level(g.power)
	switch {
	case now < quiet:
		want = min(quiet-now, mostUp)
	case now > loud:
		want = max(loud-now, mostDown)
	}
	g.decibels += min(max(want-g.decibels, -downStep), upStep)
}

// turn applies the gain, from the last tick's to this one's by a ramp, and holds peaks below full scale.
func (g *gain) turn(pcm []int16) {
	from, to := 1+g.applied, float32(math.Pow(10, g.decibels/20))
	if from == 1 && to == 1 {
		return
	}
	if peak := peakOf(pcm); peak*to > ceiling && to > 1 {
		to = max(1, ceiling/peak)
	}
	g.applied = to - 1
	step := (to - from) / float32(len(pcm))
	for i, v := range pcm {
		from += step
		pcm[i] = int16(max(-32768, min(32767, float32(v)*from)))
	}
}

func peakOf(pcm []int16) float32 {
	var peak int32
	for _, v := range pcm {
		peak = max(peak, int32(v), -int32(v))
	}
	return float32(peak)
}

func power(pcm []int16) float64 {
	var sum int64
	for _, v := range pcm {
		sum += int64(v) * int64(v)
	}
	return float64(sum) / float64(len(pcm)) / (32768 * 32768)
}

func level(power float64) float64 { return 10 * math.Log10(power+1e-12) }
