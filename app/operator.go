package app

import (
	"context"
	"image"
	"io"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
)

// Operator is what the window needs of the phone's operator; *phone.Operator satisfies it.
type Operator interface {
	Snapshot() *phone.Snapshot
	Subscribe(queue func(func()), fn func(phone.Event)) (cancel func())

	AddAccount(a phone.Account) error
	RemoveAccount(id phone.AccountID) error
	Register(id phone.AccountID) error

	Call(ctx context.Context, r phone.CallRequest) (phone.Call, error)
	Answer(ctx context.Context, id phone.CallID, a phone.AnswerOptions) error
	Reject(id phone.CallID) error
	Hangup(id phone.CallID) error
	Hold(id phone.CallID) error
	Unhold(id phone.CallID) error
	Mute(id phone.CallID) error
	Unmute(id phone.CallID) error
	BlindTransfer(ctx context.Context, id phone.CallID, number string) error
	AttendedTransfer(ctx context.Context, id phone.CallID, number string) error
	TransferToCall(ctx context.Context, id, to phone.CallID) error
	Merge(ids ...phone.CallID) error
	Split(id phone.CallID) error
	HoldConference() error
	UnholdConference() error
	HangupConference() error
	AcceptTransfer(ctx context.Context, id phone.CallID) (phone.Call, error)
	DeclineTransfer(id phone.CallID) error
	DTMF(id phone.CallID, digits string) error
	StartRecord(id phone.CallID) error
	PauseRecord(id phone.CallID) error
	StopRecord(id phone.CallID) error
	SetRecording(r phone.RecordSettings) error
	Silence(id phone.CallID) error
	SetCurrent(id phone.CallID) error
	SetDevices(d phone.DeviceIDs) error
	SetCallLimit(limit int, waiting bool) error
	SetVoiceProcessing(on bool) error
	KeyFeedback(digit rune)
	SetVideo(ctx context.Context, id phone.CallID, on bool) error
	Frame(id phone.CallID, far bool) (picture *image.YCbCr, serial uint64)
	Stats(id phone.CallID) (phone.MediaStats, bool)
	Levels(id phone.CallID) (near, far float64)

	Destroy(ctx context.Context) error
}

var _ Operator = (*phone.Operator)(nil)

// Devices lists what can be picked and tells when that changes. List never waits; changed is
// called from any goroutine.
type Devices interface {
	List(kind devices.Kind) []devices.Device
	Watch(changed func()) (cancel func())
	// OpenCamera opens a camera for the preview; *devices.Registry says how.
	OpenCamera(id string, frame func(picture *image.YCbCr), lost func(error)) (io.Closer, error)
}

// AccountBook keeps the accounts between runs. List returns them with their secrets.
type AccountBook interface {
	List() ([]phone.Account, error)
	Save(a phone.Account) error
	Remove(id phone.AccountID) error
}
