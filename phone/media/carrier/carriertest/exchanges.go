package carriertest

import (
	"errors"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// Exchanges shows on two connected ends what each kind of transport owes its leg when descriptions come and go;
// audio is the payload type that they agreed on.
func Exchanges(t *testing.T, connected func(t *testing.T) (a, b *End), audio uint8) {
	t.Run("each side holds and resumes", func(t *testing.T) {
		a, b := connected(t)
		holdAndResume(t, a, b)
		Send(a, b, audio, "after all")
		Send(b, a, audio, "after all")
	})
	t.Run("an offer that is rolled back leaves the session as it was", func(t *testing.T) {
		a, b := connected(t)
		a.Offer(phone.MediaWish{Hold: true})
		a.Transport.Rollback()
		if n, _ := Exchange(b, a, phone.MediaWish{}, phone.MediaWish{}); n.HeldByThem {
			t.Errorf("%+v", n)
		}
		Send(a, b, audio, "goes on")
	})
	t.Run("an answer without an offer is refused", func(t *testing.T) {
		a, b := connected(t)
		answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
		a.Remote(answer)
		a.Transport.Remote([]byte(answer), false)
		if err := a.Failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
			t.Error(err)
		}
		Send(a, b, audio, "goes on")
	})
	t.Run("an early answer may be the answer", func(t *testing.T) {
		a, b := connected(t)
		answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
		a.Transport.Remote([]byte(answer), true)
		early := Await(a, "early agreement", a.Agreements)
		a.Transport.Remote(nil, false)
		if n := Await(a, "agreement", a.Agreements); n.Audio != early.Audio || len(n.Receive) != len(early.Receive) {
			t.Errorf("%+v after %+v", n, early)
		}
		a.Transport.Remote([]byte(answer), false)
		if err := a.Failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
			t.Error(err)
		}
		Send(a, b, audio, "goes on")
	})
	t.Run("an offer of theirs may follow their early answer", func(t *testing.T) { // by UPDATE (RFC 3311)
		a, b := connected(t)
		answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
		a.Transport.Remote([]byte(answer), true)
		Await(a, "early agreement", a.Agreements)
		if _, n := Exchange(b, a, phone.MediaWish{Hold: true}, phone.MediaWish{}); !n.HeldByThem {
			t.Errorf("%+v", n)
		}
		if _, n := Exchange(b, a, phone.MediaWish{}, phone.MediaWish{}); n.HeldByThem {
			t.Errorf("%+v", n)
		}
		Send(a, b, audio, "goes on")
		Send(b, a, audio, "both ways")
	})
}

func holdAndResume(t *testing.T, a, b *End) {
	t.Helper()
	hold, talk := phone.MediaWish{Hold: true}, phone.MediaWish{}
	for _, s := range []struct {
		name             string
		from, to         *End
		wishFrom, wishTo phone.MediaWish
		heldFrom, heldTo bool // by the other one
	}{
		{"the caller holds", a, b, hold, talk, false, true},
		{"the caller holds again", a, b, hold, talk, false, true},
		{"the callee holds as well", b, a, hold, hold, true, true},
		{"the caller resumes", a, b, talk, hold, true, false},
		{"the callee resumes", b, a, talk, talk, false, false},
	} {
		n, m := Exchange(s.from, s.to, s.wishFrom, s.wishTo)
		if n.HeldByThem != s.heldFrom || m.HeldByThem != s.heldTo {
			t.Errorf("%s: the offerer is held: %v, the answerer: %v", s.name, n.HeldByThem, m.HeldByThem)
		}
	}
}
