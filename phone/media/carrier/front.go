package carrier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

// ErrStale: an answer came though no offer of ours is out. It wraps phone.ErrLocalMediaInfo.
var ErrStale = fmt.Errorf("%w: %w", phone.ErrLocalMediaInfo, errors.New("no offer of ours is out"))

// Steps are what a transport itself does in an exchange of descriptions (RFC 3264). The Front calls them one at a
// time on its queue's goroutine and tells the sink what comes of them.
type Steps interface {
	// MakeOffer makes our offer.
	MakeOffer(wish phone.MediaWish) (offer []byte, err error)
	// MakeAnswer answers their offer.
	MakeAnswer(offer []byte, wish phone.MediaWish) (answer []byte, n media.Negotiated, err error)
	// TakeAnswer applies their answer to our last offer. A provisional one may come again, as itself
	// or as the final one, or be followed by one from another far end.
	TakeAnswer(answer []byte) (n media.Negotiated, err error)
	// Begin is called when the sink knows what was negotiated.
	Begin()
}

// Front is the part of a media.Transport that descriptions come in by: a queue, a gate before the sink, and the
// knowledge of where the exchange stands. Embed it; it implements Offer, Answer, Remote and Rollback.
type Front struct {
	Queue
	*Gate
	// Ctx ends with End.
	Ctx    context.Context //nolint:containedctx // its life is the transport's
	cancel context.CancelFunc
	own    Steps

	// All below belongs to the queue's goroutine.

	id, version uint64
	agreed      bool // an exchange is complete
	offering    bool // our offer is out
	early       bool // and has a provisional answer
	outcome     media.Negotiated
}

// NewFront returns the front of a transport whose own part is own.
func NewFront(own Steps, sink media.TransportSink) *Front {
	f := &Front{Gate: NewGate(sink), own: own, id: rand.Uint64() >> 2, version: 1} //nolint:gosec // needs no secrecy
	f.Ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// Agreed reports whether an exchange was completed, a provisional answer included. It is for Steps only.
func (f *Front) Agreed() bool { return f.agreed }

// NextVersion gives a description that goes out its session's id and version (RFC 3264 §8). It is for Steps only.
func (f *Front) NextVersion() (id, version uint64) {
	f.version++
	return f.id, f.version
}

// Offer implements media.Transport.
func (f *Front) Offer(wish phone.MediaWish) {
	f.Put(func() { f.Report(f.offer(wish)) })
}

// Answer implements media.Transport.
func (f *Front) Answer(offer []byte, wish phone.MediaWish) {
	f.Put(func() { f.Report(f.answer(offer, wish)) })
}

// Remote implements media.Transport.
func (f *Front) Remote(answer []byte, provisional bool) {
	f.Put(func() { f.Report(f.remote(answer, provisional)) })
}

// Rollback implements media.Transport.
func (f *Front) Rollback() {
	f.Put(func() { f.offering = false })
}

// End shuts the gate and ends the queue; then nothing of the transport's own runs any more.
func (f *Front) End() {
	f.Shut()
	f.cancel()
	f.Queue.Close()
}

func (f *Front) offer(wish phone.MediaWish) error {
	raw, err := f.own.MakeOffer(wish)
	if err != nil {
		return err
	}
	f.offering, f.early = true, false
	f.Tell(func(k media.TransportSink) { k.LocalSDP(raw) })
	return nil
}

func (f *Front) answer(offer []byte, wish phone.MediaWish) error {
	f.offering = false // an offer of ours that is still out has lost (RFC 3264 §4: never two at a time)
	raw, n, err := f.own.MakeAnswer(offer, wish)
	if err != nil {
		return err
	}
	f.agreed, f.outcome = true, n
	f.Tell(func(k media.TransportSink) {
		k.LocalSDP(raw)
		k.Negotiated(n)
	})
	f.own.Begin()
	return nil
}

func (f *Front) remote(answer []byte, provisional bool) error {
	if !f.offering {
		return ErrStale
	}
	if len(answer) == 0 && !provisional && f.early {
		f.offering, f.early = false, false // the early answer was the answer (RFC 6337 §3.1.1)
		n := f.outcome
		n.Receive = maps.Clone(n.Receive)
		f.Tell(func(k media.TransportSink) { k.Negotiated(n) })
		return nil
	}
	n, err := f.own.TakeAnswer(answer)
	if err != nil {
		return err
	}
	f.agreed, f.outcome = true, n
	f.offering, f.early = provisional, provisional
	f.Tell(func(k media.TransportSink) { k.Negotiated(n) })
	f.own.Begin()
	return nil
}
