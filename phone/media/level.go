package media

import (
	"math"
	"sync/atomic"
)

// meter is a sound level that one goroutine writes and any may read.
type meter struct {
	power float64 // writer's only: smoothed mean square, full scale = 1
	level atomic.Uint64
}

// feed takes 10 ms of sound. The level rises within two ticks and falls within about ten.
func (m *meter) feed(pcm []int16) {
	power := meanSquare(pcm) / (32768 * 32768)
	weight := 0.15
	if power > m.power {
		weight = 0.6
	}
	m.power += weight * (power - m.power)
	m.level.Store(math.Float64bits(levelOf(m.power)))
}

// silent takes 10 ms without sound.
func (m *meter) silent() {
	m.power *= 0.85
	m.level.Store(math.Float64bits(levelOf(m.power)))
}

func (m *meter) value() float64 { return math.Float64frombits(m.level.Load()) }

// levelOf maps -60…0 dBFS linearly to 0…1.
func levelOf(power float64) float64 {
	if power <= 1e-6 {
		return 0
	}
	return min(1, 1+10*math.Log10(power)/60)
}

func meanSquare(pcm []int16) float64 {
	if len(pcm) == 0 {
		return 0
	}
	var sum int64
	for _, v := range pcm {
		sum += int64(v) * int64(v)
	}
	return float64(sum) / float64(len(pcm))
}
