package phone

import (
	"testing"
	"time"
)

// Every pair of states is named once: the pairs in the list are allowed, all others are refused.
func TestEveryPairOfStatesIsAllowedOrRefused(t *testing.T) {
	states := []State{"", StateGathering, StateCalling, StateRinging, StateAnswering, StateAccepted, StateTalking, StateEnding, StateEnded}
	type step struct {
		from, to State
		d        Direction
	}
	allowed := map[step]bool{}
	for _, s := range []step{
		{"", StateGathering, Outbound}, {StateGathering, StateCalling, Outbound}, {StateCalling, StateRinging, Outbound},
		{StateCalling, StateAccepted, Outbound}, {StateRinging, StateAccepted, Outbound}, {StateAccepted, StateTalking, Outbound},
		{StateGathering, StateEnding, Outbound}, {StateCalling, StateEnding, Outbound},
		{StateGathering, StateEnded, Outbound}, {StateCalling, StateEnded, Outbound},
		{"", StateRinging, Inbound}, {StateRinging, StateAnswering, Inbound}, {StateAnswering, StateAccepted, Inbound},
		{StateAccepted, StateTalking, Inbound}, {StateAnswering, StateEnding, Inbound}, {StateAnswering, StateEnded, Inbound},
		{StateRinging, StateEnding, Inbound}, {StateRinging, StateEnding, Outbound},
		{StateRinging, StateEnded, Inbound}, {StateRinging, StateEnded, Outbound},
		{StateAccepted, StateEnding, Inbound}, {StateAccepted, StateEnding, Outbound},
		{StateAccepted, StateEnded, Inbound}, {StateAccepted, StateEnded, Outbound},
		{StateTalking, StateEnding, Inbound}, {StateTalking, StateEnding, Outbound},
		{StateTalking, StateEnded, Inbound}, {StateTalking, StateEnded, Outbound},
		{StateEnding, StateEnded, Inbound}, {StateEnding, StateEnded, Outbound},
	} {
		allowed[s] = true
	}
	for _, d := range []Direction{Inbound, Outbound} {
		for _, from := range states {
			for _, to := range states {
				if outgoingOnly := from == StateGathering || from == StateCalling; outgoingOnly && d == Inbound {
					continue // cannot be reached
				}
				if from == StateAnswering && d == Outbound {
					continue
				}
				if got, want := mayGo(from, to, d), allowed[step{from, to, d}]; got != want {
					t.Errorf("%s: %q → %q allowed = %v, want %v", d, from, to, got, want)
				}
			}
		}
	}
}

func TestABindingIsRenewedWellBeforeItEnds(t *testing.T) {
	for granted, want := range map[time.Duration]time.Duration{
		1800 * time.Second: 1530 * time.Second,
		60 * time.Second:   30 * time.Second,
		20 * time.Second:   17 * time.Second,
		time.Second:        850 * time.Millisecond,
	} {
		if got := refreshAfter(granted); got != want {
			t.Errorf("granted %v: renewed after %v, want %v", granted, got, want)
		}
	}
}

func TestBackOffGrowsUpToItsLimitAndHonoursRetryAfter(t *testing.T) {
	least, most := time.Hour, time.Duration(0)
	defer func() {
		if most-least < time.Second { // of two seconds' room: a building full of phones would call at once
			t.Errorf("200 back-offs lie within %v", most-least)
		}
	}()
	for range 200 {
		least, most = min(least, backoff(1, 0)), max(most, backoff(1, 0))
		if d := backoff(1, 0); d < time.Second || d > 3*time.Second {
			t.Fatalf("first back-off %v", d)
		}
		if d := backoff(40, 0); d < time.Minute || d > 3*time.Minute {
			t.Fatalf("late back-off %v", d)
		}
		if d := backoff(1, 300*time.Second); d != 300*time.Second {
			t.Fatalf("Retry-After 300 became %v", d)
		}
		if d := backoff(1, 1000*time.Hour); d != time.Hour {
			t.Fatalf("a hostile Retry-After became %v", d)
		}
	}
}

func TestACallIDOfTheWireIsKeptOnlyWhereItIsWellFormed(t *testing.T) {
	for id, want := range map[string]bool{
		"a84b4c76e66710@pc33.atlanta.com": true, "abc": true, "": false, "a b": false, "a\r\nb": false,
		"\x00": false, "<x>": false, string(make([]byte, 200)): false,
	} {
		if isCallToken(id) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}
