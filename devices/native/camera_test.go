package native

import (
	"errors"
	"image"
	"image/color"
	"io/fs"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/hookswitch/hookswitch/devices"
)

// lens is a camera as mediadevices' own driver presents it, with what goes wrong with cameras.
type lens struct {
	grey  uint8 // of its pictures
	pause time.Duration

	mu       sync.Mutex
	fails    error         // of Open
	hangs    chan struct{} // when not nil, Read and Close wait until it is closed
	opened   int
	open     bool
	unplug   chan struct{}
	released chan struct{} // closed by Close
}

func newLens(grey uint8, rate int) *lens {
	return &lens{grey: grey, pause: time.Second / time.Duration(rate), unplug: make(chan struct{})}
}

func (l *lens) Open() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open {
		return syscall.EBUSY
	}
	if l.fails != nil {
		return l.fails
	}
	l.opened++
	l.open, l.released = true, make(chan struct{})
	return nil
}

func (l *lens) Close() error {
	l.hang()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open {
		close(l.released)
	}
	l.open = false
	return nil
}

func (l *lens) hang() {
	l.mu.Lock()
	hangs := l.hangs
	l.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
}

func (l *lens) Properties() []prop.Media {
	form := func(w, h int, rate float32, format frame.Format) prop.Media {
		return prop.Media{Video: prop.Video{Width: w, Height: h, FrameRate: rate, FrameFormat: format}}
	}
	return []prop.Media{form(1920, 1080, 30, frame.FormatMJPEG), form(1280, 720, 30, frame.FormatYUYV), form(320, 240, 30, frame.FormatYUYV)}
}

func (l *lens) VideoRecord(p prop.Media) (video.Reader, error) {
	released := l.released
	picture := image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio422)
	for i := range picture.Y {
		picture.Y[i] = l.grey
	}
	return video.ReaderFunc(func() (image.Image, func(), error) {
		l.hang()
		select {
		case <-time.After(l.pause):
			return picture, func() {}, nil
		case <-l.unplug:
			return nil, nil, syscall.ENODEV
		case <-released:
			return nil, nil, syscall.EBADF
		}
	}), nil
}

func (l *lens) count() (opened int, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened, l.open
}

// studio is a machine whose cameras the test plugs in and out.
type studio struct {
	mu    sync.Mutex
	nodes map[string]*lens // by node
	names map[string]string
}

// discover does what mediadevices' discovery does on Linux.
func (s *studio) discover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	manager := driver.GetManager()
	for _, d := range manager.Query(driver.FilterVideoRecorder()) {
		manager.Delete(d.ID())
	}
	for node, l := range s.nodes {
		_ = manager.Register(l, driver.Info{Label: "by-path-" + node + ";" + node, Name: "Lens", DeviceType: driver.Camera})
	}
}

func (s *studio) list(map[string]systemCamera) []cameraNode {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []cameraNode
	for node := range s.nodes {
		list = append(list, cameraNode{node: node, Device: devices.Device{ID: s.names[node], Name: s.names[node], Kind: devices.Camera}})
	}
	slices.SortFunc(list, func(a, b cameraNode) int { return int(a.ID[0]) - int(b.ID[0]) })
	if len(list) > 0 {
		list[0].Default = true
	}
	return list
}

func (s *studio) set(node, name string, l *lens) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l == nil {
		delete(s.nodes, node)
		return
	}
	s.nodes[node], s.names[node] = l, name
}

// filming is a registry over a studio with the cameras a and b.
func filming(t *testing.T) (s *studio, b *Backend, eyeA, eyeB *lens) {
	t.Helper()
	s = &studio{nodes: make(map[string]*lens), names: make(map[string]string)}
	eyeA, eyeB = newLens(100, 30), newLens(200, 30)
	s.set("video0", "a", eyeA)
	s.set("video2", "b", eyeB)
	b = newBackend(s.list, s.discover)
	t.Cleanup(func() {
		b.Close()
		s.nodes = nil
		s.discover()
	})
	<-b.Listed()
	return s, b, eyeA, eyeB
}

// viewer is who sees pictures.
type viewer struct {
	mu     sync.Mutex
	greys  []uint8
	times  []time.Time
	losses []error
}

func (v *viewer) frame(p *image.YCbCr) {
	v.mu.Lock()
	defer v.mu.Unlock()
	grey := p.YCbCrAt(1, 1).Y
	if p.Rect != image.Rect(0, 0, 640, 480) || p.YCbCrAt(639, 479) != (color.YCbCr{Y: grey}) {
		grey = 0
	}
	v.greys = append(v.greys, grey)
	v.times = append(v.times, time.Now())
}

func (v *viewer) lost(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.losses = append(v.losses, err)
}

// sees reports whether the newest picture has that grey, and at least n came.
func (v *viewer) sees(grey uint8, n int) func() bool {
	return func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return len(v.greys) >= n && v.greys[len(v.greys)-1] == grey
	}
}

func TestTwoWhoOpenACameraShareItAndNoOtherOneIsTouched(t *testing.T) {
	_, b, eyeA, eyeB := filming(t)
	var first, second viewer
	one, err := b.OpenCamera("b", first.frame, first.lost)
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.OpenCamera("b", second.frame, second.lost)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "both see", func() bool { return first.sees(200, 5)() && second.sees(200, 5)() })
	if opened, _ := eyeB.count(); opened != 1 {
		t.Errorf("the camera was opened %d times", opened)
	}
	if opened, _ := eyeA.count(); opened != 0 {
		t.Error("the other camera was opened, too")
	}
	_ = one.Close()
	second.mu.Lock()
	second.greys = nil
	second.mu.Unlock()
	eventually(t, 5*time.Second, "the other one goes on", second.sees(200, 5))
	_ = two.Close()
	eventually(t, 5*time.Second, "it is closed", func() bool { _, open := eyeB.count(); return !open })
	if len(first.losses)+len(second.losses) > 0 {
		t.Error("who closed it was told that it is gone")
	}
}

func TestACameraOfThirtyPicturesShowsTwenty(t *testing.T) {
	due, shown := time.Time{}, 0
	for i := range 300 {
		now := time.Time{}.Add(time.Duration(i) * time.Second / 30)
		var wanted bool
		if due, wanted = nextDue(due, now); wanted {
			shown++
		}
	}
	if shown < 195 || shown > 201 {
		t.Errorf("%d of 300 are shown in 10 s, want 200", shown)
	}
	due, shown = time.Time{}, 0
	for i := range 100 { // one that delivers twenty, but unsteadily
		var wanted bool
		if due, wanted = nextDue(due, time.Time{}.Add(time.Duration(i)*50*time.Millisecond-time.Duration(i%3)*time.Millisecond)); wanted {
			shown++
		}
	}
	if shown != 100 {
		t.Errorf("%d of 100 are shown", shown)
	}
}

func TestACameraThatIsUnpluggedIsToldAndFoundAgainAtAnotherNode(t *testing.T) {
	s, b, _, eyeB := filming(t)
	var v viewer
	c, err := b.OpenCamera("b", v.frame, v.lost)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "it shows", v.sees(200, 1))
	s.set("video2", "", nil)
	close(eyeB.unplug)
	eventually(t, 5*time.Second, "the loss is told", func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return len(v.losses) == 1 && errors.Is(v.losses[0], devices.ErrLost)
	})
	_ = c.Close()
	if _, err := b.OpenCamera("b", v.frame, v.lost); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("unplugged, it opens with %v", err)
	}
	s.set("video5", "b", newLens(50, 30))
	b.lookNow()
	eventually(t, 5*time.Second, "it is back", func() bool { _, ok := b.Find(devices.Camera, "b"); return ok })
	if c, err = b.OpenCamera("b", v.frame, v.lost); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "it shows again", v.sees(50, 1))
	_ = c.Close()
}

func TestWhyACameraDoesNotOpenIsTold(t *testing.T) {
	_, b, eyeA, _ := filming(t)
	for cause, want := range map[error]error{syscall.EBUSY: devices.ErrInUse, syscall.EACCES: fs.ErrPermission, syscall.ENODEV: devices.ErrNoDevice} {
		eyeA.mu.Lock()
		eyeA.fails = cause
		eyeA.mu.Unlock()
		if _, err := b.OpenCamera(devices.DefaultID, func(*image.YCbCr) {}, func(error) {}); !errors.Is(err, want) {
			t.Errorf("%v is told as %v, want %v", cause, err, want)
		}
	}
}

func TestACameraThatHangsDelaysNobodyAndOpensAgainAfterwards(t *testing.T) {
	_, b, eyeA, _ := filming(t)
	var v viewer
	c, err := b.OpenCamera("a", v.frame, v.lost)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "it shows", v.sees(100, 1))
	hangs := make(chan struct{})
	eyeA.mu.Lock()
	eyeA.hangs = hangs
	eyeA.mu.Unlock()
	closed := make(chan struct{})
	go func() { _ = c.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(5 * time.Second): // it would be for ever
		t.Fatal("Close waits for a camera that hangs")
	}
	go func() {
		time.Sleep(200 * time.Millisecond)
		eyeA.mu.Lock()
		eyeA.hangs = nil
		eyeA.mu.Unlock()
		close(hangs)
	}()
	if c, err = b.OpenCamera("a", v.frame, v.lost); err != nil { // not EBUSY: it waits
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "it shows again", v.sees(100, 3))
	_ = c.Close()
}

func TestOfWhatACameraCanDeliverTheBestIsChosen(t *testing.T) {
	form := func(w, h int, rate float32, format frame.Format) prop.Media {
		return prop.Media{Video: prop.Video{Width: w, Height: h, FrameRate: rate, FrameFormat: format}}
	}
	all := []prop.Media{form(640, 480, 30, frame.FormatZ16), form(0, 0, 30, frame.FormatYUYV), form(320, 240, 30, frame.FormatYUYV),
		form(1280, 720, 10, frame.FormatYUYV), form(640, 480, 5, frame.FormatYUYV), form(1920, 1080, 30, frame.FormatMJPEG),
		form(1280, 720, 30, frame.FormatMJPEG), form(640, 480, 30, frame.FormatMJPEG), form(640, 480, 30, frame.FormatYUYV),
		form(640, 480, 20, frame.FormatYUYV)}
	for n := len(all); n > 2; n-- { // each is the best of those before it
		if got, err := bestForm(all[:n]); err != nil || got.String() != all[n-1].String() {
			t.Errorf("of %d: %v %v, want %v", n, got.Video, err, all[n-1].Video)
		}
	}
	if _, err := bestForm(all[:2]); err == nil {
		t.Error("nothing that can be used is used")
	}
}
