package virtual

import (
	"errors"
	"image"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/devices"
)

// seen is one picture as a test remembers it.
type seen struct {
	at     time.Time
	square int   // the left edge of the square, -1: none found
	colour uint8 // its red difference
}

// look finds the square in a picture: where the row in its middle is not as the bars are.
func look(p *image.YCbCr) seen {
	s := seen{at: time.Now(), square: -1}
	middle := p.Bounds().Dy() / 2
	for x := range p.Bounds().Dx() {
		if p.YCbCrAt(x, middle) != p.YCbCrAt(x, 0) {
			return seen{at: s.at, square: x, colour: p.YCbCrAt(x, middle).Cr}
		}
	}
	return s
}

// watch opens the pattern for d of the test's own time.
func watch(t *testing.T, b *Backend, d time.Duration) (pictures []seen) {
	t.Helper()
	c, err := b.OpenCamera("pattern", func(p *image.YCbCr) {
		if p.Rect != image.Rect(0, 0, 640, 480) || p.SubsampleRatio != image.YCbCrSubsampleRatio420 {
			t.Errorf("a picture of %v, %v", p.Rect, p.SubsampleRatio)
		}
		pictures = append(pictures, look(p))
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(d - time.Millisecond)
	_ = c.Close()
	return pictures
}

func TestThePatternMovesAndChangesItsColour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New()
		defer b.Close()
		pictures := watch(t, b, 4*time.Second)
		if len(pictures) != 4*devices.PictureRate {
			t.Fatalf("%d pictures in 4 s", len(pictures))
		}
		colours := map[uint8]bool{}
		for i, p := range pictures {
			colours[p.colour] = true
			if i > 0 && p.square == pictures[i-1].square {
				t.Errorf("picture %d shows the square where the one before it does, at %d", i, p.square)
			}
			if p.square < 0 {
				t.Errorf("picture %d has no square", i)
			}
		}
		if len(colours) != 4 {
			t.Errorf("the square had %d colours in 4 s", len(colours))
		}
	})
}

func TestTwoWhoOpenThePatternSeeTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New()
		defer b.Close()
		other := make(chan []seen)
		go func() { other <- watch(t, b, 2*time.Second) }()
		first, second := watch(t, b, 2*time.Second), <-other
		if !slices.Equal(first, second) {
			t.Errorf("one sees %v, the other %v", first[:3], second[:3])
		}
	})
}

func TestOnlyThePatternIsACamera(t *testing.T) {
	b := New()
	defer b.Close()
	for _, id := range []string{"", "null", "tone:440", "file:x.wav", "default"} {
		if c, err := b.OpenCamera(id, func(*image.YCbCr) {}, nil); !errors.Is(err, devices.ErrNoDevice) {
			t.Errorf("%q: %v, %v", id, c, err)
		}
	}
	b.Close()
	if _, err := b.OpenCamera("pattern", func(*image.YCbCr) {}, nil); !errors.Is(err, devices.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
