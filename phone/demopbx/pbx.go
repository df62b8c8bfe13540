package demopbx

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/hookswitch/hookswitch/phone/media"
)

// Fault names something that the PBX does wrong on purpose, to see that a check notices.
type Fault string

// The faults.
const (
	FaultNone Fault = ""
	// FaultSilent: the echo answers and RTP flows, but holds silence.
	FaultSilent Fault = "silent"
	// FaultDeaf: calls are answered, but no RTP ever comes back.
	FaultDeaf Fault = "deaf"
	// FaultWrongPassword: the registrar refuses the very credential that Account tells.
	FaultWrongPassword Fault = "wrong-password"
)

// ErrFault is returned by Start for a fault that it does not know.
var ErrFault = errors.New("demopbx: unknown fault")

// ErrClosed is returned by methods of a PBX that was closed.
var ErrClosed = errors.New("demopbx: closed")

// Options configure a PBX. The zero value gives three extensions, no fault and no log.
type Options struct {
	// Users is the number of extensions, 1001 and up; 0 means 3, at most 99.
	Users int
	// Fault is something to do wrong.
	Fault Fault
	// Transports makes the media of the numbers 600 … 607; nil: ICE and DTLS-SRTP on loopback only.
	// A phone that offers RTP, SDES or DTLS without ICE gets that, on loopback only.
	Transports media.TransportFactory
	// Logger gets what happens, without any secret; nil: nothing is logged.
	Logger *slog.Logger
	// PingInterval is the time between WebSocket PINGs; 0 means 5 s.
	PingInterval time.Duration
	// CallbackDelay is how long 606 waits before it calls back; 0 means 3 s.
	CallbackDelay time.Duration

	pongTimeout time.Duration // until a PING counts as unanswered; tests make it short
}

const (
	defaultUsers   = 3
	mostUsers      = 99
	firstExtension = 1001
	maxLegs        = 10 // calls with the PBX itself at one time
	maxInflight    = 256
)

// PBX is a running demo PBX. Its methods may be called from any goroutine.
type PBX struct {
	log           *slog.Logger
	fault         Fault
	transports    media.TransportFactory
	plain         media.TransportFactory // for phones without ICE
	kinds         map[string]mediaKind   // what each extension offered last
	pingInterval  time.Duration
	pongTimeout   time.Duration
	callbackDelay time.Duration
	timers        timers
	accounts      []Account
	caDir         string
	sounds        *soundLibrary
	parser        *sip.Parser
	sockets       listeners

	ctx      context.Context
	cancel   context.CancelFunc
	mail     *mailbox
	inflight chan struct{} // one slot for each message on its way to the loop
	work     sync.WaitGroup
	workMu   sync.Mutex
	stopping bool
	closed   sync.Once
	loopDone chan struct{}

	pongs, pongsMissed atomic.Uint64

	// Below: the loop's own.
	flows      map[uint64]*flow
	udpFlows   map[netip.AddrPort]*flow
	nextFlow   uint64
	registrar  *registrar
	nonces     *nonceStore
	servers    map[string]*serverTx
	clients    map[string]*clientTx
	legs       map[string]*leg // by our tag
	proxied    map[string]*proxied
	journal    journal
	refuse     int // status for every REGISTER, 0: none
	watchers   map[chan struct{}]func() bool
	finalizing bool
}

// Start opens the listeners on loopback and serves until Close, or until ctx ends. The error
// wraps ErrFault, or is that of a socket.
func Start(ctx context.Context, o Options) (*PBX, error) {
	switch o.Fault {
	case FaultNone, FaultSilent, FaultDeaf, FaultWrongPassword:
	default:
		return nil, fmt.Errorf("%w: %q", ErrFault, o.Fault)
	}
	p, err := newPBX(o)
	if err != nil {
		return nil, err
	}
	certificate, authority, err := newCertificate()
	if err == nil {
		err = p.listen(certificate)
	}
	if err == nil {
		p.caDir, err = os.MkdirTemp("", "hookswitch-demo-")
	}
	caFile := filepath.Join(p.caDir, "ca.pem")
	if err == nil {
		err = os.WriteFile(caFile, authority, 0o600)
	}
	if err == nil {
		p.makeAccounts(o.Users, caFile, authority)
	}
	go p.loop()
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("demopbx: start: %w", err)
	}
	stop := context.AfterFunc(ctx, p.Close)
	context.AfterFunc(p.ctx, func() { stop() })
	return p, nil
}

func newPBX(o Options) (*PBX, error) {
	sounds, err := loadSounds()
	if err != nil {
		return nil, err
	}
	if o.Transports == nil {
		if o.Transports, err = loopbackMedia(o.Logger); err != nil {
			return nil, err
		}
	}
	plain, err := plainMedia(o.Logger)
	if err != nil {
		return nil, err
	}
	p := &PBX{
		log: o.Logger, fault: o.Fault, transports: o.Transports, plain: plain, kinds: map[string]mediaKind{},
		pingInterval: o.PingInterval, pongTimeout: o.pongTimeout, callbackDelay: o.CallbackDelay,
		timers: defaultTimers(), sounds: sounds, parser: sip.NewParser(),
		mail: newMailbox(), inflight: make(chan struct{}, maxInflight), loopDone: make(chan struct{}),
		flows: map[uint64]*flow{}, udpFlows: map[netip.AddrPort]*flow{},
		registrar: newRegistrar(), nonces: newNonceStore(),
		servers: map[string]*serverTx{}, clients: map[string]*clientTx{},
		legs: map[string]*leg{}, proxied: map[string]*proxied{}, watchers: map[chan struct{}]func() bool{},
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.pingInterval <= 0 {
		p.pingInterval = 5 * time.Second
	}
	if p.pongTimeout <= 0 {
		p.pongTimeout = 10 * time.Second
	}
	if p.callbackDelay <= 0 {
		p.callbackDelay = 3 * time.Second
	}
	// The parent is not Start's ctx: Close must have its own order of things also when that ends.
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// Close ends every call with BYE, closes every socket and returns when no goroutine is left.
func (p *PBX) Close() {
	p.closed.Do(func() {
		ended := make(chan struct{})
		if p.mail.post(func() { p.hangUpAll(); close(ended) }) {
			select {
			case <-ended:
			case <-time.After(2 * time.Second):
			}
		}
		p.drain()
		p.workMu.Lock()
		p.stopping = true
		p.workMu.Unlock()
		p.cancel()
		p.sockets.close()
		p.mail.close()
		<-p.loopDone
		for _, f := range p.flows { // the loop has ended: its state is ours
			f.close()
		}
		p.work.Wait()
		if p.caDir != "" {
			_ = os.RemoveAll(p.caDir)
		}
	})
	<-p.loopDone
	p.work.Wait()
}

// drain gives the connections' writers a moment for the last BYEs.
func (p *PBX) drain() {
	deadline := time.NewTimer(300 * time.Millisecond)
	defer deadline.Stop()
	for {
		pending := make(chan int, 1)
		if !p.mail.post(func() { pending <- p.pendingByes() }) {
			return
		}
		select {
		case n := <-pending:
			if n == 0 {
				return
			}
		case <-deadline.C:
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline.C:
			return
		}
	}
}

func (p *PBX) loop() {
	defer close(p.loopDone)
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.mail.wake:
			for _, fn := range p.mail.take() {
				fn()
			}
			p.notifyWatchers()
		}
	}
}

// spawn runs fn in a goroutine that Close waits for; while closing it does not run at all.
func (p *PBX) spawn(fn func()) {
	if leave, ok := p.enter(); ok {
		go func() { defer leave(); fn() }()
	}
}

// enter counts the calling goroutine among those that Close waits for.
func (p *PBX) enter() (leave func(), ok bool) {
	p.workMu.Lock()
	defer p.workMu.Unlock()
	if p.stopping {
		return nil, false
	}
	p.work.Add(1)
	return p.work.Done, true
}

// after runs fn in the loop after d, unless the timer is stopped. A timer that fired but was
// stopped before the loop came to it still runs: fn looks at the state again.
func (p *PBX) after(d time.Duration, fn func()) *time.Timer {
	return time.AfterFunc(d, func() { p.mail.post(fn) })
}

// ask runs fn in the loop and waits for it.
func (p *PBX) ask(ctx context.Context, fn func()) error {
	done := make(chan struct{})
	if !p.mail.post(func() { fn(); close(done) }) {
		return ErrClosed
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.loopDone:
		return ErrClosed
	}
}

// httpLog keeps net/http's own complaints out of stderr.
func (p *PBX) httpLog() *log.Logger { return slog.NewLogLogger(p.log.Handler(), slog.LevelDebug) }
