package carrier_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errOurs = errors.New("cannot be")

// script is a transport's own part, and its sink: it writes down what is asked of it and what is told.
type script struct {
	mu    sync.Mutex
	lines []string
	fails bool
	enter chan struct{} // closed when a step has begun that waits
	leave chan struct{} // until this is closed
}

func (s *script) note(line string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
	if s.fails {
		return errOurs
	}
	return nil
}

func (s *script) MakeOffer(phone.MediaWish) ([]byte, error) {
	if s.enter != nil {
		close(s.enter)
		<-s.leave
	}
	return []byte("offer"), s.note("make offer")
}

func (s *script) MakeAnswer([]byte, phone.MediaWish) ([]byte, media.Negotiated, error) {
	return []byte("answer"), media.Negotiated{}, s.note("make answer")
}

func (s *script) TakeAnswer(answer []byte) (media.Negotiated, error) {
	return media.Negotiated{Audio: media.CodecSpec{Name: string(answer)}}, s.note("take " + string(answer))
}

func (s *script) Begin()                        { _ = s.note("begin") }
func (s *script) LocalSDP(raw []byte)           { _ = s.note("told " + string(raw)) }
func (s *script) Negotiated(n media.Negotiated) { _ = s.note("agreed " + n.Audio.Name) }
func (s *script) Failed(err error) {
	if errors.Is(err, phone.ErrLocalMediaInfo) {
		_ = s.note("stale")
		return
	}
	_ = s.note("failed")
}
func (s *script) Up(string)                  {}
func (s *script) Down()                      {}
func (s *script) Trouble(error)              {}
func (s *script) RTP(*rtp.Packet, time.Time) {}

// expect waits until the front's queue has done all that was put, and compares what came of it.
func (s *script) expect(t *testing.T, f *carrier.Front, want ...string) {
	t.Helper()
	done := make(chan struct{})
	f.Put(func() { close(done) })
	<-done
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.lines, want) {
		t.Errorf("\n got %q\nwant %q", s.lines, want)
	}
	s.lines = nil
}

func (s *script) fail(on bool) {
	s.mu.Lock()
	s.fails = on
	s.mu.Unlock()
}

func TestAnExchangeIsToldInOrderAndBeginsWhenTheSinkKnows(t *testing.T) {
	s := &script{}
	f := carrier.NewFront(s, s)
	defer f.End()
	f.Offer(phone.MediaWish{})
	f.Remote([]byte("early"), true)
	f.Remote([]byte("final"), false)
	s.expect(t, f, "make offer", "told offer", "take early", "agreed early", "begin", "take final", "agreed final", "begin")
	f.Answer([]byte("theirs"), phone.MediaWish{})
	s.expect(t, f, "make answer", "told answer", "agreed ", "begin")
}

func TestAnAnswerWithoutAnOfferIsStale(t *testing.T) {
	s := &script{}
	f := carrier.NewFront(s, s)
	defer f.End()
	f.Remote([]byte("x"), false)
	s.expect(t, f, "stale")
	f.Offer(phone.MediaWish{})
	f.Rollback()
	f.Remote([]byte("x"), false)
	s.expect(t, f, "make offer", "told offer", "stale")
	f.Offer(phone.MediaWish{})
	f.Answer([]byte("theirs"), phone.MediaWish{}) // glare: ours has lost
	f.Remote([]byte("x"), false)
	s.expect(t, f, "make offer", "told offer", "make answer", "told answer", "agreed ", "begin", "stale")
}

func TestAnEmptyFinalAnswerConfirmsTheEarlyOneAndNothingElse(t *testing.T) {
	s := &script{}
	f := carrier.NewFront(s, s)
	defer f.End()
	f.Offer(phone.MediaWish{})
	f.Remote([]byte("early"), true)
	f.Remote(nil, false)
	f.Remote(nil, false)
	s.expect(t, f, "make offer", "told offer", "take early", "agreed early", "begin", "agreed early", "stale")
	f.Offer(phone.MediaWish{})
	f.Remote(nil, false) // the early answer was of another offer
	s.expect(t, f, "make offer", "told offer", "take ", "agreed ", "begin")
}

func TestAFailedStepIsToldAndLeavesTheOfferOut(t *testing.T) {
	s := &script{}
	f := carrier.NewFront(s, s)
	defer f.End()
	s.fail(true)
	f.Offer(phone.MediaWish{})
	f.Remote([]byte("x"), false)
	s.expect(t, f, "make offer", "failed", "stale")
	s.fail(false)
	f.Offer(phone.MediaWish{})
	s.expect(t, f, "make offer", "told offer")
	s.fail(true)
	f.Remote([]byte("bad"), false)
	s.expect(t, f, "take bad", "failed")
	s.fail(false)
	f.Remote([]byte("good"), false)
	s.expect(t, f, "take good", "agreed good", "begin")
}

func TestAfterTheEndNothingIsToldAndNothingRuns(t *testing.T) {
	s := &script{enter: make(chan struct{}), leave: make(chan struct{})}
	f := carrier.NewFront(s, s)
	f.Offer(phone.MediaWish{})
	f.Answer([]byte("waits"), phone.MediaWish{})
	<-s.enter
	ended := make(chan struct{})
	go func() {
		f.End()
		close(ended)
	}()
	<-f.Ctx.Done()
	close(s.leave)
	<-ended
	f.Offer(phone.MediaWish{})
	if !slices.Equal(s.lines, []string{"make offer"}) {
		t.Errorf("%q", s.lines)
	}
}

func TestDescriptionsOfASessionCountUp(t *testing.T) {
	f, g := carrier.NewFront(&script{}, &script{}), carrier.NewFront(&script{}, &script{})
	defer f.End()
	defer g.End()
	id, first := f.NextVersion()
	again, second := f.NextVersion()
	other, _ := g.NextVersion()
	if id != again || second != first+1 || id == other {
		t.Errorf("%d %d, then %d %d; another session is %d", id, first, again, second, other)
	}
}
