package phone

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// loop is the owner of all sessions and accounts: everything in it is touched by its one
// goroutine only. Every cause is posted to its mailbox as a function.
type loop struct {
	cfg  Config
	log  *slog.Logger
	box  *mailbox[func(*loop)]
	hub  *hub
	snap atomic.Pointer[Snapshot]

	accounts []*account
	sessions map[CallID]*session
	order    []*session
	current  CallID
	devices  DeviceIDs

	recording RecordSettings
	requests  []*referral // what far ends ask and nobody has decided

	started   bool
	closing   bool
	idle      chan struct{} // closed when closing and nothing is left to end
	redirects []redirection // of ended calls, the latest last
	lastCall  time.Time     // when the last call was accepted (CALL_TOO_MANY_TIMES)
	tone      Tone
	busyTone  Tone
	busyTimer *timer
	second    *timer // updateTimer and callReport, while a call lives

	dirty      bool
	permission int
	events     []Event
	closers    sync.WaitGroup // lines being closed in the background
}

func newLoop(cfg Config) *loop {
	l := &loop{cfg: cfg, log: cfg.Logger, box: newMailbox[func(*loop)](), hub: newHub(),
		sessions: map[CallID]*session{}, devices: cfg.DeviceIDs, recording: cfg.Recording, idle: make(chan struct{})}
	l.snap.Store(l.snapshot())
	return l
}

// run is the loop's goroutine. It ends when the mailbox is closed.
func (l *loop) run() {
	for {
		causes, ok := l.box.take()
		if !ok {
			return
		}
		for _, cause := range causes {
			cause(l)
			l.settle()
		}
	}
}

// settle brings what follows from the state (tones, the second hand, the end) up to date, then
// publishes the snapshot and after it the events.
func (l *loop) settle() {
	l.updateTone()
	l.updateSecondHand()
	l.updatePermission()
	l.updateBusy()
	if l.dirty {
		l.dirty = false
		l.snap.Store(l.snapshot())
	}
	events := l.events
	l.events = nil
	l.hub.publish(events)
	if l.closing && len(l.sessions) == 0 && !l.anyAccount((*account).unregistering) {
		select {
		case <-l.idle:
		default:
			close(l.idle)
		}
	}
}

func (l *loop) post(f func(*loop)) { l.box.put(f) }

func (l *loop) now() time.Time { return time.Now() }

// timer posts a function to the loop after a while. A stopped timer never fires, even when its
// message is in the mailbox already.
type timer struct {
	t       *time.Timer
	stopped bool // loop only
}

func (l *loop) after(d time.Duration, f func(*loop)) *timer {
	t := &timer{}
	t.t = time.AfterFunc(d, func() {
		l.post(func(l *loop) {
			if !t.stopped {
				t.stopped = true
				f(l)
			}
		})
	})
	return t
}

// stop is safe on nil and twice.
func (t *timer) stop() {
	if t != nil {
		t.stopped = true
		t.t.Stop()
	}
}

func (l *loop) snapshot() *Snapshot {
	s := &Snapshot{Current: l.current, IsMaxCall: l.isMaxCall(nil), CallLimit: l.callLimit(), CallWaiting: !l.cfg.NoCallWaiting, Devices: l.devices, VoiceProcessing: !l.cfg.NoVoiceProcessing, RecordPermissions: l.permission, Recording: l.recording}
	for _, a := range l.accounts {
		s.Accounts = append(s.Accounts, a.state)
	}
	for _, r := range l.requests {
		s.TransferRequests = append(s.TransferRequests, r.request)
	}
	for _, x := range l.order {
		s.Calls = append(s.Calls, x.call)
		if x.call.RingsHere() {
			s.Incoming = append(s.Incoming, x.call.ID)
		}
	}
	return s
}

func (l *loop) anyAccount(is func(*account) bool) bool {
	for _, a := range l.accounts {
		if is(a) {
			return true
		}
	}
	return false
}

// secondHand is how often updateTimer is sent; each reportEvery-th time while a call is talking callReport goes with it.
const (
	secondHand  = time.Second
	reportEvery = 3
)

func (l *loop) updateSecondHand() {
	live := len(l.sessions) > 0
	switch {
	case live && l.second == nil:
		l.second = l.after(secondHand, (*loop).tickSecond)
	case !live && l.second != nil:
		l.second.stop()
		l.second = nil
	}
}

func (l *loop) tickSecond() {
	l.second = l.after(secondHand, (*loop).tickSecond)
	for _, s := range l.order {
		l.emit(Event{Name: EventUpdateTimer, Call: s.call, Timers: s.call.Timers(l.now())})
		if s.call.State != StateTalking {
			continue
		}
		if s.reporting.seconds++; s.reporting.seconds < reportEvery {
			continue
		}
		if stats, ok := l.cfg.Media.Stats(s.call.ID); ok {
			l.emit(Event{Name: EventCallReport, Call: s.call, Stats: stats, Report: l.report(s, stats)})
		}
	}
}

// busyToneFor is how long a refused call is heard.
const busyToneFor = 3 * time.Second

func (l *loop) playBusy(t Tone) {
	l.busyTimer.stop()
	l.busyTone = t
	l.busyTimer = l.after(busyToneFor, func(l *loop) { l.busyTone = ToneNone })
}

// updateTone plays what the state of all calls asks for.
func (l *loop) updateTone() {
	var ringback, live bool
	rings := ToneNone
	for _, s := range l.order {
		switch c := s.call; {
		case c.RingsHere():
			if rings == ToneNone && !s.silenced {
				rings = c.Ring
			}
		case c.State == StateEnding:
		default:
			live = true
			ringback = ringback || c.State == StateRinging && !c.EarlyMedia
		}
	}
	want := ToneNone
	switch {
	case rings != ToneNone && live:
		want = ToneCallWaiting
	case rings != ToneNone:
		want = rings
	case ringback:
		want = ToneRingback
	case !live:
		want = l.busyTone
	}
	if want != l.tone {
		l.tone = want
		l.cfg.Media.Play(want)
	}
}
