package virtual

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/devices"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen opens a virtual microphone for d of the test's own time and returns what it delivered.
func listen(t *testing.T, b *Backend, id string, d time.Duration) []int16 {
	t.Helper()
	var heard []int16
	m, err := b.OpenMicrophone(id, func(pcm []int16) { heard = append(heard, pcm...) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(d - time.Millisecond)
	_ = m.Close()
	return heard
}

// rms is the level in dBFS, crossings the frequency by upward zero crossings.
func rms(pcm []int16) float64 {
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return 10 * math.Log10(sum/float64(len(pcm))/(32768*32768))
}

func crossings(pcm []int16) float64 {
	n := 0
	for i := 1; i < len(pcm); i++ {
		if pcm[i-1] < 0 && pcm[i] >= 0 {
			n++
		}
	}
	return float64(n) * sampleRate / float64(len(pcm))
}

func TestATonesFrequencyAndLevelAreAsNamed(t *testing.T) {
	for id, want := range map[string][2]float64{"tone:440": {440, -20}, "tone:1000:-32": {1000, -32}} {
		synctest.Test(t, func(t *testing.T) {
			pcm := listen(t, New(), id, time.Second)
			if len(pcm) != sampleRate {
				t.Errorf("%s delivers %d samples in a second", id, len(pcm))
			}
			if f := crossings(pcm); math.Abs(f-want[0]) > 2 {
				t.Errorf("%s has %.1f Hz", id, f)
			}
			if l := rms(pcm); math.Abs(l-want[1]) > 0.1 {
				t.Errorf("%s is at %.2f dBFS, want %g", id, l, want[1])
			}
		})
	}
}

func TestTheClockDoesNotDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, n := time.Now(), 0
		p := startPaced(frameTime, func() {
			if at, due := time.Since(begun), time.Duration(n)*frameTime; at != due {
				t.Errorf("frame %d comes after %v, want %v", n, at, due)
			}
			n++
			time.Sleep(3 * time.Millisecond) // the user takes its time; the next frame is due all the same
		})
		time.Sleep(time.Hour - time.Millisecond)
		_ = p.Close()
		if n != 360000 {
			t.Errorf("%d frames in an hour, want 360000", n)
		}
	})
}

func TestAfterASleepOfTheMachineFramesAreSkippedNotMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		p := startPaced(frameTime, func() {
			if n++; n == 1 {
				time.Sleep(time.Minute)
			}
		})
		time.Sleep(time.Minute + 95*time.Millisecond)
		_ = p.Close()
		if n < 9 || n > 14 {
			t.Errorf("%d frames, want about 11", n)
		}
	})
}

func TestNothingIsCalledAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, n := New(), 0
		s, err := b.OpenSpeaker("null", func([]int16) { n++ }, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(55 * time.Millisecond)
		b.Close() // closes the speaker too
		before := n
		time.Sleep(time.Second)
		if before != 6 || n != before {
			t.Errorf("%d calls before Close, want 6; %d after", before, n-before)
		}
		_ = s.Close()
		if _, err := b.OpenSpeaker("null", func([]int16) {}, nil); !errors.Is(err, devices.ErrClosed) {
			t.Errorf("a closed backend opens with %v", err)
		}
	})
}

func TestAProbesSaidAndHeardCarryTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewProbe("probe", "Probe")
		b := New(p)
		defer b.Close()
		p.Say([]int16{7, 8, 9})
		line := make(chan []int16, 100) // the way from the microphone to the speaker
		m, err := b.OpenMicrophone("probe", func(pcm []int16) { line <- append([]int16(nil), pcm...) }, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(25 * time.Millisecond)
		s, err := b.OpenSpeaker("probe", func(pcm []int16) { copy(pcm, <-line) }, nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
		_, _ = m.Close(), s.Close()
		said, heard := p.Said(), p.Heard()
		if said.PCM[2] != 9 || heard.PCM[2] != 9 || said.PCM[3] != 0 {
			t.Fatalf("said %v…, heard %v…", said.PCM[:4], heard.PCM[:4])
		}
		if delay := heard.At(2).Sub(said.At(2)); delay != 25*time.Millisecond {
			t.Errorf("the delay is measured as %v, want 25 ms", delay)
		}
	})
}

func TestIDsThatAreNoneAreRefused(t *testing.T) {
	b := New()
	for _, id := range []string{"", "tone:", "tone:0", "tone:x", "tone:NaN", "tone:440:3", "tone:440:-20:1", "tone:1e9", "file:",
		"file:/no/such/file.wav", "pattern", "micA"} {
		if c, err := b.OpenMicrophone(id, func([]int16) {}, nil); err == nil {
			_ = c.Close()
			t.Errorf("%q opens as a microphone", id)
		}
		if !strings.HasPrefix(id, "file:/") {
			if d, ok := b.Find(devices.Microphone, id); ok {
				t.Errorf("%q is found as the microphone %+v", id, d)
			}
		}
	}
	if d, ok := b.Find(devices.Camera, "pattern"); !ok || !d.Virtual || len(b.List()) > 0 {
		t.Errorf("the camera pattern is %+v, the list is %v", d, b.List())
	}
}

// wav makes a file of the samples.
func wav(rate, channels int, samples []int16) []byte {
	var data []byte
	for _, v := range samples {
		data = binary.LittleEndian.AppendUint16(data, uint16(v))
	}
	file := []byte("RIFF....WAVELIST\x03\x00\x00\x00abc\x00fmt \x10\x00\x00\x00\x01\x00")
	file = binary.LittleEndian.AppendUint16(file, uint16(channels))
	file = binary.LittleEndian.AppendUint32(file, uint32(rate))
	file = binary.LittleEndian.AppendUint32(file, uint32(2*rate*channels))
	file = binary.LittleEndian.AppendUint16(file, uint16(2*channels))
	file = binary.LittleEndian.AppendUint16(file, 16)
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(data)))
	return append(file, data...)
}

func TestAFileOfAnyRateKeepsItsPitchAndLevelAndLoops(t *testing.T) {
	for _, rate := range []int{8000, 16000, 22050, 44100, 48000, 96000} {
		for channels := 1; channels <= 2; channels++ {
			var samples []int16
			for i := range rate / 2 { // whole periods, so that the loop has no step
				v := int16(8000 * math.Sin(2*math.Pi*400*float64(i)/float64(rate)))
				for range channels {
					samples = append(samples, v)
				}
			}
			path := filepath.Join(t.TempDir(), "a.wav")
			if err := os.WriteFile(path, wav(rate, channels, samples), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				pcm := listen(t, New(), "file:"+path, 2*time.Second)
				f, l := crossings(pcm), rms(pcm)
				if math.Abs(f-400) > 1 || math.Abs(l+15.26) > 0.1 {
					t.Errorf("%d Hz, %d channels: %.2f Hz at %.2f dBFS, want 400 at -15.26", rate, channels, f, l)
				}
			})
		}
	}
}

func TestFilesThatAreNotPlayableAreRefused(t *testing.T) {
	good := wav(8000, 1, []int16{1, 2, 3})
	bits8 := append([]byte(nil), good...)
	bits8[12+12+8+14] = 8
	for name, data := range map[string][]byte{
		"empty": nil, "header only": good[:12], "no data": good[:52], "8 bits": bits8, "no samples": wav(8000, 1, nil),
		"5 channels": wav(8000, 5, make([]int16, 50)), "no channel": wav(8000, 0, make([]int16, 50)),
		"rate 0": wav(0, 1, make([]int16, 50)), "rate too high": wav(1<<30, 1, make([]int16, 50)),
	} {
		if pcm, err := ParseWAV(data); !errors.Is(err, ErrWAV) {
			t.Errorf("%s: %d samples, %v", name, len(pcm), err)
		}
	}
	if pcm, err := ParseWAV(append(good[:len(good)-1], 0, 0, 0)); err != nil || len(pcm) == 0 {
		t.Errorf("a file with a tail: %v", err)
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add(wav(8000, 1, []int16{1, 2, 3}))
	f.Add(wav(44100, 2, []int16{1, 2, 3, 4, 5}))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		pcm, err := ParseWAV(data)
		if (err == nil) != (len(pcm) > 0) {
			t.Errorf("%d samples with error %v", len(pcm), err)
		}
		if len(pcm) > maxSeconds*sampleRate {
			t.Errorf("%d samples are more than the bound", len(pcm))
		}
	})
}

func FuzzParseTone(f *testing.F) {
	f.Add("tone:440:-20")
	f.Fuzz(func(t *testing.T, id string) {
		if s, err := parseTone(id); err == nil {
			pcm := make([]int16, frameSamples)
			s.read(pcm)
		}
	})
}
