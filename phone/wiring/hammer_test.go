package wiring_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// anything does something of a user's or a program's choice with one of the calls, or begins one.
func anything(ctx context.Context, r *rand.Rand, op *phone.Operator) error {
	s := op.Snapshot()
	id := phone.CallID("nobody")
	if len(s.Calls) > 0 && r.IntN(8) > 0 {
		id = s.Calls[r.IntN(len(s.Calls))].ID
	}
	number := []string{"600", "601", "602", "603", "604", "605", "606", "607", "1001", "1002", "x y"}[r.IntN(11)]
	commands := []func() error{
		func() error {
			_, err := op.Call(ctx, phone.CallRequest{Number: number, WatchVideo: r.IntN(2) == 0})
			return err
		},
		func() error { _, err := op.Call(ctx, phone.CallRequest{Number: number, TransferOf: id}); return err },
		func() error { return op.Answer(ctx, id, phone.AnswerOptions{Beep: true}) },
		func() error { return op.Hold(id) }, func() error { return op.Unhold(id) },
		func() error { return op.Mute(id) }, func() error { return op.Unmute(id) },
		func() error { return op.DTMF(id, "12#") },
		func() error { return op.SetVideo(ctx, id, false) }, func() error { return op.Renegotiate(ctx, id) },
		func() error { return op.BlindTransfer(ctx, id, number) },
		func() error { return op.AttendedTransfer(ctx, id, number) },
		func() error { _, err := op.AcceptTransfer(ctx, id); return err }, func() error { return op.DeclineTransfer(id) },
		func() error { return op.Merge() }, func() error { return op.Split(id) },
		func() error { return op.SetCurrent(id) },
		func() error {
			return op.SetDevices(phone.DeviceIDs{Microphone: []string{"null", "tone:440"}[r.IntN(2)], Speaker: "null"})
		},
		func() error { op.Levels(id); op.Frame(id, true); op.Stats(id); op.KeyFeedback('1'); return nil },
		func() error { return op.Register(s.Accounts[0].Account.ID) },
		func() error { return op.Terminate(id, []string{"hangup", "reject", "terminate"}[r.IntN(3)]) },
	}
	if r.IntN(150) == 0 {
		if err := op.Disconnect(); err != nil {
			return err
		}
		return op.Start()
	}
	return commands[r.IntN(len(commands))]()
}

// hammered is a phone to which several goroutines do what they like until it is destroyed.
type hammered struct {
	*wiring.Phone
	begun, gone map[phone.CallID]int // written by one subscriber, read after the end
	all         sync.WaitGroup
}

func hammer(t *testing.T, pbx *demopbx.PBX, extension int) *hammered {
	t.Helper()
	h := &hammered{begun: map[phone.CallID]int{}, gone: map[phone.CallID]int{}, Phone: newPhone(t, pbx, extension, func(o *wiring.Options) { o.AllowSilence = true })}
	op := h.Operator
	op.Subscribe(nil, func(e phone.Event) {
		switch e.Name {
		case phone.EventNewRTCSession:
			h.begun[e.Call.ID]++
		case phone.EventDeleteSession:
			h.gone[e.Call.ID]++
		}
	})
	if err := op.Start(); err != nil {
		t.Fatal(err)
	}
	soon(t, "it is registered", func() bool { return op.Snapshot().Registered() })
	for g := range 4 {
		h.all.Go(func() {
			for r := rand.New(rand.NewPCG(uint64(extension), uint64(g))); ; time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond) {
				err := anything(t.Context(), r, op)
				if errors.Is(err, phone.ErrDestroyed) {
					return
				}
				if err != nil && phone.CodeOf(err) > -200 {
					t.Errorf("%v has no code of ours", err)
				}
			}
		})
	}
	return h
}

// end destroys the phone in the middle of everything.
func (h *hammered) end(t *testing.T) {
	t.Helper()
	began := time.Now()
	h.Close()
	if took := time.Since(began); took > stepLimit {
		t.Errorf("the end took %s", took)
	}
	h.all.Wait()
	for id := range h.begun { // what has nothing to refuse does nothing any more
		h.Operator.KeyFeedback('1')
		_, counted := h.Operator.Stats(id)
		if picture, _ := h.Operator.Frame(id, true); counted || picture != nil {
			t.Errorf("call %s is still there", id)
		}
	}
	for id, n := range h.begun {
		if n != 1 || h.gone[id] != 1 {
			t.Errorf("call %s began %d times and went %d times", id, n, h.gone[id])
		}
	}
	if len(h.begun) < 2 {
		t.Errorf("only %d calls: nothing was tried", len(h.begun))
	}
}

// TestAnythingAtOnceOverTheRealPortsDoesNoHarm: two phones do what they like, with each other and with the demo's numbers, from many
// goroutines, and are destroyed in the middle of it. That nothing is left, goleak sees.
func TestAnythingAtOnceOverTheRealPortsDoesNoHarm(t *testing.T) {
	pbx, err := demopbx.Start(t.Context(), demopbx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pbx.Close()
	first, second := hammer(t, pbx, 0), hammer(t, pbx, 1)
	time.Sleep(hammerTime)
	first.end(t)
	second.end(t)
}

// hammerTime is how long it goes on.
const hammerTime = 5 * time.Second
