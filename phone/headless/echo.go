package headless

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// How the echo is measured.
const (
	sampleRate = 48000
	// decimation brings the correlation to 4 kHz: enough for the delay to 1/4 ms, and quick.
	decimation  = 12
	lowRate     = sampleRate / decimation
	longestEcho = 1500 * time.Millisecond
	// echoMatch is the least correlation that counts as our own sound: codecs and concealment leave far more, other
	// sounds far less.
	echoMatch = 0.5
	// audibleLevel, in dBFS (RMS), is above any codec's noise.
	audibleLevel = -60.0
)

// The utterance: chirps of different length, so that one cannot be taken for the other.
const (
	chirpFrom = 400.0 // Hz; the range every codec carries
	chirpTo   = 1700.0
	chirpPeak = 0.35
)

var chirpTimes = [...]time.Duration{120 * time.Millisecond, 80 * time.Millisecond, 160 * time.Millisecond, 100 * time.Millisecond}

// chirps is what the doctor says: swept sines with pauses, about 1.3 s.
func chirps() []int16 {
	var pcm []int16
	for _, length := range chirpTimes {
		n := int(length * sampleRate / time.Second)
		for i := range n {
			t := float64(i) / sampleRate
			sweep := (chirpTo - chirpFrom) / (float64(n) / sampleRate)
			window := math.Sin(math.Pi * float64(i) / float64(n)) // no click at either end
			pcm = append(pcm, int16(32767*chirpPeak*window*math.Sin(2*math.Pi*(chirpFrom*t+sweep*t*t/2))))
		}
		pcm = append(pcm, make([]int16, sampleRate/5)...)
	}
	return pcm
}

// echo is what findEcho found.
type echo struct {
	audible bool
	match   float64 // normalised correlation, 0…1
	delay   time.Duration
	levelDB float64 // of the echo over what was said
}

// findEcho looks for what was said in what was heard, by cross-correlation, each chirp by itself, since a jitter
// buffer may stretch the pauses between them. Each value is the median over the chirps, so one that was damaged on
// the way does not count.
func findEcho(said, heard Recording) echo {
	s, h := decimate(said.PCM), decimate(heard.PCM)
	if loudest(h) < math.Pow(10, audibleLevel/20) {
		return echo{}
	}
	// Where the first sample of s stands in h, if nothing took time.
	origin := said.Start.Sub(heard.Start).Seconds() * lowRate
	var matches, delays, levels []float64
	for _, c := range segments(s) {
		match, delay, level := locate(s[c.first:c.last], h, origin+float64(c.first))
		matches, delays, levels = append(matches, match), append(delays, delay), append(levels, level)
	}
	return echo{audible: true, match: median(matches), levelDB: median(levels),
		delay: time.Duration(median(delays) / lowRate * float64(time.Second))}
}

// locate finds the place in h, at or after offset, that is most like the chirp.
func locate(chirp, h []float64, offset float64) (match, delay, levelDB float64) {
	energy, around := power(chirp), newRunning(h, len(chirp))
	at := -1
	to := min(len(h)-len(chirp), int(offset+longestEcho.Seconds()*lowRate))
	for i := max(0, int(offset)); i <= to; i++ {
		sum := 0.0
		for j, v := range chirp {
			sum += v * h[i+j]
		}
		// An echo may come back with its sign turned.
		if m := math.Abs(sum) / math.Sqrt(energy*around.at(i)+1e-9); m > match {
			match, at = m, i
		}
	}
	if at < 0 {
		return 0, 0, 0
	}
	return match, float64(at) - offset, 10 * math.Log10((around.at(at)+1e-12)/energy)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// decimate averages groups of samples; the utterance lies below 2 kHz, so that is filter enough.
func decimate(pcm []int16) []float64 {
	low := make([]float64, len(pcm)/decimation)
	for i := range low {
		sum := 0.0
		for _, v := range pcm[i*decimation : (i+1)*decimation] {
			sum += float64(v)
		}
		low[i] = sum / decimation / 32768
	}
	return low
}

// segment is a stretch of sound between pauses, in samples.
type segment struct{ first, last int }

// segments cuts what was said at its pauses of more than 50 ms.
func segments(s []float64) (list []segment) {
	const gap = lowRate / 20
	for i, v := range s {
		if math.Abs(v) < 1e-3 {
			continue
		}
		if n := len(list); n > 0 && i-list[n-1].last < gap {
			list[n-1].last = i + 1
		} else {
			list = append(list, segment{i, i + 1})
		}
	}
	return list
}

func power(s []float64) (sum float64) {
	for _, v := range s {
		sum += v * v
	}
	return sum
}

// loudest is the highest level (RMS) of any 20 ms.
func loudest(s []float64) (level float64) {
	const block = lowRate / 50
	for i := 0; i+block <= len(s); i += block {
		level = max(level, math.Sqrt(power(s[i:i+block])/block))
	}
	return level
}

// running gives the power of every stretch of one length, by prefix sums.
type running struct {
	sums   []float64
	length int
}

func newRunning(s []float64, length int) running {
	sums := make([]float64, len(s)+1)
	for i, v := range s {
		sums[i+1] = sums[i] + v*v
	}
	return running{sums, length}
}

func (r running) at(i int) float64 { return r.sums[i+r.length] - r.sums[i] }

func milliseconds(d time.Duration) float64 {
	return round(float64(d)/float64(time.Millisecond), 1)
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// watcher keeps an operator's events for someone who waits for one of them.
type watcher struct {
	events chan phone.Event
	cancel func()
}

func watch(op Operator) watcher {
	w := watcher{events: make(chan phone.Event, 256)}
	w.cancel = op.Subscribe(func(f func()) { f() }, func(e phone.Event) {
		select {
		case w.events <- e:
		default: // nobody waits any more
		}
	})
	return w
}

// wait returns the first event with one of the names.
func (w watcher) wait(ctx context.Context, limit time.Duration, names ...phone.EventName) (phone.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		select {
		case e := <-w.events:
			for _, name := range names {
				if e.Name == name {
					return e, nil
				}
			}
		case <-ctx.Done():
			return phone.Event{}, ctx.Err()
		}
	}
}
