package phone

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Config is what an operator is made of. Signalling, Media and Devices are required.
type Config struct {
	Signalling Signalling
	Media      Media
	Devices    Devices
	// Directory names who calls where signalling does not; nil: none.
	Directory Directory
	// Logger takes technical messages; nil: none. No secret ever reaches it.
	Logger *slog.Logger
	// CallLimit is the limit of simultaneous calls; 0 means 2, at most 8. An account's MaxCalls goes before it.
	CallLimit int
	// NoCallWaiting refuses every call beside a live one.
	NoCallWaiting bool
	// AllowSilence lets calls go on without a microphone.
	AllowSilence bool
	// DeviceIDs are the devices chosen at first.
	DeviceIDs DeviceIDs
	// NoVoiceProcessing sends what microphones hear as it is, until SetVoiceProcessing.
	NoVoiceProcessing bool
	// Recording are the user's choices about recording at first, checked.
	Recording RecordSettings
}

// CallRequest asks for a call.
type CallRequest struct {
	// Number is a number ("600", "+49 30 1234"), or a SIP URI.
	Number  string
	Account AccountID // "": that of TransferOf, else the first registered account, else the first
	// Video offers ours and asks for theirs (contract, video). WatchVideo asks for theirs alone, without a camera (offerToReceiveVideo).
	Video, WatchVideo bool
	// Headers are extra headers; CheckHeader says which are allowed.
	Headers []Header
	// TransferOf makes this the consultation call of an attended transfer of that call.
	TransferOf CallID
}

// AnswerOptions says how to answer.
type AnswerOptions struct {
	// Video shows them ours and takes theirs, where they offer any; without it their video is refused.
	Video bool
	// Beep: nobody picks up, so both sides hear a short tone as soon as sound passes.
	Beep bool
}

// Operator is the phone operator. Its methods may be called from any goroutine, also from a
// subscriber; each is one short round trip to the operator's own goroutine and never waits
// for the network. A nil error means "accepted"; what comes of it arrives as events.
// From Destroy on every method returns ErrDestroyed.
type Operator struct {
	l    *loop
	done chan struct{} // the loop has ended

	destroy sync.Once
	subs    <-chan struct{} // every subscriber has ended; set by Destroy
}

// New makes an operator; it does nothing on the network before Start.
func New(c Config) *Operator {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	o := &Operator{l: newLoop(c), done: make(chan struct{})}
	c.Media.SetDevices(c.DeviceIDs)
	if c.NoVoiceProcessing {
		c.Media.SetVoiceProcessing(false)
	}
	go func() {
		defer close(o.done)
		o.l.run()
	}()
	return o
}

// subscriberLimit is how long the end waits for subscribers that still have something to do.
const subscriberLimit = 10 * time.Second

// do runs f in the loop and returns what it returned, once the snapshot holds what f changed. Once the end has begun nothing is
// accepted any more: an account that registered now would stay registered.
func (o *Operator) do(f func(*loop) error) error {
	return o.ask(func(l *loop) error {
		if l.closing {
			return ErrDestroyed
		}
		return f(l)
	})
}

// ask is do also at the end.
func (o *Operator) ask(f func(*loop) error) error {
	reply := make(chan error, 1)
	if !o.l.box.put(func(l *loop) {
		err := f(l)
		l.settle()
		reply <- err
	}) {
		return ErrDestroyed
	}
	select {
	case err := <-reply:
		return err
	case <-o.done:
		select {
		case err := <-reply:
			return err
		default:
			return ErrDestroyed
		}
	}
}

// with runs f on a session.
func (o *Operator) with(id CallID, f func(*loop, *session) error) error {
	return o.do(func(l *loop) error {
		s := l.sessions[id]
		if s == nil {
			return ErrCallNotFound
		}
		return f(l, s)
	})
}

// talking runs f on a confirmed session; other states are ErrInvalidState.
func (o *Operator) talking(id CallID, f func(*loop, *session)) error {
	return o.with(id, func(l *loop, s *session) error {
		if s.call.State != StateTalking {
			return ErrInvalidState
		}
		f(l, s)
		return nil
	})
}

// Subscribe calls fn with every event to come, in order, each through queue: the window passes
// fyne.Do, others a serial queue or a plain call. Events of one subscriber never overlap if queue does not overlap
// them. A nil queue is a plain call, a nil fn hears nothing. It is the contract's on(). After cancel returned, at most the one call under way still ends.
func (o *Operator) Subscribe(queue func(func()), fn func(Event)) (cancel func()) {
	return o.l.hub.subscribe(queue, fn)
}

// Snapshot is the whole state now; never nil, cheap, and the caller's own: what he does with it reaches nobody else. An event is
// delivered after the snapshot that contains its change was published.
func (o *Operator) Snapshot() *Snapshot { return o.l.snap.Load().clone() }

// AddAccount adds an account (or replaces the one with the same ID) and registers it when started. An empty ID
// becomes the URI. The error wraps ErrAccountInvalid.
func (o *Operator) AddAccount(a Account) error {
	a = a.clone()
	return o.do(func(l *loop) error { return l.addAccount(a) })
}

// RemoveAccount ends its calls, unregisters and forgets it.
func (o *Operator) RemoveAccount(id AccountID) error {
	return o.do(func(l *loop) error {
		if !l.removeAccount(id) {
			return ErrAccountNotFound
		}
		return nil
	})
}

// Start connects and registers every account (contract, start). Subscriptions made before see everything.
func (o *Operator) Start() error {
	return o.do(func(l *loop) error {
		l.started = true
		for _, a := range l.accounts {
			a.tries = 0
			l.register(a)
		}
		return nil
	})
}

// withAccount runs f on an account.
func (o *Operator) withAccount(id AccountID, f func(*loop, *account) error) error {
	return o.do(func(l *loop) error {
		for _, a := range l.accounts {
			if a.acc.ID == id {
				return f(l, a)
			}
		}
		return ErrAccountNotFound
	})
}

// Register registers the account now, whatever the back-off says.
func (o *Operator) Register(id AccountID) error {
	return o.withAccount(id, func(l *loop, a *account) error {
		a.tries = 0
		l.register(a)
		return nil
	})
}

// Unregister removes the account's binding and stays unregistered until Register.
func (o *Operator) Unregister(id AccountID) error {
	return o.withAccount(id, func(l *loop, a *account) error {
		l.unregister(a)
		return nil
	})
}

// ReRegister takes new credentials and registers again (contract, reRegister): for a PBX login that gets new
// ones. An empty user keeps the one before. It is a no-op while the registration is good. Errors: ErrAccountNotFound;
// ErrRegistryMaxTries when the tries are spent (Start and Register begin to count anew); ErrAccountInvalid.
func (o *Operator) ReRegister(id AccountID, user string, secret Secret) error {
	return o.withAccount(id, func(l *loop, a *account) error {
		if a.state.Registered {
			return nil
		}
		if a.acc.RegisterTries > 0 && a.tries > a.acc.RegisterTries {
			return ErrRegistryMaxTries
		}
		renewed := a.acc
		if renewed.Secret = secret; user != "" {
			renewed.Username = user
		}
		if err := CheckAccount(renewed); err != nil {
			return err
		}
		a.acc, a.state.Account.Username = renewed, renewed.Username
		a.renewed = a.state.Registering
		a.line.SetCredential(user, secret)
		l.register(a)
		return nil
	})
}

// Disconnect unregisters every account and closes its transport (contract, disconnect), as soon as the calls that run over it
// have ended; Start begins again.
func (o *Operator) Disconnect() error {
	return o.do(func(l *loop) error {
		l.started = false
		for _, a := range l.accounts {
			l.disconnect(a)
		}
		return nil
	})
}

// Destroy ends all calls, unregisters (both within ctx, and two seconds at most), cancels every subscription
// after it got what was still to be told, and frees every device and socket. When it returned, no goroutine is left
// but a subscriber's that is stuck in its own callback. A subscriber should leave it to another goroutine, since it waits for all
// of them: then, and where one is stuck, it gives up after ten seconds. Twice is allowed. Errors: ErrCanceled, ErrSubscriberStuck; all
// but the subscribers has ended then, too.
func (o *Operator) Destroy(ctx context.Context) error {
	o.destroy.Do(func() { o.shutDown(ctx) })
	patience := time.NewTimer(subscriberLimit)
	defer patience.Stop()
	select {
	case <-o.subs:
	case <-ctx.Done():
		return canceled(ctx)
	case <-patience.C:
		return ErrSubscriberStuck
	}
	return nil
}

func (o *Operator) shutDown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, endingLimit)
	defer cancel()
	o.l.post((*loop).beginEnd)
	select {
	case <-o.l.idle:
	case <-ctx.Done():
	}
	var lines []Line
	_ = o.ask(func(l *loop) error { // cannot fail: the loop runs until box.close below
		lines = l.dismantle()
		return nil
	})
	var wg sync.WaitGroup
	for _, line := range lines {
		wg.Go(func() { line.Close(remaining(ctx)) }) // a server that has been silent so long gets no more time
	}
	wg.Wait()
	o.l.closers.Wait()
	o.l.cfg.Media.Shutdown()
	o.l.box.close()
	<-o.done
	o.subs = o.l.hub.close()
}

// remaining is the time until ctx ends, which has a deadline; 0 when it has ended.
func remaining(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline()
	if ctx.Err() != nil {
		return 0
	}
	return max(time.Until(deadline), 0)
}

// beginEnd hangs up everything and unregisters.
func (l *loop) beginEnd() {
	l.closing = true
	for _, r := range slices.Clone(l.requests) {
		l.dropRequest(r, 603, CauseRejected)
	}
	for _, s := range append([]*session(nil), l.order...) {
		l.hangup(s, 480)
	}
	for _, a := range l.accounts {
		l.unregister(a)
	}
}

// dismantle stops what could still act and gives the lines away to be closed.
func (l *loop) dismantle() (lines []Line) {
	for _, s := range append([]*session(nil), l.order...) {
		l.finish(s, CauseTerminated, 0, true)
	}
	for _, r := range l.requests {
		r.expiry.stop()
	}
	for _, a := range l.accounts {
		a.retry.stop()
		a.expiry.stop()
		lines = append(lines, a.line)
	}
	l.busyTimer.stop()
	l.busyTone = ToneNone
	return lines
}
