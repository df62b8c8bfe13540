package media

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// shelf holds recordings in memory.
type shelf struct {
	mu      sync.Mutex
	refuses error         // of Create
	full    int           // values that fit, 0: any number
	stuck   chan struct{} // Write waits for it
	tapes   []*tape
}

type tape struct {
	shelf  *shelf
	pcm    []int16
	closed bool
}

var errFull = errors.New("full")

func (s *shelf) Create(phone.RecordOptions) (Recording, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses != nil {
		return nil, s.refuses
	}
	s.tapes = append(s.tapes, &tape{shelf: s})
	return s.tapes[len(s.tapes)-1], nil
}

func (t *tape) Name() string { return "tape" }

func (t *tape) Write(stereo []int16) error {
	if t.shelf.stuck != nil {
		<-t.shelf.stuck
	}
	t.shelf.mu.Lock()
	defer t.shelf.mu.Unlock()
	if full := t.shelf.full; full > 0 && len(t.pcm)+len(stereo) > full {
		return errFull
	}
	t.pcm = append(t.pcm, stereo...)
	return nil
}

func (t *tape) Close() error {
	t.shelf.mu.Lock()
	defer t.shelf.mu.Unlock()
	t.closed = true
	return nil
}

// sides is what is on the first tape so far.
func (s *shelf) sides() (left, right []int16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; len(s.tapes) > 0 && i+1 < len(s.tapes[0].pcm); i += 2 {
		left, right = append(left, s.tapes[0].pcm[i]), append(right, s.tapes[0].pcm[i+1])
	}
	return left, right
}

// complete reports whether the first tape was closed.
func (s *shelf) complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tapes) > 0 && s.tapes[0].closed
}

// recording is a call of 440 Hz and 1000 Hz that the near end records.
type recording struct {
	*world
	*shelf
}

func record(t *testing.T, notice phone.RecordNotice) recording {
	t.Helper()
	r := recording{newWorld(t, "PCMU"), new(shelf)}
	r.a.config.Recorders = r.shelf
	r.run(500 * time.Millisecond)
	r.a.Record(callID, phone.RecordOptions{Take: 1, Notice: notice})
	eventually(t, "the recording begins", func() bool { return has[phone.RecordStarted](&r.a.events) })
	return r
}

// lasts lets d pass, and the recorder keep up.
func (r recording) lasts(d time.Duration) {
	for range d / (100 * time.Millisecond) {
		r.world.run(100 * time.Millisecond)
		eventually(r.t, "the recorder keeps up", func() bool {
			rec := r.a.byID[callID].recorder.Load()
			return rec == nil || len(rec.blocks) == 0
		})
	}
}

func (r recording) stops() (left, right []int16) {
	r.a.StopRecord(callID)
	eventually(r.t, "the file is complete", r.complete)
	return r.sides()
}

func TestARecordingHoldsOurSideOnTheLeftAndTheirsOnTheRight(t *testing.T) {
	r := record(t, phone.NoticeOff)
	r.lasts(2 * time.Second)
	left, right := r.stops()
	if len(left) != 2*SampleRate || len(right) != len(left) {
		t.Errorf("%d and %d samples in two seconds", len(left), len(right))
	}
	if near, far := goertzel(left, 440), goertzel(right, 1000); near < 7000 || far < 7000 {
		t.Errorf("440 Hz on the left %.0f, 1000 Hz on the right %.0f, want 8000", near, far)
	}
	if near, far := goertzel(left, 1000), goertzel(right, 440); near > 30 || far > 30 {
		t.Errorf("1000 Hz on the left %.0f, 440 Hz on the right %.0f, want none", near, far)
	}
	eventually(t, "the end is told", func() bool { return has[phone.RecordEnded](&r.a.events) })
}

func TestARecordingHoldsWhatWasSentAndHeard(t *testing.T) {
	r := record(t, phone.NoticeOff)
	steps := []func(){
		func() { r.a.Mute(callID, true) },
		func() { r.a.Hold(callID, true) },
		func() { r.a.Mute(callID, false) },
		func() { r.a.Hold(callID, false) },
		func() { r.a.PauseRecord(callID, true) },
		func() { r.a.PauseRecord(callID, false) },
	}
	for _, step := range steps {
		step()
		r.lasts(time.Second)
	}
	left, right := r.stops()
	// The second of the pause is not there.
	want := []struct{ near, far bool }{{false, true}, {false, false}, {false, false}, {true, true}, {true, true}}
	if len(left) != len(want)*SampleRate {
		t.Fatalf("%d samples, want %d s", len(left), len(want))
	}
	for i, w := range want {
		from, to := i*SampleRate, (i+1)*SampleRate
		if got := rms(left[from:to]) > 1000; got != w.near {
			t.Errorf("second %d: our side sounds: %t", i, got)
		}
		if got := rms(right[from:to]) > 1000; got != w.far {
			t.Errorf("second %d: their side sounds: %t", i, got)
		}
	}
}

func TestBothSidesHearThatTheyAreRecorded(t *testing.T) {
	for notice, want := range map[phone.RecordNotice]int{phone.NoticeRepeat: 2, phone.NoticeOff: 0} {
		t.Run(string(notice), func(t *testing.T) {
			r := record(t, notice)
			from := len(r.b.heard)
			r.lasts(time.Second)
			r.a.PauseRecord(callID, true)
			r.lasts(time.Second)
			r.a.PauseRecord(callID, false)
			r.lasts(time.Second)
			left, right := r.stops()
			for who, pcm := range map[string][]int16{"they hear": r.b.heard[from:], "we hear": r.a.heard[from:], "the file's left has": left} {
				if got := beeps(pcm); got != want {
					t.Errorf("%s %d beeps, want %d", who, got, want)
				}
			}
			if got := beeps(right); got != 0 {
				t.Errorf("%d beeps in what they said", got)
			}
		})
	}
}

func TestTheNoticeComesAgainEveryFifteenSecondsWhereThatIsWanted(t *testing.T) {
	for notice, want := range map[phone.RecordNotice][]int{phone.NoticeRepeat: {0, 15, 30}, "": {0, 15, 30}, phone.NoticeStart: {0}, phone.NoticeOff: nil} {
		l := newLeg(New(Config{}), callID, phone.LegOptions{}, nil)
		r := newRecorder(l, phone.RecordOptions{Notice: notice})
		r.live.Store(true)
		var began []int
		for i, before := 0, false; i < 4000; i++ {
			r.announce(l, &mixer{})
			if r.sounds && !before {
				began = append(began, i/100)
			}
			before = r.sounds
		}
		if !slices.Equal(began, want) {
			t.Errorf("%q: it sounds at %v s, want %v", notice, began, want)
		}
	}
}

// beeps counts recording tones.
func beeps(pcm []int16) (n int) {
	on := false
	for i := 0; i+5*tick <= len(pcm); i += 5 * tick {
		now := goertzel(pcm[i:i+5*tick], noticeHz) > 1000
		if now && !on {
			n++
		}
		on = now
	}
	return n
}

func TestAMutedUserIsNotHeardButTheNoticeIs(t *testing.T) {
	r := record(t, phone.NoticeStart)
	from := len(r.b.heard)
	r.a.Mute(callID, true)
	r.lasts(time.Second)
	if got := beeps(r.b.heard[from:]); got != 1 {
		t.Errorf("%d beeps", got)
	}
}

func TestASlowDiskCostsSoundButNeitherTimeNorTheCall(t *testing.T) {
	stuck := make(chan struct{})
	r := recording{newWorld(t, "PCMU"), &shelf{stuck: stuck}}
	r.a.config.Recorders = r.shelf
	r.a.Record(callID, phone.RecordOptions{Notice: phone.NoticeOff})
	eventually(t, "the recording begins", func() bool { return has[phone.RecordStarted](&r.a.events) })
	r.run(5 * time.Second)
	if got := steadiness(r.b.heard[len(r.b.heard)-SampleRate:], 440, 8000); got < 1 {
		t.Errorf("the call suffers: the tone is there for %.2f of the time", got)
	}
	close(stuck)
	r.lasts(time.Second)
	left, right := r.stops()
	if len(left) != 6*SampleRate {
		t.Errorf("%d samples in six seconds", len(left))
	}
	if gap := left[4*SampleRate : 5*SampleRate-tick]; rms(gap) != 0 {
		t.Error("what found no room is not silence")
	}
	if end := right[5*SampleRate+SampleRate/2:]; goertzel(end, 1000) < 7000 {
		t.Error("the recording does not go on afterwards")
	}
	if !has[phone.RecordGap](&r.a.events) {
		t.Error("the gap is not told")
	}
}

func TestAFullDiskEndsTheRecordingButNotTheCall(t *testing.T) {
	r := record(t, phone.NoticeOff)
	r.mu.Lock()
	r.full = 2 * SampleRate
	r.mu.Unlock()
	r.lasts(3 * time.Second)
	eventually(t, "the end is told", func() bool { return has[phone.RecordEnded](&r.a.events) })
	for _, e := range r.a.events.all() {
		if end, ok := e.(phone.RecordEnded); ok && (!errors.Is(end.Err, errFull) || end.File != "tape" || end.Take != 1) {
			t.Errorf("%+v", end)
		}
	}
	if left, _ := r.sides(); len(left) != SampleRate || !r.complete() {
		t.Errorf("%d samples are kept", len(left))
	}
	if got := steadiness(r.b.heard[len(r.b.heard)-SampleRate:], 440, 8000); got < 1 {
		t.Errorf("the call suffers: the tone is there for %.2f of the time", got)
	}
	r.a.Record(callID, phone.RecordOptions{Take: 2})
	eventually(t, "another recording begins", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.tapes) == 2 })
}

func TestARecordingThatCannotBeginIsTold(t *testing.T) {
	w := newWorld(t, "PCMU")
	w.a.config.Recorders = &shelf{refuses: phone.ErrRecordFolder}
	w.b.config.Recorders = nil
	for e, want := range map[*end]error{w.a: phone.ErrRecordFolder, w.b: phone.ErrNotSupported} {
		e.Record(callID, phone.RecordOptions{Take: 7})
		eventually(t, "the end is told", func() bool { return has[phone.RecordEnded](&e.events) })
		for _, event := range e.events.all() {
			if ended, ok := event.(phone.RecordEnded); ok && (!errors.Is(ended.Err, want) || ended.Take != 7 || ended.File != "") {
				t.Errorf("%+v", ended)
			}
		}
	}
}

func TestTheEndOfTheCallCompletesTheRecording(t *testing.T) {
	for name, end := range map[string]func(*Engine){
		"closed": func(e *Engine) { e.Close(callID) }, "shut down": (*Engine).Shutdown,
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, phone.NoticeOff)
			r.run(time.Second)
			end(r.a.Engine)
			eventually(t, "the file is complete", r.complete)
			if left, _ := r.sides(); len(left) != SampleRate {
				t.Errorf("%d samples in a second", len(left))
			}
			if has[phone.RecordEnded](&r.a.events) {
				t.Error("a closed leg posts")
			}
			r.a.Record(callID, phone.RecordOptions{})
			r.a.PauseRecord(callID, true)
			r.a.StopRecord(callID)
		})
	}
}

// A disk that never answers (a network drive that is gone) must not hold the program.
func TestADiskThatHangsDoesNotHoldTheEnd(t *testing.T) {
	stuck := make(chan struct{})
	r := recording{newWorld(t, "PCMU"), &shelf{stuck: stuck}}
	t.Cleanup(func() { close(stuck) })
	r.a.config.Recorders = r.shelf
	r.a.Record(callID, phone.RecordOptions{})
	eventually(t, "the recording begins", func() bool { return has[phone.RecordStarted](&r.a.events) })
	r.run(100 * time.Millisecond)
	done := make(chan struct{})
	go func() { r.a.Shutdown(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("Shutdown waits for the disk")
	}
}

// One member's recording holds the voices of all.
func TestAllOfAConferenceHearThatItIsRecorded(t *testing.T) {
	m := newMeeting(t, "PCMU", 3, 0)
	tapes := new(shelf)
	m.hub.config.Recorders = tapes
	m.run(300 * time.Millisecond)
	m.hub.Record(legOf(1), phone.RecordOptions{Notice: phone.NoticeStart})
	rec := m.hub.byID[legOf(1)].recorder.Load()
	eventually(t, "the recording begins", rec.live.Load)
	m.run(time.Second)
	m.hub.StopRecord(legOf(1))
	eventually(t, "the file is complete", tapes.complete)
	left, right := tapes.sides()
	heard := map[string][]int16{"we hear": m.hub.heard, "the file's left has": left}
	for i, far := range m.far {
		heard[string(legOf(i))+" hears"] = far.heard
	}
	for who, pcm := range heard {
		most := 0.0
		for at := 0; at+5*tick <= len(pcm); at += tick {
			most = max(most, goertzel(pcm[at:at+5*tick], noticeHz))
		}
		if got := beeps(pcm); got != 1 || most < 3500 || most > 5500 {
			t.Errorf("%s %d beeps of %.0f, want one of 4634", who, got, most)
		}
	}
	if got := beeps(right); got != 0 {
		t.Errorf("%d beeps in what they said", got)
	}
}

func TestWhoJoinsAConferenceThatIsRecordedIsToldAtOnce(t *testing.T) {
	for notice, want := range map[phone.RecordNotice]int{phone.NoticeRepeat: 1, phone.NoticeStart: 1, phone.NoticeOff: 0} {
		t.Run(string(notice), func(t *testing.T) {
			m := newMeeting(t, "PCMU", 3, 0)
			m.hub.config.Recorders = new(shelf)
			m.hub.Mix(legOf(1), false)
			m.hub.Hold(legOf(2), true)
			m.hub.Record(legOf(0), phone.RecordOptions{Notice: notice})
			eventually(t, "the recording begins", m.hub.byID[legOf(0)].recorder.Load().live.Load)
			m.run(time.Second)
			for i, joins := range []func(){func() { m.hub.Mix(legOf(1), true) }, func() { m.hub.Hold(legOf(2), false) }} {
				if got := beeps(m.far[i+1].heard); got != 0 {
					t.Errorf("%s hears %d beeps of others", legOf(i+1), got)
				}
				joins()
				m.run(time.Second)
				if got := beeps(m.far[i+1].heard); got != want {
					t.Errorf("%s hears %d beeps, want %d", legOf(i+1), got, want)
				}
			}
		})
	}
}

func TestARecordingTakesNoMemoryFromTheTick(t *testing.T) {
	l := newLeg(New(Config{}), callID, phone.LegOptions{}, nil)
	r, m := newRecorder(l, phone.RecordOptions{}), &mixer{}
	r.live.Store(true)
	if n := testing.AllocsPerRun(2*recordSpace, func() { // until there is no room any more, and further
		r.announce(l, m)
		r.tap(l, m.near[:])
	}); n != 0 {
		t.Errorf("%.1f allocations a tick", n)
	}
}
