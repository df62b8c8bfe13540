package phone

import (
	"context"
	"log/slog"
)

// Config is what an operator is made of.
type Config struct {
	Signalling Signalling
	Media      Media
	Devices    Devices
	Logger     *slog.Logger
	// CallLimit is the limit of simultaneous calls; 0 means 2, at most 8.
	CallLimit int
	// NoCallWaiting refuses every call beside a live one.
	NoCallWaiting bool
	// AllowSilence lets calls go on without a microphone.
	AllowSilence bool
	DeviceIDs    DeviceIDs
}

// CallRequest asks for a call.
type CallRequest struct {
	// Number is a number ("600", "+49 30 1234"), or a SIP URI.
	Number  string
	Account AccountID // "": the first registered account, else the first
	Video   bool
	// Headers are extra headers; CheckHeader says which are allowed.
	Headers []Header
	// TransferOf makes this the consultation call of an attended transfer of that call.
	TransferOf CallID
}

// AnswerOptions says how to answer.
type AnswerOptions struct{ Video bool }

// Operator is the phone operator.
type Operator struct{}

// New makes an operator; it does nothing on the network before Start.
func New(c Config) *Operator { panic("being written") }

// AddAccount adds an account (or replaces the one with the same ID) and registers it when started.
func (o *Operator) AddAccount(a Account) error { panic("") }

// RemoveAccount ends its calls, unregisters and forgets it.
func (o *Operator) RemoveAccount(id AccountID) error { panic("") }

// Start connects and registers every account.
func (o *Operator) Start() error { panic("") }

// Subscribe calls fn with every event to come, each through queue (fyne.Do, a serial queue, …).
func (o *Operator) Subscribe(queue func(func()), fn func(Event)) (cancel func()) { panic("") }

// Snapshot is the state now; never nil.
func (o *Operator) Snapshot() *Snapshot { panic("") }

func (o *Operator) Call(ctx context.Context, r CallRequest) (Call, error)        { panic("") }
func (o *Operator) Answer(ctx context.Context, id CallID, a AnswerOptions) error { panic("") }
func (o *Operator) Reject(id CallID) error                                       { panic("") }
func (o *Operator) Hangup(id CallID) error                                       { panic("") }
func (o *Operator) Hold(id CallID) error                                         { panic("") }
func (o *Operator) Unhold(id CallID) error                                       { panic("") }
func (o *Operator) Mute(id CallID) error                                         { panic("") }
func (o *Operator) Unmute(id CallID) error                                       { panic("") }
func (o *Operator) DTMF(id CallID, digits string) error                          { panic("") }
func (o *Operator) SetCurrent(id CallID) error                                   { panic("") }
func (o *Operator) SetDevices(d DeviceIDs) error                                 { panic("") }

// Silence stops the ring tone of an incoming call; it goes on ringing for the caller.
func (o *Operator) Silence(id CallID) error { panic("") }

// KeyFeedback plays a key's tone to our own ear.
func (o *Operator) KeyFeedback(digit rune) {}

// Register registers the account now, whatever the back-off; Unregister removes the binding.
func (o *Operator) Register(id AccountID) error   { panic("") }
func (o *Operator) Unregister(id AccountID) error { panic("") }

// ReRegister takes new credentials and registers again (contract, reRegister).
func (o *Operator) ReRegister(id AccountID, user string, secret Secret) error { panic("") }

// Disconnect unregisters every account and closes the transports.
func (o *Operator) Disconnect() error { panic("") }

// Destroy ends all calls, unregisters, cancels every subscription and frees everything.
func (o *Operator) Destroy(ctx context.Context) error { panic("") }

// Levels and Stats are polled, from any goroutine.
func (o *Operator) Levels(id CallID) (near, far float64)                                 { panic("") }
func (o *Operator) Stats(id CallID) (MediaStats, bool)                                   { panic("") }
func (o *Operator) StartRecord(id CallID) error                                          { panic("") }
func (o *Operator) PauseRecord(id CallID) error                                          { panic("") }
func (o *Operator) StopRecord(id CallID) error                                           { panic("") }
func (o *Operator) BlindTransfer(ctx context.Context, id CallID, number string) error    { panic("") }
func (o *Operator) AttendedTransfer(ctx context.Context, id CallID, number string) error { panic("") }
