package virtual

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/devices"
)

// say opens a virtual speaker for d of the test's own time and gives it that tone.
func say(t *testing.T, b *Backend, id, tone string, d time.Duration) {
	t.Helper()
	source, err := parseTone(tone)
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.OpenSpeaker(id, source.read, nil)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(d - time.Millisecond)
	_ = s.Close()
}

func TestWhatASpeakerIsGivenCanBeReadFromItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heard.wav")
	if err := os.WriteFile(path, []byte("what was there before"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		b := New()
		defer b.Close()
		say(t, b, "file:"+path, "tone:440", time.Second)
		say(t, b, "file:"+path, "tone:880", time.Second) // opened again, it goes on
		pcm, err := ReadWAV(path)                        // before the program ends: a kill leaves a file that plays
		if err != nil || len(pcm) != 2*sampleRate {
			t.Fatalf("%d samples, %v", len(pcm), err)
		}
		if first, second := crossings(pcm[:sampleRate]), crossings(pcm[sampleRate:]); math.Abs(first-440) > 2 || math.Abs(second-880) > 2 {
			t.Errorf("%.0f Hz, then %.0f Hz", first, second)
		}
	})
}

func TestASpeakersFileIsWholeWhileItIsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heard.wav")
	synctest.Test(t, func(t *testing.T) {
		b := New()
		defer b.Close()
		s, err := b.OpenSpeaker("file:"+path, func([]int16) {}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		time.Sleep(2500 * time.Millisecond)
		if pcm, err := ReadWAV(path); err != nil || len(pcm) < sampleRate {
			t.Errorf("after 2.5 s it holds %d samples, %v", len(pcm), err)
		}
	})
}

func TestASpeakersFileThatCannotBeWrittenIsAnError(t *testing.T) {
	b := New()
	defer b.Close()
	if s, err := b.OpenSpeaker("file:"+filepath.Join(t.TempDir(), "no", "such.wav"), func([]int16) {}, nil); err == nil {
		_ = s.Close()
		t.Error("it opens")
	}
	if _, ok := b.Find(devices.Speaker, "file:"); ok {
		t.Error("a file without a name is found")
	}
	if d, ok := b.Find(devices.Speaker, "file:x.wav"); !ok || !d.Virtual {
		t.Errorf("%+v", d)
	}
}
