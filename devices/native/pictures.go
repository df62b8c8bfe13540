package native

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"sync"
	"syscall"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/hookswitch/hookswitch/devices"
)

// How long a camera may take: to be opened (macOS asks its daemon), to show its first picture, and between two.
const (
	cameraOpenLimit   = 5 * time.Second
	cameraStartLimit  = 5 * time.Second
	cameraSilentLimit = 2 * time.Second
)

// cameraDriver is a camera as mediadevices sees it. GetUserMedia opens every closed driver just to read its properties, so Open
// does nothing; the camera is opened by VideoRecord. Its methods are called with cameras.registry held.
type cameraDriver struct {
	cameras *cameras
	id      string
	open    *pictures
}

// Open does nothing.
func (d *cameraDriver) Open() error { return nil }

// Close closes the camera if it is open, within 100 ms: one that hangs goes on closing by itself.
func (d *cameraDriver) Close() error {
	if d.open != nil {
		d.open.close()
		d.open = nil
	}
	return nil
}

// Properties says the one form there is.
func (d *cameraDriver) Properties() []prop.Media {
	return []prop.Media{{Video: prop.Video{Width: devices.PictureWidth, Height: devices.PictureHeight,
		FrameRate: devices.PictureRate, FrameFormat: frame.FormatI420}}}
}

// VideoRecord opens the camera.
func (d *cameraDriver) VideoRecord(prop.Media) (video.Reader, error) {
	system, err := d.cameras.system(d.id)
	if err != nil {
		return nil, err
	}
	previous := d.cameras.last[d.id]
	open, err := within(cameraOpenLimit, func() (*pictures, error) {
		if previous != nil {
			<-previous.closed
		}
		return openPictures(system)
	}, (*pictures).close)
	if err != nil {
		return nil, cameraError(err)
	}
	d.open = open
	d.cameras.last[d.id] = open
	return video.ReaderFunc(open.read), nil
}

// cameraError gives what the system says the words of package devices. No permission is fs.ErrPermission already.
func cameraError(err error) error {
	switch {
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%w: %w", devices.ErrInUse, err)
	case errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENXIO):
		return fmt.Errorf("%w: %w", devices.ErrNoDevice, err)
	}
	return err
}

// pictures is an open camera: one goroutine reads it and brings each picture into the form that all have here.
type pictures struct {
	system driver.Adapter
	source video.Reader
	fit    fitter
	// Of three buffers one is being written, one waits in out, and one is with the reader.
	ring [3]*image.YCbCr
	out  chan *image.YCbCr
	seen bool  // of read: a picture came
	err  error // why out was closed

	done, closed chan struct{} // close was called; the camera is closed
	once         sync.Once
}

// openPictures opens the camera in the form that suits best; it may hang with it.
func openPictures(system interface {
	driver.Adapter
	driver.VideoRecorder
}) (*pictures, error) {
	if err := system.Open(); err != nil {
		return nil, err
	}
	form, err := bestForm(system.Properties())
	if err != nil {
		return nil, errors.Join(err, system.Close())
	}
	source, err := system.VideoRecord(form)
	if err != nil {
		_ = system.Close() // a second time where mediadevices has done so itself: then it does nothing
		return nil, err
	}
	p := &pictures{system: system, source: source, out: make(chan *image.YCbCr, 1),
		done: make(chan struct{}), closed: make(chan struct{})}
	for i := range p.ring {
		p.ring[i] = image.NewYCbCr(image.Rect(0, 0, devices.PictureWidth, devices.PictureHeight), image.YCbCrSubsampleRatio420)
	}
	go p.run()
	return p, nil
}

// bestForm chooses among what a camera can deliver: the size comes first, then a steady motion, then what costs least.
func bestForm(forms []prop.Media) (prop.Media, error) {
	best, least := prop.Media{}, math.Inf(1)
	for _, f := range forms {
		if f.Width < 1 || f.Height < 1 || f.FrameFormat == frame.FormatZ16 { // distances are no picture
			continue
		}
		if cost := costOf(f); cost < least {
			best, least = f, cost
		}
	}
	if math.IsInf(least, 1) {
		return best, errors.New("the camera delivers no picture that can be used")
	}
	return best, nil
}

func costOf(f prop.Media) float64 {
	cost := math.Abs(math.Log2(float64(f.Width*f.Height) / (devices.PictureWidth * devices.PictureHeight)))
	if f.Width < devices.PictureWidth || f.Height < devices.PictureHeight {
		cost += 2 // blurred is worse than scaled down
	}
	if f.FrameRate > 0 && f.FrameRate < devices.PictureRate {
		cost += float64(devices.PictureRate-f.FrameRate) / 4
	} else if f.FrameRate > 0 {
		cost += float64(f.FrameRate-devices.PictureRate) / 100 // pictures that are thrown away
	}
	if f.FrameFormat == frame.FormatMJPEG {
		cost += 0.3
	}
	return cost
}

// run reads until the camera ends or is closed.
func (p *pictures) run() {
	defer close(p.out)
	due, n := time.Now(), 0
	for {
		picture, release, err := p.source.Read()
		wanted := false
		if err == nil {
			due, wanted = nextDue(due, time.Now())
		}
		if wanted {
			err = p.fit.fit(p.ring[n], picture)
		}
		if release != nil {
			release()
		}
		if err != nil {
			p.err = err
			return
		}
		if !wanted {
			continue
		}
		select {
		case p.out <- p.ring[n]:
			n = (n + 1) % len(p.ring)
		case <-p.done:
			return
		default: // the reader is late: this one is left out
		}
	}
}

// nextDue reports whether a picture that came now is wanted, where one was due, and when the next one is: a camera may deliver
// more than devices.PictureRate.
func nextDue(due, now time.Time) (next time.Time, wanted bool) {
	const pause = time.Second / devices.PictureRate
	if now.Before(due.Add(-pause / 10)) { // a camera of that very rate is not to lose pictures by a hair
		return due, false
	}
	next = due.Add(pause)
	if next.Before(now) {
		next = now.Add(pause)
	}
	return next, true
}

// read waits for the next picture. The error is io.EOF after close, ErrLost when the camera stopped delivering, or what it said.
func (p *pictures) read() (image.Image, func(), error) {
	limit := cameraStartLimit
	if p.seen {
		limit = cameraSilentLimit
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil, func() {}, io.EOF
	default:
	}
	select {
	case picture, ok := <-p.out:
		if !ok {
			return nil, func() {}, fmt.Errorf("%w: %w", devices.ErrLost, p.err)
		}
		p.seen = true
		return picture, func() {}, nil
	case <-p.done:
		return nil, func() {}, io.EOF
	case <-timer.C:
		return nil, func() {}, devices.ErrLost
	}
}

// close closes the camera; one that hangs is waited for in the background.
func (p *pictures) close() {
	p.once.Do(func() {
		close(p.done)
		go func() {
			defer close(p.closed)
			_ = p.system.Close() // it ends the read, too
			for range p.out {
			}
		}()
	})
	atMost(closeLimit, func() { <-p.closed })
}
