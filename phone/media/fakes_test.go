package media

import (
	"container/heap"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

// ---- devices ----

var errUnplugged = errors.New("unplugged")

// fakeDevices are devices whose callbacks a test calls by hand.
type fakeDevices struct {
	mu        sync.Mutex
	mics      []*fakeDevice
	speakers  []*fakeDevice
	noMic     bool
	noSpeaker bool
	hang      chan struct{} // Close waits for it, where set
	rooms     bool          // the microphones are real ones
}

type fakeDevice struct {
	id     string
	call   func([]int16)
	lost   func(error)
	hang   chan struct{}
	mu     sync.Mutex
	closed bool
}

func (d *fakeDevice) Close() error {
	if d.hang != nil {
		<-d.hang
	}
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	return nil
}

func (d *fakeDevice) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// run calls the device's callback unless it was closed.
func (d *fakeDevice) run(pcm []int16) {
	if !d.isClosed() {
		d.call(pcm)
	}
}

// HearsRoom implements Rooms.
func (f *fakeDevices) HearsRoom(string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rooms
}

func (f *fakeDevices) OpenMicrophone(id string, frame func([]int16), lost func(error)) (io.Closer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noMic {
		return nil, errUnplugged
	}
	d := &fakeDevice{id: id, call: frame, lost: lost, hang: f.hang}
	f.mics = append(f.mics, d)
	return d, nil
}

func (f *fakeDevices) OpenSpeaker(id string, fill func([]int16), lost func(error)) (io.Closer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noSpeaker {
		return nil, errUnplugged
	}
	d := &fakeDevice{id: id, call: fill, lost: lost, hang: f.hang}
	f.speakers = append(f.speakers, d)
	return d, nil
}

// change alters the devices while engines use them.
func (f *fakeDevices) change(how func(*fakeDevices)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how(f)
}

func last(list *[]*fakeDevice, f *fakeDevices) *fakeDevice {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(*list) == 0 {
		return nil
	}
	return (*list)[len(*list)-1]
}

func (f *fakeDevices) mic() *fakeDevice     { return last(&f.mics, f) }
func (f *fakeDevices) speaker() *fakeDevice { return last(&f.speakers, f) }

func (f *fakeDevices) opened() (mics, speakers int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.mics), len(f.speakers)
}

// eventually waits for a condition that another goroutine brings about.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// ---- transports ----

// wire joins the transports of two engines. The test's clock delivers.
type wire struct {
	now    time.Time
	rng    *rand.Rand
	loss   float64
	delay  time.Duration
	jitter time.Duration // uniform, ± this
	double float64
	queue  deliveries
	order  int
	tamper func(*rtp.Packet) bool // false: dropped
	seen   []rtp.Packet           // all that was sent by the first engine
}

type delivery struct {
	at    time.Time
	order int
	to    *fakeTransport
	p     *rtp.Packet
}

type deliveries []delivery

func (d deliveries) Len() int { return len(d) }
func (d deliveries) Less(i, j int) bool {
	return d[i].at.Before(d[j].at) || d[i].at.Equal(d[j].at) && d[i].order < d[j].order
}
func (d deliveries) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d *deliveries) Push(x any)   { *d = append(*d, x.(delivery)) }
func (d *deliveries) Pop() any {
	old := *d
	x := old[len(old)-1]
	*d = old[:len(old)-1]
	return x
}

func (w *wire) send(from *fakeTransport, p *rtp.Packet) {
	if from.first {
		w.seen = append(w.seen, *p)
	}
	if from.peer == nil || w.rng.Float64() < w.loss || w.tamper != nil && !w.tamper(p) {
		return
	}
	copies := 1
	if w.rng.Float64() < w.double {
		copies = 2
	}
	for range copies {
		delay := w.delay
		if w.jitter > 0 {
			delay += time.Duration((2*w.rng.Float64() - 1) * float64(w.jitter))
		}
		w.order++
		heap.Push(&w.queue, delivery{w.now.Add(delay), w.order, from.peer, p})
	}
}

func (w *wire) deliver() {
	for len(w.queue) > 0 && !w.queue[0].at.After(w.now) {
		d := heap.Pop(&w.queue).(delivery)
		d.to.sink.RTP(d.p, d.at)
	}
}

type fakeTransport struct {
	wire  *wire
	sink  TransportSink
	peer  *fakeTransport
	first bool
	says  Negotiated
	stats TransportStats
	ssrc  uint32

	mu     sync.Mutex
	closed bool
}

func (t *fakeTransport) Offer(phone.MediaWish) { t.sink.LocalSDP([]byte("offer")) }
func (t *fakeTransport) Answer([]byte, phone.MediaWish) {
	t.sink.LocalSDP([]byte("answer"))
	t.sink.Negotiated(t.says)
}
func (t *fakeTransport) Remote([]byte, bool)   { t.sink.Negotiated(t.says) }
func (t *fakeTransport) Rollback()             {}
func (t *fakeTransport) Stats() TransportStats { return t.stats }
func (t *fakeTransport) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
}
func (t *fakeTransport) WriteRTP(h *rtp.Header, payload []byte) bool {
	header := *h
	header.SSRC = t.ssrc
	t.wire.send(t, &rtp.Packet{Header: header, Payload: append([]byte(nil), payload...)})
	return true
}

// fakeFactory hands out prepared transports.
type fakeFactory struct{ next []*fakeTransport }

func (f *fakeFactory) NewTransport(_ phone.LegOptions, sink TransportSink) (Transport, error) {
	if len(f.next) == 0 {
		return nil, errors.New("no transport left")
	}
	t := f.next[0]
	f.next = f.next[1:]
	t.sink = sink
	return t, nil
}
