package headless

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Reason says in one word, for machines, what is wrong.
type Reason string

// The reasons. ReasonNone: all is well.
const (
	ReasonNone           Reason = ""
	ReasonNoAccount      Reason = "no-account"
	ReasonNoMicrophone   Reason = "no-microphone"
	ReasonNoSpeaker      Reason = "no-speaker"
	ReasonUnreachable    Reason = "server-unreachable"
	ReasonCertificate    Reason = "certificate"
	ReasonAuthentication Reason = "authentication"
	ReasonRegistration   Reason = "registration-failed"
	ReasonCallFailed     Reason = "call-failed"
	ReasonNoMedia        Reason = "no-media"
	ReasonEchoSilent     Reason = "echo-silent"
	ReasonEchoDistorted  Reason = "echo-distorted"
	ReasonStopped        Reason = "stopped"
	// What is wrong with the server, more exactly.
	ReasonNameUnknown  Reason = "name-unknown"   // DNS knows no such server
	ReasonForbidden    Reason = "forbidden"      // 403
	ReasonUserUnknown  Reason = "user-unknown"   // 404 to REGISTER
	ReasonNumber       Reason = "number-unknown" // 404 to the call
	ReasonMediaRefused Reason = "media-refused"  // 488, 606: no codec or encryption in common
	ReasonMediaFailed  Reason = "media-failed"   // ICE or DTLS found no way
	// What is wrong with STUN and TURN servers.
	ReasonRelayAddress     Reason = "relay-address"
	ReasonRelayUnreachable Reason = "relay-unreachable"
	ReasonRelayRefused     Reason = "relay-refused"
	ReasonRelayCertificate Reason = "relay-certificate"
	ReasonRelayUnchecked   Reason = "relay-unchecked"
	ReasonRelayUnused      Reason = "relay-unused" // the account's media are not WebRTC
)

// The doctor's patience with each step; all of it is below 30 s.
const (
	listLimit     = 2 * time.Second
	registerLimit = 8 * time.Second
	answerLimit   = 9 * time.Second
	mediaLimit    = 5 * time.Second
	// settleTime lets the jitter buffer find its size before anything is measured.
	settleTime = 300 * time.Millisecond
)

// Recording is sound with the time of its first sample.
type Recording struct {
	PCM   []int16 // mono, 48 kHz
	Start time.Time
}

// Probe is a virtual microphone and speaker in one, on one clock.
type Probe interface {
	// Say appends samples to what the microphone delivers.
	Say(pcm []int16)
	// Said and Heard are what passed since the last Reset.
	Said() Recording
	Heard() Recording
	Reset()
}

// Examination is what the doctor needs.
type Examination struct {
	// Operator has one account and is not started; its devices are the probe.
	Operator Operator
	// Devices may be nil: then no devices are looked at.
	Devices DeviceList
	// WaitListed waits for the first list of devices; may be nil.
	WaitListed func(context.Context) error
	// Chosen are the devices that calls would use, by id or name; the probe stands in for them here.
	Chosen phone.DeviceIDs
	// NeedDevices makes a missing microphone or speaker a failure, not a warning.
	NeedDevices bool
	Probe       Probe
	// Number answers with an echo; empty: 600.
	Number string
	// Relays asks an account's STUN and TURN servers what they do for us; may be nil.
	Relays func(context.Context, phone.AccountID) []Relay
	// Reach says why an account's server cannot be reached, see ReachServer; may be nil.
	Reach func(context.Context, phone.Account) error
}

// Check is one step of the examination.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Warning: there is something to mend, but this call works without.
	Warning bool   `json:"warning,omitempty"`
	Reason  Reason `json:"reason,omitempty"`
	// Status is the SIP status that was the answer; 0: none came.
	Status int    `json:"status,omitempty"`
	Text   string `json:"text"`
}

// Report is the outcome.
type Report struct {
	OK     bool   `json:"ok"`
	Reason Reason `json:"reason,omitempty"`
	Status int    `json:"status,omitempty"` // the SIP status of what failed; 0: none
	Text   string `json:"text"`
	// Checks are in the order in which they were made; after a failure that makes the rest pointless, it is the last.
	Checks []Check `json:"checks"`
	// Relays are the account's STUN and TURN servers. One that does not work is a warning, no failure: what fails is the call.
	Relays []RelayReport `json:"relays,omitempty"`
	// RegistrationMs is from the start to the registrar's 200; SetUpMs from the command to the confirmed call.
	RegistrationMs float64 `json:"registrationMs,omitempty"`
	SetUpMs        float64 `json:"setUpMs,omitempty"`
	EchoHeard      bool    `json:"echoHeard"`
	// EchoDelayMs is from the microphone to the speaker, there and back, by correlation with what was sent.
	EchoDelayMs float64 `json:"echoDelayMs,omitempty"`
	// EchoLevelDB is how much louder (or softer, below 0) the echo is than what was sent.
	EchoLevelDB float64 `json:"echoLevelDb"`
	// EchoMatch is the correlation, 0…1.
	EchoMatch       float64 `json:"echoMatch"`
	Codec           string  `json:"codec,omitempty"`
	NetworkType     string  `json:"networkType,omitempty"`
	Encrypted       bool    `json:"encrypted"`
	KeysExposed     bool    `json:"keysExposed,omitempty"` // whoever reads the signalling has the keys
	PacketsSent     uint64  `json:"packetsSent"`
	PacketsReceived uint64  `json:"packetsReceived"`
}

// finding ends an examination.
type finding struct {
	check  string
	reason Reason
	status int
	text   string
}

func (f *finding) Error() string { return f.text }

func (r *Report) pass(name, format string, args ...any) {
	r.Checks = append(r.Checks, Check{Name: name, OK: true, Text: fmt.Sprintf(format, args...)})
}

func (r *Report) warn(name string, reason Reason, format string, args ...any) {
	r.Checks = append(r.Checks, Check{Name: name, OK: true, Warning: true, Reason: reason, Text: fmt.Sprintf(format, args...)})
}

// Doctor examines devices, network, registration and one echo call. It takes less than 30 s, starts the
// operator and leaves it without calls; destroying it is the caller's. The error is ctx's; what is wrong with
// the machine stands in the report.
func Doctor(ctx context.Context, x Examination) (Report, error) {
	r := Report{Checks: []Check{}}
	err := x.examine(ctx, &r)
	if f, ok := errors.AsType[*finding](err); ok {
		r.Checks = append(r.Checks, Check{Name: f.check, Reason: f.reason, Status: f.status, Text: f.text})
		err = nil
	}
	if ctx.Err() != nil {
		r.Checks = append(r.Checks, Check{Name: "examination", Reason: ReasonStopped, Text: "The examination was stopped."})
		err = ctx.Err()
	}
	r.conclude()
	return r, err
}

// conclude sums the checks up.
func (r *Report) conclude() {
	r.OK, r.Text = true, "All is well."
	for _, c := range r.Checks {
		if !c.OK { // the first trouble is the one to mend
			r.OK, r.Reason, r.Status, r.Text = false, c.Reason, c.Status, c.Text
			return
		}
		if c.Warning {
			r.Text = "Calls work, but see the warnings."
		}
	}
}

func (x Examination) examine(ctx context.Context, r *Report) error {
	x.lookAtDevices(ctx, r)
	accounts := x.Operator.Snapshot().Accounts
	if len(accounts) == 0 {
		return &finding{check: "account", reason: ReasonNoAccount, text: "There is no account. Name one with -account, or try -demo."}
	}
	policy := accounts[0].Account.MediaPolicy()
	asked := x.askRelays(ctx, accounts[0].Account.ID)
	err := x.register(ctx, r)
	asked.tell(ctx, policy, r)
	if err != nil {
		return err
	}
	events := watch(x.Operator)
	defer events.cancel()
	call, err := x.call(ctx, events, r)
	if err != nil {
		return err
	}
	defer hangUpAll(x.Operator)
	if err := x.awaitMedia(ctx, events, call); err != nil {
		if errors.Is(err, errNoPacket) {
			reason, text := asked.noSound(policy)
			return &finding{check: "media", reason: reason, text: text}
		}
		return err
	}
	return x.listen(ctx, call, r)
}

// register starts the operator and waits for the registrar's word.
func (x Examination) register(ctx context.Context, r *Report) error {
	events := watch(x.Operator)
	defer events.cancel()
	start := time.Now()
	if err := x.Operator.Start(); err != nil {
		return err
	}
	done := phone.EventRegistered
	if x.Operator.Snapshot().Accounts[0].Account.Direct {
		done = phone.EventConnected
	}
	e, err := events.wait(ctx, registerLimit, done, phone.EventRegistrationFailed)
	if err != nil {
		return x.unreached(ctx, phone.Event{Cause: phone.CauseRequestTimeout})
	}
	if e.Name == phone.EventConnected { // over UDP the call will tell
		r.pass("registration", "None is made: this account calls its server directly.")
		return nil
	}
	if e.Name == phone.EventRegistered {
		r.RegistrationMs = milliseconds(e.At.Sub(start))
		r.pass("network", "The server was reached.")
		r.pass("registration", "Registered within %.0f ms.", r.RegistrationMs)
		return nil
	}
	switch e.Cause {
	case phone.CauseCertificate, phone.CauseCertificateExpired, phone.CauseCertificateName:
		return certificateFinding(e.Cause)
	case phone.CauseConnection, phone.CauseRequestTimeout:
		return x.unreached(ctx, e)
	}
	r.pass("network", "The server was reached.")
	return registrationFinding(e)
}

// call dials the echo.
func (x Examination) call(ctx context.Context, events watcher, r *Report) (phone.CallID, error) {
	number := x.Number
	if number == "" {
		number = "600"
	}
	start := time.Now()
	call, err := x.Operator.Call(ctx, phone.CallRequest{Number: number})
	if err != nil {
		return "", &finding{check: "call", reason: ReasonCallFailed, text: fmt.Sprintf("The call to %s was not possible (%s): %v.", number, phone.NameOf(err), err)}
	}
	e, err := events.wait(ctx, answerLimit, phone.EventConfirmed, phone.EventFailed, phone.EventEnded, phone.EventDeleteSession)
	if err != nil {
		hangUpAll(x.Operator)
		return "", &finding{check: "call", reason: ReasonCallFailed,
			text: fmt.Sprintf("%s did not answer within %.0f s. Name a number that answers with an echo (-number).", number, answerLimit.Seconds())}
	}
	if e.Name != phone.EventConfirmed {
		return "", callFinding(number, e)
	}
	r.SetUpMs = milliseconds(e.At.Sub(start))
	r.pass("call", "%s answered within %.0f ms.", number, r.SetUpMs)
	return call.ID, nil
}

// errNoPacket: nothing came within mediaLimit.
var errNoPacket = errors.New("headless: no packet arrived")

// awaitMedia waits until the first packets of the far end have come. The error is a finding, errNoPacket or ctx's.
func (x Examination) awaitMedia(ctx context.Context, events watcher, id phone.CallID) error {
	deadline := time.NewTimer(mediaLimit)
	defer deadline.Stop()
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	for {
		if stats, ok := x.Operator.Stats(id); !ok {
			e, _ := events.wait(ctx, time.Second, phone.EventFailed, phone.EventEnded)
			return endedFinding(e)
		} else if stats.PacketsReceived > 0 {
			return nil
		}
		select {
		case <-ask.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return errNoPacket
		}
	}
}

// listen says something and measures what comes back.
func (x Examination) listen(ctx context.Context, id phone.CallID, r *Report) error {
	if err := pause(ctx, settleTime); err != nil {
		return err
	}
	x.Probe.Reset()
	utterance := chirps()
	x.Probe.Say(utterance)
	if err := pause(ctx, time.Duration(len(utterance))*time.Second/sampleRate+longestEcho); err != nil {
		return err
	}
	if call, ok := x.Operator.Snapshot().CallByID(id); ok {
		r.Codec, r.NetworkType, r.Encrypted, r.KeysExposed = call.Codec, call.NetworkType, call.Encrypted, call.KeysExposed
	}
	if stats, ok := x.Operator.Stats(id); ok {
		r.PacketsSent, r.PacketsReceived = stats.PacketsSent, stats.PacketsReceived
	}
	e := findEcho(x.Probe.Said(), x.Probe.Heard())
	r.EchoMatch = round(e.match, 3)
	if !e.audible {
		return silenceFinding(r)
	}
	if e.match < echoMatch {
		return &finding{check: "echo", reason: ReasonEchoDistorted,
			text: "Something is heard, but it is not what was said. Does the number answer with an echo (-number)? Is the line very lossy?"}
	}
	r.EchoHeard, r.EchoDelayMs, r.EchoLevelDB = true, milliseconds(e.delay), round(e.levelDB, 1)
	r.pass("media", "%d packets sent, %d received, %s.", r.PacketsSent, r.PacketsReceived, r.Codec)
	r.pass("echo", "What was said came back after %.0f ms, %+.1f dB.", r.EchoDelayMs, r.EchoLevelDB)
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
