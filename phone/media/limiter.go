package media

// ceiling is where sound is held back from full scale: -1 dBFS.
const ceiling = 29204

const (
	leastAttack = 16   // samples over which the gain falls at least, so that it does not click
	holdTicks   = 15   // how long the gain stays down: 150 ms, longer than a wave of any voice, which would be bent otherwise
	recovery    = 0.03 // the share of the missing gain that comes back in a tick then: a time constant of 330 ms
	nearly      = 0.9  // of the ceiling: that loud, the gain is needed still
)

// limiter brings the sum of many voices below full scale without bending it: it turns the whole sum down while it is too loud,
// and up again slowly. A tick's block is known before it is played, so the gain is down in time without any delay. The
// zero value does not hold anything back yet. It belongs to the tick.
type limiter struct {
	less float32 // 1 - gain
	calm int     // ticks since the gain was needed
}

// limit writes the sum to out.
func (l *limiter) limit(out []int16, sum []int32) {
	from := 1 - l.less
	peak, first := loudest(sum, from)
	to := l.next(from, float32(peak))
	l.less = 1 - to
	if from == 1 && to == 1 {
		for i, v := range sum {
			out[i] = clip(v)
		}
		return
	}
	ramp := len(sum)
	if to < from {
		ramp = max(first, leastAttack)
	}
	gain, step := from, (to-from)/float32(ramp)
	for i, v := range sum {
		if i < ramp {
			gain += step
		}
		out[i] = clip(int32(float32(v) * gain))
	}
}

// next is the gain at the end of a block with that peak.
func (l *limiter) next(gain, peak float32) float32 {
	if peak*gain > nearly*ceiling {
		l.calm = 0
		return min(gain, ceiling/peak)
	}
	if l.calm++; l.calm <= holdTicks {
		return gain
	}
	gain = min(gain+(1-gain)*recovery, ceiling/max(peak, 1))
	if gain > 0.995 {
		return 1
	}
	return gain
}

// loudest returns the largest amplitude, and where the first one stands that is too loud with the gain that is set.
func loudest(sum []int32, gain float32) (peak int32, first int) {
	first = len(sum)
	for i, v := range sum {
		v = max(v, -v)
		peak = max(peak, v)
		if first == len(sum) && float32(v)*gain > ceiling {
			first = i
		}
	}
	return peak, first
}

// clip brings a sample into 16 bits, bending smoothly above the ceiling rather than breaking.
func clip(v int32) int16 {
	switch {
	case v > ceiling:
		const room = 32767 - ceiling
		over := float64(v - ceiling)
		return int16(ceiling + room*over/(over+room))
	case v < -ceiling:
		return -clip(-v)
	}
	return int16(v)
}
