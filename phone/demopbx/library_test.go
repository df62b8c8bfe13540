package demopbx

import (
	"errors"
	"math"
	"testing"

	"github.com/hookswitch/hookswitch/phone/media/codec"
)

// decodeAll gives a recording's sound as heard through a codec.
func decodeAll(t *testing.T, r *recording, codecName string) []int16 {
	t.Helper()
	decoder, err := codec.NewDecoder(codec.Spec{Name: codecName})
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	var sound []int16
	pcm := make([]int16, codec.MaxFrameSamples)
	for i := range r.length() {
		n, err := decoder.Decode(r.frame(codecName, i), pcm)
		if err != nil || n != codec.FrameSamples {
			t.Fatalf("frame %d: %d samples, %v", i, n, err)
		}
		sound = append(sound, pcm[:n]...)
	}
	return sound
}

func TestTheMusicIsCalmAndLongEnoughAndNeverClips(t *testing.T) {
	library, err := loadSounds()
	if err != nil {
		t.Fatal(err)
	}
	for _, codecName := range []string{"opus", "PCMU", "PCMA"} {
		music := decodeAll(t, library.get("music"), codecName)
		if seconds := len(music) / codec.SampleRate; seconds < 20 || seconds > 30 {
			t.Errorf("%s: %d s", codecName, seconds)
		}
		if level := loudness(music); level < 1500 || level > 8000 {
			t.Errorf("%s: level %.0f", codecName, level)
		}
		for _, v := range music {
			if math.Abs(float64(v)) > 30000 {
				t.Fatalf("%s: it clips", codecName)
			}
		}
		// Never silent for a second, also not where the loop closes.
		second := codec.SampleRate
		for start := 0; start+second <= len(music); start += second {
			if loudness(music[start:start+second]) < 300 {
				t.Errorf("%s: silence at %d s", codecName, start/second)
			}
		}
	}
}

func TestThePartySpeaksAndPauses(t *testing.T) {
	library, err := loadSounds()
	if err != nil {
		t.Fatal(err)
	}
	party := decodeAll(t, library.get("party"), "opus")
	loud, quiet := 0, 0
	for start := 0; start+codec.FrameSamples <= len(party); start += codec.FrameSamples {
		switch level := loudness(party[start : start+codec.FrameSamples]); {
		case level > 1000:
			loud++
		case level < 50:
			quiet++
		}
	}
	if loud < 75 || quiet < 75 { // 1.5 s of each at least
		t.Errorf("%d loud frames and %d quiet ones", loud, quiet)
	}
}

func TestTheRingingToneIsEuropes(t *testing.T) {
	library, err := loadSounds()
	if err != nil {
		t.Fatal(err)
	}
	ring := decodeAll(t, library.get("ringback"), "opus")
	if s := share(ring[codec.SampleRate/10:codec.SampleRate*9/10], 425); s < 0.9 {
		t.Errorf("425 Hz is %.2f of it", s)
	}
	if level := loudness(ring[2*codec.SampleRate:]); level > 20 {
		t.Errorf("level %.0f in the pause", level)
	}
}

func TestABrokenSoundFileIsAnError(t *testing.T) {
	for _, data := range []string{"", "HSOF1\n", "other", "HSOF1\n\x00", "HSOF1\n\x00\x00", "HSOF1\n\x00\x05ab"} {
		if _, err := parseSound([]byte(data)); !errors.Is(err, errSoundFile) {
			t.Errorf("%q: %v", data, err)
		}
	}
}
