package media

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// shutdownWait bounds Shutdown. What has not ended by then (a device whose Close hangs) is abandoned.
const shutdownWait = 800 * time.Millisecond

// linger is how many ticks go on after the last sound, so that the speaker has played it before it closes.
const linger = 20

// Config is what an engine is made of.
type Config struct {
	// Devices opens microphones and speakers, and cameras where it is one of Cameras; nil: there are none, and all calls run on the clock.
	Devices Devices
	// Transports makes each policy's transports. The entry for MediaDefault serves policies that have none of their own.
	Transports map[phone.MediaPolicy]TransportFactory
	// Recorders makes the files of recordings; nil: nothing can be recorded.
	Recorders Recorders
	// Logger gets what goes wrong with devices and transports; nil: nothing is logged.
	Logger *slog.Logger
	// Quiet keeps all tones off: ring, ringback, busy, keys.
	Quiet bool
	// DeviceIDs are the devices to begin with.
	DeviceIDs phone.DeviceIDs
}

// Engine is the audio engine; it implements phone.Media. All its methods return at once and may be called
// from any goroutine; Shutdown waits, for less than a second.
type Engine struct {
	config Config
	log    *slog.Logger
	epoch  time.Time
	byHand bool // tests call tick themselves
	clock  func() time.Time

	running *sync.WaitGroup
	need    chan struct{} // a speaker took a block
	legs    atomic.Pointer[[]*leg]
	mic     atomic.Pointer[microphone]
	ear     atomic.Pointer[outlet]
	ring    atomic.Pointer[phone.Tone] // what the ringer rings; nil: nothing
	tones   tonebox
	sounds  atomic.Bool // a tone or key was asked for and has not ended
	raw     atomic.Bool // no voice processing

	mu      sync.Mutex
	ids     phone.DeviceIDs
	byID    map[phone.CallID]*leg
	ticking bool
	shut    bool
	stop    chan struct{}
	slots   struct{ mic, speaker, ringer, camera slot }
	mixer   mixer // the tick's
	idle    int   // ticks without anything to do; the tick's
	pace    pace  // the tick's
}

var _ phone.Media = (*Engine)(nil)

// New makes an engine. It opens no device and starts no goroutine before there is something to do.
func New(c Config) *Engine {
	e := &Engine{config: c, log: c.Logger, epoch: time.Now(), ids: c.DeviceIDs}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.running = new(sync.WaitGroup)
	e.clock = time.Now
	e.need = make(chan struct{}, 1)
	e.stop = make(chan struct{})
	e.byID = make(map[phone.CallID]*leg)
	e.legs.Store(new([]*leg))
	e.slots.mic = slot{running: e.running, open: e.openMicrophone, failed: e.failing("microphone")}
	e.slots.speaker = slot{running: e.running, open: e.openSpeaker, failed: e.failing("speaker")}
	e.slots.camera = slot{running: e.running, open: e.openCamera, failed: e.failing("camera")}
	e.slots.ringer = slot{running: e.running, open: e.openRinger, failed: func(err error, _ bool) {
		e.log.Warn("ringer", "err", err)
	}, drain: 30 * time.Millisecond}
	return e
}

// Open implements phone.Media.
func (e *Engine) Open(id phone.CallID, o phone.LegOptions, sink func(phone.MediaEvent)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut || e.byID[id] != nil {
		return
	}
	l := newLeg(e, id, o, sink)
	e.byID[id] = l
	e.publish()
	l.queue.do(l.connect)
}

// publish gives the tick its list of legs. mu is held.
func (e *Engine) publish() {
	list := make([]*leg, 0, len(e.byID))
	for _, l := range e.byID {
		list = append(list, l)
	}
	e.legs.Store(&list)
}

// leg returns nil for an unknown one.
func (e *Engine) leg(id phone.CallID) *leg {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.byID[id]
}

// order puts f into the leg's queue. It holds mu meanwhile, so that nothing is begun behind Shutdown's back. It returns nil for an unknown leg.
func (e *Engine) order(id phone.CallID, f func(*leg)) *leg {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.byID[id]
	if l != nil {
		l.queue.do(func() { f(l) })
	}
	return l
}

// Offer implements phone.Media.
func (e *Engine) Offer(id phone.CallID, wish phone.MediaWish) {
	e.describe(id, func(l *leg) { l.offer(wish) })
}

// Answer implements phone.Media.
func (e *Engine) Answer(id phone.CallID, offer []byte, wish phone.MediaWish) {
	e.describe(id, func(l *leg) { l.answer(offer, wish) })
}

// describe runs an offer or answer on the leg's queue; the speaker is opened meanwhile, so that the first sound finds it ready.
func (e *Engine) describe(id phone.CallID, f func(*leg)) {
	if l := e.order(id, f); l != nil && !l.prepared.Swap(true) {
		e.update()
	}
}

// Remote implements phone.Media.
func (e *Engine) Remote(id phone.CallID, answer []byte, provisional bool) {
	e.order(id, func(l *leg) { l.remote(answer, provisional) })
}

// Rollback implements phone.Media.
func (e *Engine) Rollback(id phone.CallID) {
	e.order(id, (*leg).rollback)
}

// Start implements phone.Media.
func (e *Engine) Start(id phone.CallID) {
	l := e.leg(id)
	if l == nil || l.started.Swap(true) {
		return
	}
	e.update()
	e.slots.mic.retry()
	e.slots.speaker.retry()
}

// Close implements phone.Media.
func (e *Engine) Close(id phone.CallID) {
	e.mu.Lock()
	l := e.byID[id]
	if l != nil {
		delete(e.byID, id)
		e.publish()
		l.queue.do(l.disconnect)
	}
	e.mu.Unlock()
	if l != nil {
		l.silence()
		e.update()
	}
}

// Mute implements phone.Media.
func (e *Engine) Mute(id phone.CallID, on bool) {
	if l := e.leg(id); l != nil {
		l.muted.Store(on)
	}
}

// Hold implements phone.Media.
func (e *Engine) Hold(id phone.CallID, on bool) {
	if l := e.leg(id); l != nil {
		l.held.Store(on)
		l.pictures.pause()
		e.update()
	}
}

// Mix implements phone.Media.
func (e *Engine) Mix(id phone.CallID, on bool) {
	if l := e.leg(id); l != nil {
		l.member.Store(on)
	}
}

// DTMF implements phone.Media. At most 256 digits wait; more are dropped, and so is what is no digit.
func (e *Engine) DTMF(id phone.CallID, digits string) bool {
	l := e.leg(id)
	if l == nil || !l.canDTMF.Load() {
		return false
	}
	l.out.digits.add(cleanDigits(digits))
	if !l.started.Load() && !l.early.Swap(true) { // early media whose sound has not come yet; they wait for ours
		e.update()
	}
	return true
}

// Play implements phone.Media.
func (e *Engine) Play(t phone.Tone) {
	if e.config.Quiet {
		return
	}
	e.ring.Store(nil)
	if t.Rings() {
		ring := t
		e.ring.Store(&ring)
		t = phone.ToneNone
	}
	e.tones.play(t)
	e.sounds.Store(true)
	e.update()
}

// KeyFeedback implements phone.Media.
func (e *Engine) KeyFeedback(digit rune) {
	key := cleanDigits(string(digit))
	if e.config.Quiet || key == "" {
		return
	}
	e.tones.press(key[0])
	e.sounds.Store(true)
	e.update()
}

// SetDevices implements phone.Media.
func (e *Engine) SetDevices(ids phone.DeviceIDs) {
	e.mu.Lock()
	e.ids = ids
	e.mu.Unlock()
	e.update()
}

// Levels implements phone.Media.
func (e *Engine) Levels(id phone.CallID) (near, far float64) {
	if l := e.leg(id); l != nil {
		return l.nearLevel.value(), l.farLevel.value()
	}
	return 0, 0
}

// Stats implements phone.Media.
func (e *Engine) Stats(id phone.CallID) (phone.MediaStats, bool) {
	if l := e.leg(id); l != nil {
		return l.stats(), true
	}
	return phone.MediaStats{}, false
}

// update brings devices and tick in line with what legs and tones need.
func (e *Engine) update() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut {
		return
	}
	var prepared, started, early, films bool
	for _, l := range e.byID {
		prepared = prepared || l.prepared.Load()
		started = started || l.started.Load()
		early = early || l.early.Load()
		films = films || l.pictures.films()
	}
	sounds := e.sounds.Load()
	if (started || early || sounds) && !e.ticking && !e.byHand {
		e.ticking = true
		e.running.Go(e.run)
	}
	e.slots.mic.set(started, e.ids.Microphone)
	e.slots.speaker.set(prepared || started || sounds || e.ticking, e.ids.Speaker)
	e.slots.ringer.set(e.ring.Load() != nil, e.ids.Ringer)
	e.slots.camera.set(films, e.ids.Camera)
}

// Shutdown implements phone.Media. It waits at most 0.8 s; a device or transport whose Close does not return by then is
// abandoned with its goroutine.
func (e *Engine) Shutdown() {
	e.mu.Lock()
	if !e.shut {
		e.shut = true
		close(e.stop)
		for id, l := range e.byID {
			delete(e.byID, id)
			l.silence()
			l.queue.do(l.disconnect)
		}
		e.publish()
		e.slots.mic.set(false, "")
		e.slots.speaker.set(false, "")
		e.slots.ringer.set(false, "")
		e.slots.camera.set(false, "")
	}
	e.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		e.running.Wait()
		close(ended)
	}()
	timer := time.NewTimer(shutdownWait)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		e.log.Warn("a device or transport does not close; it is abandoned")
	}
}
