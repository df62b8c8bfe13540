package headless

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
)

// Operator is what this room needs of *phone.Operator; its methods are documented there.
type Operator interface {
	Start() error
	Subscribe(queue func(func()), fn func(phone.Event)) (cancel func())
	Snapshot() *phone.Snapshot
	Call(ctx context.Context, r phone.CallRequest) (phone.Call, error)
	Answer(ctx context.Context, id phone.CallID, a phone.AnswerOptions) error
	Reject(id phone.CallID) error
	Hangup(id phone.CallID) error
	Hold(id phone.CallID) error
	Unhold(id phone.CallID) error
	Mute(id phone.CallID) error
	Unmute(id phone.CallID) error
	DTMF(id phone.CallID, digits string) error
	Merge(ids ...phone.CallID) error
	Split(id phone.CallID) error
	HoldConference() error
	UnholdConference() error
	HangupConference() error
	SetVideo(ctx context.Context, id phone.CallID, on bool) error
	SetCurrent(id phone.CallID) error
	SetDevices(d phone.DeviceIDs) error
	KeyFeedback(digit rune)
	Register(id phone.AccountID) error
	Unregister(id phone.AccountID) error
	Levels(id phone.CallID) (near, far float64)
	Stats(id phone.CallID) (phone.MediaStats, bool)
	StartRecord(id phone.CallID) error
	PauseRecord(id phone.CallID) error
	StopRecord(id phone.CallID) error
	SetRecording(r phone.RecordSettings) error
	BlindTransfer(ctx context.Context, id phone.CallID, number string) error
	AcceptTransfer(ctx context.Context, id phone.CallID) (phone.Call, error)
	DeclineTransfer(id phone.CallID) error
	AttendedTransfer(ctx context.Context, id phone.CallID, number string) error
	TransferToCall(ctx context.Context, id, to phone.CallID) error
	Destroy(ctx context.Context) error
}

var _ Operator = (*phone.Operator)(nil)

// DeviceList is what this room needs of *devices.Registry.
type DeviceList interface {
	List(kind devices.Kind) []devices.Device
	// Resolve returns the device with that id or name, or the one that would replace it.
	Resolve(kind devices.Kind, id string) (devices.Device, bool)
	// Choose tells which device is used from now on.
	Choose(kind devices.Kind, id string)
}

var _ DeviceList = (*devices.Registry)(nil)

// Executor carries out commands. It may be used from any number of goroutines; the replies to one of
// them come in the order of its commands, since Execute returns a command's reply.
type Executor struct {
	op      Operator
	devices DeviceList
	gate    *registrationGate
	book    Book // nil: none

	quitOnce sync.Once
	quit     chan struct{}
}

// NewExecutor makes an executor over an operator that may not be started yet. list may be nil: then
// no device is known.
func NewExecutor(op Operator, list DeviceList) *Executor {
	return &Executor{op: op, devices: list, gate: newRegistrationGate(op), quit: make(chan struct{})}
}

// Close frees what the executor holds.
func (e *Executor) Close() { e.gate.close() }

// Quit is closed when someone said quit.
func (e *Executor) Quit() <-chan struct{} { return e.quit }

// Execute carries out one line and returns its reply, one JSON object without a line end. It waits for the first
// registration's outcome, or until ctx ends. A line that is no command changes nothing.
func (e *Executor) Execute(ctx context.Context, line string) []byte {
	at := time.Now()
	c, err := parse(line)
	reply := object{{"t", seconds(at)}, {"reply", c.verb}}
	if err != nil {
		return failure(reply, err)
	}
	if c.verb != "quit" {
		if err := e.gate.wait(ctx); err != nil {
			return failure(reply, err)
		}
	}
	var fields object
	if err := e.run(ctx, c, &fields); err != nil {
		return failure(reply, err)
	}
	reply.set("ok", true)
	return append(reply, fields...).line()
}

func failure(reply object, err error) []byte {
	reply.set("ok", false)
	reply.set("code", int(phone.CodeOf(err)))
	reply.set("error", phone.NameOf(err))
	reply.set("text", Sentence(err))
	return reply.line()
}

// Sentence is an error's text for people: without what only says where it came from.
func Sentence(err error) string {
	text := strings.ReplaceAll(err.Error(), ": "+phone.ErrUnknown.Error(), "")
	return strings.TrimPrefix(strings.ReplaceAll(text, ": phone: ", ": "), "phone: ")
}

// run carries out a parsed command and adds the reply's own fields.
func (e *Executor) run(ctx context.Context, c command, reply *object) error {
	switch c.verb {
	case "call":
		return e.placeCall(ctx, c, "", reply)
	case "quit":
		e.quitOnce.Do(func() { close(e.quit) })
		return nil
	case "merge":
		return e.merge(c, reply)
	case "record":
		if set := e.recordSettings(c, reply); set != nil {
			return set()
		}
	case "register":
		return e.accounts(c.arg, e.op.Register)
	case "unregister":
		return e.accounts(c.arg, e.op.Unregister)
	case "microphone", "speaker", "ringer", "camera":
		return e.chooseDevice(c.verb, c.arg, reply)
	case "accept-transfer", "decline-transfer":
		return e.decideTransfer(ctx, c, reply)
	case "history":
		return e.history(ctx, c.calls, reply)
	case "contacts":
		return e.contacts(ctx, c.calls, reply)
	case "import-contacts", "export-contacts":
		return e.contactsFile(ctx, c, reply)
	case "devices", "calls", "status":
		e.tell(c.verb, reply)
		return nil
	}
	if together := e.onConference(c); together != nil {
		return together()
	}
	id, err := e.which(c)
	if err != nil {
		return err
	}
	if c.verb == "consult" {
		return e.placeCall(ctx, c, id, reply)
	}
	if err := e.runOnCall(ctx, c, id, reply); err != nil {
		return err
	}
	reply.set("call", string(id))
	return nil
}

func (e *Executor) placeCall(ctx context.Context, c command, parent phone.CallID, reply *object) error {
	call, err := e.op.Call(ctx, phone.CallRequest{Number: c.arg, Video: c.video, Headers: c.headers, TransferOf: parent})
	if err == nil {
		reply.set("call", string(call.ID))
	}
	return err
}

func (e *Executor) runOnCall(ctx context.Context, c command, id phone.CallID, reply *object) error {
	switch c.verb {
	case "answer":
		return e.op.Answer(ctx, id, phone.AnswerOptions{Video: c.video})
	case "reject":
		return e.op.Reject(id)
	case "hangup":
		return e.op.Hangup(id)
	case "hold":
		return e.op.Hold(id)
	case "unhold":
		return e.op.Unhold(id)
	case "mute":
		return e.op.Mute(id)
	case "unmute":
		return e.op.Unmute(id)
	case "dtmf":
		return e.op.DTMF(id, c.arg)
	case "split":
		return e.op.Split(id)
	case "current":
		return e.op.SetCurrent(id)
	case "transfer":
		return e.op.BlindTransfer(ctx, id, c.arg)
	case "attended":
		return e.attended(ctx, id, phone.CallID(c.parent))
	case "stats":
		return e.stats(id, reply)
	case "record":
		return e.record(id, c.arg)
	case "video":
		return e.op.SetVideo(ctx, id, c.arg == "on")
	}
	return errSyntax
}

// decideTransfer answers a far end's wish to transfer us. Its call may be gone already; left out, it is the oldest.
func (e *Executor) decideTransfer(ctx context.Context, c command, reply *object) error {
	id := phone.CallID(c.call)
	if s := e.op.Snapshot(); id == "" && len(s.TransferRequests) > 0 {
		var asked []phone.CallID
		for _, r := range s.TransferRequests {
			asked = append(asked, r.Call)
		}
		var err error
		if id, err = pick(asked, s.Current); err != nil {
			return err
		}
	}
	if c.verb == "decline-transfer" {
		return e.op.DeclineTransfer(id)
	}
	call, err := e.op.AcceptTransfer(ctx, id)
	if err == nil {
		reply.set("call", string(call.ID))
	}
	return err
}

// attended joins a consultation call with its parent, which has to be named only where it is not plain. The consultation call's own
// number is the target that is shown.
func (e *Executor) attended(ctx context.Context, id, parent phone.CallID) error {
	if parent != "" {
		return e.op.TransferToCall(ctx, parent, id)
	}
	call, _ := e.op.Snapshot().CallByID(id)
	return e.op.AttendedTransfer(ctx, id, call.Number)
}

func (e *Executor) stats(id phone.CallID, reply *object) error {
	stats, ok := e.op.Stats(id)
	if !ok {
		return phone.ErrCallNotFound
	}
	near, far := e.op.Levels(id)
	var counters object
	counters.set("levelNear", near)
	counters.set("levelFar", far)
	statsFields(&counters, stats)
	reply.set("stats", counters)
	return nil
}

// which finds the call that a command means. Left out, it is the only one that fits, else the current one.
func (e *Executor) which(c command) (phone.CallID, error) {
	s := e.op.Snapshot()
	if c.call != "" {
		if _, ok := s.CallByID(phone.CallID(c.call)); !ok {
			return "", phone.ErrCallNotFound
		}
		return phone.CallID(c.call), nil
	}
	ringing := c.verb == "answer" || c.verb == "reject"
	var fitting []phone.CallID
	for _, call := range s.Calls {
		if !ringing || call.RingsHere() {
			fitting = append(fitting, call.ID)
		}
	}
	return pick(fitting, s.Current)
}

// pick is the one that is meant where none is named: the only one, or else the current one.
func pick(fitting []phone.CallID, current phone.CallID) (phone.CallID, error) {
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case slices.Contains(fitting, current):
		return current, nil
	case len(fitting) > 1:
		return "", fmt.Errorf("%w: there are several, name one", phone.ErrCallNotFound)
	}
	return "", phone.ErrCallNotFound
}

// accounts runs f on the named account, or on all of them.
func (e *Executor) accounts(name string, f func(phone.AccountID) error) error {
	if name != "" {
		return f(phone.AccountID(name))
	}
	var failed error
	accounts := e.op.Snapshot().Accounts
	for _, a := range accounts {
		failed = errors.Join(failed, f(a.Account.ID))
	}
	if len(accounts) == 0 {
		return phone.ErrAccountNotFound
	}
	return failed
}
