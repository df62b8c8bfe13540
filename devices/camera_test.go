package devices

import (
	"errors"
	"image"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// OpenCamera delivers pictures whose first dot is the device's number, 100 a second: the keeper does not mind.
func (s *shelf) OpenCamera(id string, frame func(*image.YCbCr), lost func(error)) (io.Closer, error) {
	return s.openDevice(Camera, id, func(pcm []int16) {
		p := image.NewYCbCr(image.Rect(0, 0, 2, 2), image.YCbCrSubsampleRatio420)
		p.Y[0] = uint8(pcm[0])
		frame(p)
	}, lost)
}

// Cameras that lie beside the microphones with the same ids.
var (
	cameraA = Device{ID: "a", Name: "Eye A", Kind: Camera, Default: true}
	cameraB = Device{ID: "b", Name: "Eye B", Kind: Camera}
)

// picture lets a listener take pictures in the place of sound.
func (l *listener) picture(p *image.YCbCr) { l.frame([]int16{int16(p.Y[0])}) }

func TestACameraIsReplacedWhenItVanishesAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(deviceA, cameraA, cameraB)
		r := New(s)
		defer r.Close()
		l := &listener{}
		c, err := r.OpenCamera("Eye B", l.picture, l.lost)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "at first", l.during(time.Second), "b")
		s.change(func() { s.list = []Device{deviceA, cameraA} })
		expect(t, "unplugged", l.during(time.Second), "a")
		s.change(func() { s.list = []Device{deviceA, cameraA, cameraB} })
		expect(t, "back", l.during(time.Second), "ab")
		if len(l.losses) > 0 {
			t.Errorf("the user was told of %v", l.losses)
		}
		s.change(func() { s.list = []Device{deviceA} }) // a microphone is no camera
		expect(t, "none left", l.during(5*time.Second), "")
		if len(l.losses) != 1 || !errors.Is(l.losses[0], ErrLost) || r.HaveCamera() {
			t.Errorf("the user was told %v, want ErrLost once; HaveCamera %v", l.losses, r.HaveCamera())
		}
		s.change(func() { s.list = []Device{cameraB} })
		expect(t, "plugged in again", l.during(time.Second), "b")
		_ = c.Close()
		expect(t, "closed", l.during(time.Second), "")
	})
}

func TestACameraThatIsSlowToShowItsFirstPictureIsNotPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(cameraA, cameraB)
		r := New(s)
		defer r.Close()
		l := &listener{}
		if _, err := r.OpenCamera("", l.picture, l.lost); err != nil {
			t.Fatal(err)
		}
		expect(t, "at first", l.during(time.Second), "a")
		s.change(func() { s.list = []Device{cameraB}; s.broken["b"] = true })
		time.Sleep(2 * time.Second)
		s.mu.Lock()
		s.broken["b"] = false
		s.mu.Unlock()
		expect(t, "two seconds later", l.during(time.Second), "b")
		if len(l.losses) > 0 {
			t.Errorf("the user was told of %v", l.losses)
		}
	})
}

func TestOpeningACameraFailsWhereThereIsNone(t *testing.T) {
	r := New(newShelf(deviceA))
	defer r.Close()
	if _, err := r.OpenCamera("", func(*image.YCbCr) {}, nil); !errors.Is(err, ErrNoDevice) {
		t.Errorf("it fails with %v, want ErrNoDevice", err)
	}
}
