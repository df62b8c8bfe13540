package media

import (
	"image"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

// filmDevices are fake devices with a camera.
type filmDevices struct {
	fakeDevices
	films  atomic.Int32           // cameras that are open
	id     atomic.Pointer[string] // the one that was opened last
	lost   atomic.Pointer[func(error)]
	broken bool
}

type fakeCamera struct{ d *filmDevices }

func (c fakeCamera) Close() error {
	c.d.films.Add(-1)
	return nil
}

func (d *filmDevices) OpenCamera(id string, _ func(*image.YCbCr), lost func(error)) (io.Closer, error) {
	if d.broken {
		return nil, errUnplugged
	}
	d.films.Add(1)
	d.lost.Store(&lost)
	d.id.Store(&id)
	return fakeCamera{d}, nil
}

// videoTransport joins two legs without any network; what tamper lets through arrives.
type videoTransport struct {
	fakeTransport
	peer   *videoTransport
	tamper func(*rtp.Packet) bool
	asked  atomic.Int32
	mu     sync.Mutex
}

func (t *videoTransport) WriteRTP(*rtp.Header, []byte) bool { return true }

func (t *videoTransport) WriteVideo(h *rtp.Header, payload []byte) bool {
	t.mu.Lock()
	pass := t.tamper == nil || t.tamper(&rtp.Packet{Header: *h, Payload: payload})
	t.mu.Unlock()
	if k, ok := t.peer.sink.(VideoSink); ok && pass {
		k.Video(&rtp.Packet{Header: *h, Payload: append([]byte(nil), payload...)}, time.Now())
	}
	return true
}

func (t *videoTransport) AskPicture() {
	t.asked.Add(1)
	if k, ok := t.peer.sink.(VideoSink); ok {
		k.PictureAsked()
	}
}

type oneTransport struct{ t *videoTransport }

func (f oneTransport) NewTransport(_ phone.LegOptions, sink TransportSink) (Transport, error) {
	f.t.sink = sink
	return f.t, nil
}

// filmEnd is one engine of a video call.
type filmEnd struct {
	*Engine
	t      *videoTransport
	dev    *filmDevices
	events journal
}

// negotiate has an exchange come to that.
func (e *filmEnd) negotiate(v VideoSpec) {
	n := negotiated("PCMU")
	n.Video = v
	e.t.sink.Negotiated(n)
}

var bothWays = VideoSpec{On: true, PayloadType: 96, Sends: true, Shares: true}

func videoCall(t testing.TB) (a, b *filmEnd) {
	t.Helper()
	a, b = &filmEnd{t: &videoTransport{}, dev: &filmDevices{}}, &filmEnd{t: &videoTransport{}, dev: &filmDevices{}}
	a.t.peer, b.t.peer = b.t, a.t
	for _, e := range []*filmEnd{a, b} {
		e.t.says = negotiated("PCMU")
		e.Engine = New(Config{Devices: e.dev, Transports: map[phone.MediaPolicy]TransportFactory{phone.MediaDefault: oneTransport{e.t}}})
		t.Cleanup(e.Shutdown)
		e.Open(callID, phone.LegOptions{}, e.events.add)
		e.Answer(callID, []byte("offer"), phone.MediaWish{})
		eventually(t, "answer", func() bool { return has[phone.LocalDescription](&e.events) })
	}
	return a, b
}

// filmUntil films a new picture from time to time until something is so.
func filmUntil(t testing.TB, e *filmEnd, what string, ok func() bool) {
	t.Helper()
	seed := uint64(0)
	eventually(t, what, func() bool {
		seed++
		e.film(noise(160, 120, seed))
		time.Sleep(5 * time.Millisecond)
		return ok()
	})
}

func (e *filmEnd) serial(far bool) uint64 {
	_, serial := e.Frame(callID, far)
	return serial
}

func TestEachSeesTheOther(t *testing.T) {
	a, b := videoCall(t)
	for _, e := range []*filmEnd{a, b} {
		e.negotiate(bothWays)
		if e.dev.films.Load() != 0 {
			t.Error("the camera was opened before the call was answered")
		}
		e.Start(callID)
		eventually(t, "the camera is open", func() bool { return e.dev.films.Load() == 1 })
	}
	filmUntil(t, a, "b sees a", func() bool { return b.serial(true) > 3 })
	filmUntil(t, b, "a sees b", func() bool { return a.serial(true) > 3 })
	picture, _ := b.Frame(callID, true)
	own, _ := a.Frame(callID, false)
	if picture.Bounds() != image.Rect(0, 0, 160, 120) || own.Bounds() != picture.Bounds() {
		t.Errorf("%v, %v", picture.Bounds(), own.Bounds())
	}
	if cb := int(picture.Cb[30*picture.CStride+40]); cb < 25 || cb > 55 {
		t.Errorf("its colour is %d", cb)
	}
	if !has[phone.FirstPicture](&b.events) {
		t.Error("nobody was told")
	}
	if s, _ := b.Stats(callID); s.Video.Codec != "VP8" || s.Video.PacketsReceived == 0 || s.Video.PacketsSent == 0 || s.Video.PacketsLost != 0 {
		t.Errorf("%+v", s.Video)
	}
}

func TestTheCameraIsOpenOnlyWhileSomebodyMaySee(t *testing.T) {
	a, b := videoCall(t)
	a.Start(callID)
	b.Start(callID)
	for _, s := range []struct {
		name string
		do   func()
		open int32
	}{
		{"video", func() { a.negotiate(bothWays) }, 1},
		{"they look away", func() { a.negotiate(VideoSpec{On: true, PayloadType: 96, Sends: true}) }, 0},
		{"they look again", func() { a.negotiate(bothWays) }, 1},
		{"we hold", func() { a.Hold(callID, true) }, 0},
		{"we resume", func() { a.Hold(callID, false) }, 1},
		{"no video", func() { a.negotiate(VideoSpec{}) }, 0},
		{"video again", func() { a.negotiate(bothWays) }, 1},
		{"the end", func() { a.Close(callID) }, 0},
	} {
		s.do()
		eventually(t, s.name, func() bool { return a.dev.films.Load() == s.open })
	}
}

func TestAnotherCameraIsTakenInARunningCall(t *testing.T) {
	a, b := videoCall(t)
	a.SetDevices(phone.DeviceIDs{Camera: "front"})
	for _, e := range []*filmEnd{a, b} {
		e.Start(callID)
		e.negotiate(bothWays)
	}
	for _, id := range []string{"front", "back", ""} {
		a.SetDevices(phone.DeviceIDs{Camera: id})
		eventually(t, "camera "+id+" and no other is open", func() bool {
			last := a.dev.id.Load()
			return last != nil && *last == id && a.dev.films.Load() == 1
		})
	}
	filmUntil(t, a, "b sees a", func() bool { return b.serial(true) > 0 })
}

func TestWhileWeHoldNothingIsShownAsSent(t *testing.T) {
	a, b := videoCall(t)
	for _, e := range []*filmEnd{a, b} {
		e.Start(callID)
		e.negotiate(bothWays)
	}
	filmUntil(t, a, "b sees a", func() bool { return b.serial(true) > 0 && a.serial(false) > 0 })
	a.Hold(callID, true)
	eventually(t, "our own picture is gone", func() bool { return a.serial(false) == 0 })
	before := b.serial(true)
	for i := range 10 {
		a.film(noise(160, 120, uint64(i)))
		time.Sleep(5 * time.Millisecond)
	}
	if after := b.serial(true); after > before+2 { // what was on its way
		t.Errorf("%d pictures got through", after-before)
	}
	a.Hold(callID, false)
	before = b.serial(true)
	filmUntil(t, a, "b sees a again", func() bool { return b.serial(true) > before+2 && a.serial(false) > 0 })
}

func TestWhatIsOverIsSeenNoMore(t *testing.T) {
	a, b := videoCall(t)
	for _, e := range []*filmEnd{a, b} {
		e.Start(callID)
		e.negotiate(bothWays)
	}
	filmUntil(t, a, "b sees a", func() bool { return b.serial(true) > 0 && a.serial(false) > 0 })
	for _, e := range []*filmEnd{a, b} {
		e.negotiate(VideoSpec{})
		if e.serial(true) != 0 || e.serial(false) != 0 {
			t.Error("a picture stays behind")
		}
	}
	a.negotiate(bothWays)
	b.negotiate(bothWays)
	filmUntil(t, a, "b sees a again", func() bool { return b.serial(true) > 0 })
	b.Close(callID)
	if p, _ := b.Frame(callID, true); p != nil {
		t.Error("a picture of a call that is gone")
	}
}

func TestALostPacketIsMadeGoodByAKeyFrame(t *testing.T) {
	a, b := videoCall(t)
	for _, e := range []*filmEnd{a, b} {
		e.Start(callID)
		e.negotiate(bothWays)
	}
	filmUntil(t, a, "b sees a", func() bool { return b.serial(true) > 2 })
	asked, lost := b.t.asked.Load(), false
	a.t.mu.Lock()
	a.t.tamper = func(p *rtp.Packet) bool {
		if !lost && p.Marker {
			lost = true
			return false
		}
		return true
	}
	a.t.mu.Unlock()
	filmUntil(t, a, "b asks for a key frame", func() bool { return b.t.asked.Load() > asked })
	at := b.serial(true)
	filmUntil(t, a, "b sees a again", func() bool { return b.serial(true) > at+3 })
	if s, _ := b.Stats(callID); s.Video.PacketsLost == 0 {
		t.Errorf("%+v", s.Video)
	}
}

func TestACameraThatFailsIsToldOnceAndTheCallGoesOn(t *testing.T) {
	a, _ := videoCall(t)
	a.dev.broken = true
	a.Start(callID)
	if has[phone.DeviceFailed](&a.events) {
		t.Fatal("no camera is wanted yet")
	}
	a.negotiate(bothWays)
	eventually(t, "it is told", func() bool { return has[phone.DeviceFailed](&a.events) })
	for _, e := range a.events.all() {
		if failed, ok := e.(phone.DeviceFailed); ok && failed.Kind != "camera" {
			t.Errorf("%+v", failed)
		}
	}
}
