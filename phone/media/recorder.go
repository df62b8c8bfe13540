package media

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/hookswitch/hookswitch/phone"
)

const (
	// recordSpace is how many ticks may wait for the disk: 3 s.
	recordSpace = 300
	// The recording tone (phone.RecordNotice).
	noticeHz     = 1400
	noticeLength = 200 * ms
	noticePause  = 15000 * ms
)

// recordBlock is one tick of a recording: left what was sent, right what was heard, by turns.
type recordBlock struct {
	lost int // ticks before this one that found no room
	pcm  [2 * tick]int16
}

// recorder takes a leg's sound from the tick to a file. The tick never waits: what finds no room is counted, and becomes silence of
// the same length when there is room again, so that both sides and the clock stay together.
type recorder struct {
	leg       *leg
	options   phone.RecordOptions
	recorders Recorders
	blocks    chan recordBlock
	stop      chan struct{}
	stopping  sync.Once
	live      atomic.Bool // the file is there
	paused    atomic.Bool

	// The tick's.
	block  recordBlock
	wait   int // samples until the next notice
	told   int // the mixer's came, when the notice began last
	sounds bool
	voice  voice
	notice [tick]int32
	sent   [tick]int16
}

func newRecorder(l *leg, o phone.RecordOptions) *recorder {
	r := &recorder{leg: l, options: o, recorders: l.engine.config.Recorders, blocks: make(chan recordBlock, recordSpace), stop: make(chan struct{})}
	if o.Notice == phone.NoticeOff {
		r.wait = math.MaxInt
	}
	return r
}

// Record implements phone.Media.
func (e *Engine) Record(id phone.CallID, o phone.RecordOptions) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.byID[id]
	if l == nil || e.shut || l.recorder.Load() != nil {
		return
	}
	r := newRecorder(l, o)
	l.recorder.Store(r)
	e.running.Go(r.run)
}

// PauseRecord implements phone.Media.
func (e *Engine) PauseRecord(id phone.CallID, on bool) {
	if l := e.leg(id); l != nil {
		if r := l.recorder.Load(); r != nil {
			r.paused.Store(on)
		}
	}
}

// StopRecord implements phone.Media.
func (e *Engine) StopRecord(id phone.CallID) {
	if l := e.leg(id); l != nil {
		l.stopRecorder()
	}
}

func (l *leg) stopRecorder() {
	if r := l.recorder.Swap(nil); r != nil {
		r.stopping.Do(func() { close(r.stop) })
	}
}

// announce mixes the recording tone, where it is due, into what our own ear hears, and what the whole conference hears that the leg is
// a member of: all of them are recorded, and who comes later is told at once. While we hold the leg nobody hears anyone, so nothing
// is announced.
func (r *recorder) announce(l *leg, m *mixer) {
	r.sounds = false
	if r.paused.Load() {
		if r.options.Notice != phone.NoticeOff {
			r.wait = 0 // to be told again when it goes on
		}
		return
	}
	if l.held.Load() || !r.live.Load() {
		return
	}
	if r.wait <= 0 || r.hasNews(l, m) {
		r.told = m.came
		r.voice.play([]beat{{length: noticeLength, a: noticeHz}}, true)
		r.wait = math.MaxInt
		if r.options.Notice != phone.NoticeStart {
			r.wait = noticePause
		}
	}
	r.wait -= tick
	if r.voice.silent() {
		return
	}
	clear(r.notice[:])
	r.voice.mix(r.notice[:])
	member := l.member.Load()
	for i, v := range r.notice {
		m.sum[i] += v
		if member {
			m.room[i] += v
		}
	}
	r.sounds = !member // a member's own mix has it by the room
}

// hasNews reports whether a member hears the conference that the notice has not reached. A notice that sounds is not broken off.
func (r *recorder) hasNews(l *leg, m *mixer) bool {
	return r.told != m.came && l.member.Load() && r.options.Notice != phone.NoticeOff && r.voice.silent()
}

// tap gives the recorder what is about to be sent and what was heard. It returns what is to be sent, the announcement in it.
func (r *recorder) tap(l *leg, near []int16) []int16 {
	if r.paused.Load() {
		return near
	}
	if r.sounds {
		for i, v := range r.notice {
			r.sent[i] = int16(max(math.MinInt16, min(math.MaxInt16, int32(near[i])+v))) //nolint:gosec // bounded
		}
		near = r.sent[:]
	}
	far := quietFrame[:]
	if l.heard {
		far = l.far[:]
	}
	for i := range tick {
		r.block.pcm[2*i], r.block.pcm[2*i+1] = near[i], far[i]
	}
	select {
	case r.blocks <- r.block:
		r.block.lost = 0
	default:
		r.block.lost++
	}
	return near
}

// run is the recorder's goroutine. It alone waits for the disk.
func (r *recorder) run() {
	file, err := r.create()
	if err != nil {
		r.end("", err)
		return
	}
	r.live.Store(true)
	r.leg.post(phone.RecordStarted{Leg: r.leg.id, Take: r.options.Take, File: file.Name()})
	err = r.write(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	r.end(file.Name(), err)
}

func (r *recorder) create() (Recording, error) {
	if r.recorders == nil {
		return nil, fmt.Errorf("media: %w: recording", phone.ErrNotSupported)
	}
	return r.recorders.Create(r.options)
}

// write writes until the recording is stopped, and then what is left.
func (r *recorder) write(file Recording) error {
	told := false
	for {
		select {
		case b := <-r.blocks:
			if b.lost > 0 && !told {
				told = true
				r.leg.engine.log.Warn("the disk is too slow for the recording", "lost", b.lost)
				r.leg.post(phone.RecordGap{Leg: r.leg.id, Take: r.options.Take})
			}
			if err := b.write(file); err != nil {
				return err
			}
		case <-r.stop:
			for range len(r.blocks) {
				b := <-r.blocks
				if err := b.write(file); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

var silentBlock [2 * tick]int16

func (b *recordBlock) write(file Recording) error {
	for ; b.lost > 0; b.lost-- {
		if err := file.Write(silentBlock[:]); err != nil {
			return err
		}
	}
	return file.Write(b.pcm[:])
}

// end tells how it ended; after an error the tick gives no more.
func (r *recorder) end(file string, err error) {
	r.leg.recorder.CompareAndSwap(r, nil)
	if err != nil {
		r.leg.engine.log.Warn("recording", "err", err)
	}
	r.leg.post(phone.RecordEnded{Leg: r.leg.id, Take: r.options.Take, File: file, Err: err})
}
