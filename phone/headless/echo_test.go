package headless

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// far makes what is heard when said comes back after delay, scaled, with noise below it.
func far(said Recording, delay time.Duration, gain, noise float64) Recording {
	random := rand.New(rand.NewPCG(1, 2))
	shift := int(delay * sampleRate / time.Second)
	heard := Recording{PCM: make([]int16, len(said.PCM)+2*sampleRate), Start: said.Start}
	for i := range heard.PCM {
		v := noise * 32767 * random.NormFloat64()
		if j := i - shift; j >= 0 && j < len(said.PCM) {
			v += gain * float64(said.PCM[j])
		}
		heard.PCM[i] = int16(max(-32768, min(32767, v)))
	}
	return heard
}

func said() Recording {
	silence := make([]int16, sampleRate/3)
	return Recording{PCM: append(silence, chirps()...), Start: time.Unix(1_700_000_000, 0)}
}

func TestTheEchosDelayAndLevelAreFound(t *testing.T) {
	for _, c := range []struct {
		delay       time.Duration
		gain, noise float64
	}{{0, 1, 0}, {20 * time.Millisecond, 1, 0}, {187 * time.Millisecond, 0.5, 0.01}, {900 * time.Millisecond, 0.1, 0.001}, {70 * time.Millisecond, -0.7, 0}} {
		e := findEcho(said(), far(said(), c.delay, c.gain, c.noise))
		if !e.audible || e.match < echoMatch || (e.delay-c.delay).Abs() > 300*time.Microsecond {
			t.Errorf("%+v: %+v", c, e)
		}
		if want := 20 * math.Log10(math.Abs(c.gain)); math.Abs(e.levelDB-want) > 1 {
			t.Errorf("%+v: level %.1f dB, want %.1f", c, e.levelDB, want)
		}
	}
}

func TestTheSpeakersLaterStartIsCountedIn(t *testing.T) {
	heard := far(said(), 100*time.Millisecond, 1, 0)
	heard.PCM, heard.Start = heard.PCM[sampleRate/4:], heard.Start.Add(250*time.Millisecond)
	if e := findEcho(said(), heard); (e.delay - 100*time.Millisecond).Abs() > 300*time.Microsecond {
		t.Errorf("%+v", e)
	}
}

func TestAnEchoWhosePausesWereStretchedIsStillOurs(t *testing.T) {
	heard := far(said(), 60*time.Millisecond, 1, 0)
	// Behind the second chirp a jitter buffer lets 10 ms more pass.
	at := sampleRate/3 + int((chirpTimes[0]+chirpTimes[1]+260*time.Millisecond)*sampleRate/time.Second) + sampleRate*60/1000
	heard.PCM = append(heard.PCM[:at:at], append(make([]int16, sampleRate/100), heard.PCM[at:]...)...)
	if e := findEcho(said(), heard); e.match < 0.9 || e.delay < 59*time.Millisecond || e.delay > 71*time.Millisecond {
		t.Errorf("%+v", e)
	}
}

func TestSilenceNoiseAndMusicAreNoEcho(t *testing.T) {
	if e := findEcho(said(), far(said(), 0, 0, 0.0001)); e.audible {
		t.Errorf("silence is audible: %+v", e)
	}
	if e := findEcho(said(), far(said(), 0, 0, 0.1)); !e.audible || e.match >= echoMatch {
		t.Errorf("noise is taken for the echo: %+v", e)
	}
	music := far(said(), 0, 0, 0)
	for i := range music.PCM {
		music.PCM[i] = int16(8000 * (math.Sin(float64(i)*2*math.Pi*440/sampleRate) + math.Sin(float64(i)*2*math.Pi*1318/sampleRate)))
	}
	if e := findEcho(said(), music); !e.audible || e.match >= echoMatch {
		t.Errorf("music is taken for the echo: %+v", e)
	}
	if e := findEcho(Recording{}, Recording{}); e.audible {
		t.Errorf("nothing at all: %+v", e)
	}
}
