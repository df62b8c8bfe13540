package sdp

import "testing"

// TestHoldIsOfferedByTheDirectionThatFitsBothSidesHold: the contract's hold, RFC 3264 §8.4.
func TestHoldIsOfferedByTheDirectionThatFitsBothSidesHold(t *testing.T) {
	for _, c := range []struct {
		hold, heldByThem bool
		want             Direction
	}{
		{false, false, SendRecv},
		{true, false, SendOnly},
		{true, true, Inactive},
	} {
		if got := OfferDirection(c.hold, c.heldByThem); got != c.want {
			t.Errorf("hold %t, held by them %t: %s, want %s", c.hold, c.heldByThem, got, c.want)
		}
	}
}

// TestTheirChangeIsAnsweredRightlyWhoeverHolds: with their old hold by a zero address too (RFC 3264 §8.4).
func TestTheirChangeIsAnsweredRightlyWhoeverHolds(t *testing.T) {
	for _, c := range []struct {
		theirs     Direction
		zero       bool
		free, hold Direction // what we answer without and with a hold of ours
	}{
		{SendRecv, false, SendRecv, SendOnly},
		{SendOnly, false, RecvOnly, Inactive},
		{RecvOnly, false, SendOnly, SendOnly},
		{Inactive, false, Inactive, Inactive},
		{SendRecv, true, RecvOnly, Inactive},
	} {
		d := &Description{Direction: c.theirs, HeldByZero: c.zero}
		if got := AnswerDirection(false, d); got != c.free {
			t.Errorf("to %s, zero %t: %s, want %s", c.theirs, c.zero, got, c.free)
		}
		if got := AnswerDirection(true, d); got != c.hold {
			t.Errorf("to %s, zero %t, while we hold: %s, want %s", c.theirs, c.zero, got, c.hold)
		}
	}
}
