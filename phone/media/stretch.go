package media

import "math"

const (
	minLag = 5 * ms / 2 // 400 Hz
	maxLag = 25 * ms / 2
	coarse = 6 // the search runs at 8 kHz first
)

// pitchLag finds the shift, at most half of pcm, at which pcm looks most like itself, and how much (-1…1; 1 as well for
// silence). lag is 0 where pcm is too short.
func pitchLag(pcm []int16) (lag int, likeness float64) {
	most := min(maxLag, len(pcm)/2)
	if most < minLag {
		return 0, 0
	}
	pcm = pcm[:2*most]
	if meanSquare(pcm) < 100*100 {
		return most, 1
	}
	var small [2*maxLag/coarse + 1]float32
	n := len(pcm) / coarse
	for i := range n {
		var sum int32
		for _, v := range pcm[i*coarse : (i+1)*coarse] {
			sum += int32(v)
		}
		small[i] = float32(sum) / coarse
	}
	best, bestLike := 0, -2.0
	for l := minLag / coarse; l <= n/2; l++ {
		if like := likenessAt(small[:n], l); like > bestLike {
			best, bestLike = l*coarse, like
		}
	}
	lag, likeness = best, -2
	for l := max(minLag, best-coarse+1); l <= min(most, best+coarse-1); l++ {
		if like := likeness16(pcm, l); like > likeness {
			lag, likeness = l, like
		}
	}
	return lag, likeness
}

// likenessAt is the normalised correlation of x's first half window with the one that begins at lag.
func likenessAt(x []float32, lag int) float64 {
	var ab, aa, bb float32
	for i, b := range x[lag : len(x)/2+lag] {
		a := x[i]
		ab += a * b
		aa += a * a
		bb += b * b
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb)+1)
}

func likeness16(x []int16, lag int) float64 {
	var ab, aa, bb int64
	for i, b := range x[lag : len(x)/2+lag] {
		a := int64(x[i])
		ab += a * int64(b)
		aa += a * a
		bb += int64(b) * int64(b)
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb)+1)
}

// shorten removes lag samples at the start of pcm by fading its first period into its second one,
// and returns what is left. len(pcm) ≥ 2·lag.
func shorten(pcm []int16, lag int) []int16 {
	crossfade(pcm[lag:2*lag], pcm[:lag])
	return pcm[lag:]
}

// lengthen writes pcm with one period of lag samples more to dst, which must have len(pcm)+lag
// samples and not overlap pcm.
func lengthen(dst, pcm []int16, lag int) {
	copy(dst, pcm[:lag])
	copy(dst[lag:2*lag], pcm[:lag])
	crossfade(dst[lag:2*lag], pcm[lag:2*lag])
	copy(dst[2*lag:], pcm[lag:])
}

// crossfade turns to, in place, from from's sound into its own.
func crossfade(to, from []int16) {
	n := int32(len(to))
	for i := range to {
		w := int32(i)*2 + 1
		to[i] = int16((int32(from[i])*(2*n-w) + int32(to[i])*w) / (2 * n))
	}
}
