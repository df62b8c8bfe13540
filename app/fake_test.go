package app

import (
	"context"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
)

// fakeOperator is an operator whose state the test writes: it notes every command and does nothing else.
type fakeOperator struct {
	mu        sync.Mutex
	snapshot  phone.Snapshot
	commands  []string
	fail      map[string]error // by command's name
	near, far float64
	stats     phone.MediaStats
	queue     func(func())
	fn        func(phone.Event)
	destroyed bool

	theirs, ours *image.YCbCr
	serials      [2]uint64
}

func (f *fakeOperator) note(name string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := name
	for _, a := range args {
		text += " " + fmt.Sprint(a)
	}
	f.commands = append(f.commands, text)
	return f.fail[name]
}

// set changes the snapshot and sends an event.
func (f *fakeOperator) set(change func(*phone.Snapshot), events ...phone.Event) {
	f.mu.Lock()
	s := f.snapshot
	s.Calls = append([]phone.Call(nil), s.Calls...)
	s.Accounts = append([]phone.AccountState(nil), s.Accounts...)
	change(&s)
	f.snapshot = s
	queue, fn := f.queue, f.fn
	f.mu.Unlock()
	for _, e := range events {
		if queue != nil {
			queue(func() { fn(e) })
		}
	}
}

func (f *fakeOperator) Snapshot() *phone.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.snapshot
	return &s
}

func (f *fakeOperator) Subscribe(queue func(func()), fn func(phone.Event)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue, f.fn = queue, fn
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.queue, f.fn = nil, nil
		f.commands = append(f.commands, "unsubscribe")
	}
}

func (f *fakeOperator) AddAccount(a phone.Account) error {
	err := f.note("add", a.URI, a.Server)
	if err == nil {
		f.set(func(s *phone.Snapshot) {
			for i := range s.Accounts {
				if s.Accounts[i].Account.ID == a.ID {
					s.Accounts[i] = phone.AccountState{Account: a, Registering: true}
					return
				}
			}
			s.Accounts = append(s.Accounts, phone.AccountState{Account: a, Registering: true})
		})
	}
	return err
}

func (f *fakeOperator) RemoveAccount(id phone.AccountID) error {
	err := f.note("remove", id)
	f.set(func(s *phone.Snapshot) {
		var rest []phone.AccountState
		for _, a := range s.Accounts {
			if a.Account.ID != id {
				rest = append(rest, a)
			}
		}
		s.Accounts = rest
	})
	return err
}

func (f *fakeOperator) Register(id phone.AccountID) error { return f.note("register", id) }

func (f *fakeOperator) Call(_ context.Context, r phone.CallRequest) (phone.Call, error) {
	if r.Video {
		return phone.Call{ID: "new", Number: r.Number}, f.note("call with video", r.Number)
	}
	if r.TransferOf != "" {
		return phone.Call{ID: "new", Number: r.Number}, f.note("consult", r.TransferOf, r.Number)
	}
	return phone.Call{ID: "new", Number: r.Number}, f.note("call", r.Number)
}

func (f *fakeOperator) BlindTransfer(_ context.Context, id phone.CallID, number string) error {
	return f.note("transfer", id, number)
}

func (f *fakeOperator) AttendedTransfer(_ context.Context, id phone.CallID, number string) error {
	return f.note("attended", id, number)
}

func (f *fakeOperator) TransferToCall(_ context.Context, id, to phone.CallID) error {
	return f.note("transfer to call", id, to)
}

func (f *fakeOperator) AcceptTransfer(_ context.Context, id phone.CallID) (phone.Call, error) {
	return phone.Call{}, f.note("accept-transfer", id)
}

func (f *fakeOperator) DeclineTransfer(id phone.CallID) error { return f.note("decline-transfer", id) }

func (f *fakeOperator) Answer(_ context.Context, id phone.CallID, o phone.AnswerOptions) error {
	if o.Video {
		return f.note("answer with video", id)
	}
	return f.note("answer", id)
}

func (f *fakeOperator) Reject(id phone.CallID) error         { return f.note("reject", id) }
func (f *fakeOperator) Hangup(id phone.CallID) error         { return f.note("hangup", id) }
func (f *fakeOperator) Hold(id phone.CallID) error           { return f.note("hold", id) }
func (f *fakeOperator) Unhold(id phone.CallID) error         { return f.note("unhold", id) }
func (f *fakeOperator) Mute(id phone.CallID) error           { return f.note("mute", id) }
func (f *fakeOperator) Unmute(id phone.CallID) error         { return f.note("unmute", id) }
func (f *fakeOperator) DTMF(id phone.CallID, d string) error { return f.note("dtmf", id, d) }
func (f *fakeOperator) Silence(id phone.CallID) error        { return f.note("silence", id) }
func (f *fakeOperator) KeyFeedback(r rune)                   { _ = f.note("feedback", string(r)) }

func (f *fakeOperator) StartRecord(id phone.CallID) error { return f.note("record", id) }
func (f *fakeOperator) PauseRecord(id phone.CallID) error { return f.note("pause record", id) }
func (f *fakeOperator) StopRecord(id phone.CallID) error  { return f.note("stop record", id) }

func (f *fakeOperator) SetRecording(r phone.RecordSettings) error {
	err := f.note("recording", r.Agreed, r.Folder, r.Format, r.Notice)
	if err == nil {
		f.set(func(s *phone.Snapshot) { s.Recording = r })
	}
	return err
}

func (f *fakeOperator) Split(id phone.CallID) error { return f.note("split", id) }
func (f *fakeOperator) HoldConference() error       { return f.note("hold all") }
func (f *fakeOperator) UnholdConference() error     { return f.note("unhold all") }
func (f *fakeOperator) HangupConference() error     { return f.note("hangup all") }

func (f *fakeOperator) Merge(ids ...phone.CallID) error {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return f.note("merge", args...)
}

func (f *fakeOperator) SetCurrent(id phone.CallID) error {
	err := f.note("current", id)
	f.set(func(s *phone.Snapshot) { s.Current = id })
	return err
}

func (f *fakeOperator) SetDevices(d phone.DeviceIDs) error {
	err := f.note("devices", d.Microphone, d.Speaker, d.Ringer, d.Camera)
	f.set(func(s *phone.Snapshot) { s.Devices = d })
	return err
}

func (f *fakeOperator) SetCallLimit(limit int, waiting bool) error {
	return f.note("limit", limit, waiting)
}

func (f *fakeOperator) SetVoiceProcessing(on bool) error {
	err := f.note("clean", on)
	f.set(func(s *phone.Snapshot) { s.VoiceProcessing = on })
	return err
}

func (f *fakeOperator) Levels(phone.CallID) (float64, float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.near, f.far
}

func (f *fakeOperator) Stats(phone.CallID) (phone.MediaStats, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats, true
}

func (f *fakeOperator) SetVideo(_ context.Context, id phone.CallID, on bool) error {
	return f.note("video", id, on)
}

func (f *fakeOperator) Frame(_ phone.CallID, far bool) (*image.YCbCr, uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if far {
		return f.theirs, f.serials[0]
	}
	return f.ours, f.serials[1]
}

func (f *fakeOperator) Destroy(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.destroyed = true
	f.commands = append(f.commands, "destroy")
	return nil
}

// fakeDevices is a list of devices that the test writes.
type fakeDevices struct {
	mu      sync.Mutex
	list    []devices.Device
	changed func()
	camera  *fakeCamera
	refuses error // of OpenCamera
}

func (d *fakeDevices) List(kind devices.Kind) []devices.Device {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []devices.Device
	for _, x := range d.list {
		if x.Kind == kind {
			list = append(list, x)
		}
	}
	return list
}

func (d *fakeDevices) Watch(changed func()) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changed = changed
	return func() {}
}

// fakeCamera is a camera that was opened.
type fakeCamera struct {
	id    string
	frame func(*image.YCbCr)
	lost  func(error)

	devices *fakeDevices
}

func (c *fakeCamera) Close() error {
	c.devices.mu.Lock()
	defer c.devices.mu.Unlock()
	if c.devices.camera == c {
		c.devices.camera = nil
	}
	return nil
}

func (d *fakeDevices) OpenCamera(id string, frame func(*image.YCbCr), lost func(error)) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuses != nil {
		return nil, d.refuses
	}
	d.camera = &fakeCamera{id, frame, lost, d}
	return d.camera, nil
}

// opened is the camera that is open, nil for none.
func (d *fakeDevices) opened() *fakeCamera {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.camera
}

func (d *fakeDevices) set(list ...devices.Device) {
	d.mu.Lock()
	d.list = list
	changed := d.changed
	d.mu.Unlock()
	if changed != nil {
		changed()
	}
}

// noon is the time of the tests.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
