package wiring

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/native"
	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/record"
	"github.com/hookswitch/hookswitch/phone/sipua"
	"github.com/hookswitch/hookswitch/phone/sipua/locate"
)

// destroyLimit is how long Close gives the operator to say goodbye.
const destroyLimit = 4 * time.Second

// Options say what a Phone is made of; the zero value is a person's desktop without an account.
type Options struct {
	// Accounts are known from the start.
	Accounts []phone.Account
	// Demo starts the embedded PBX and adds an account on it; Fault is what it does wrong on purpose.
	Demo  bool
	Fault demopbx.Fault
	// DeviceIDs are the devices chosen at first, by id or name; empty: the system's default.
	DeviceIDs phone.DeviceIDs
	// Recording are the user's choices about recording; RecordFolder is where recordings lie where these name none.
	Recording    phone.RecordSettings
	RecordFolder string
	// Quiet keeps all tones off.
	Quiet bool
	// NoVoiceProcessing sends what real microphones hear as it is. Virtual ones are never processed.
	NoVoiceProcessing bool
	// AllowSilence lets calls go on without a microphone.
	AllowSilence bool
	// Loopback lets media travel over the loopback interface, for peers on this machine. It is implied by
	// Demo and by an account whose server is on it.
	Loopback bool
	// NoHardware leaves the machine's own devices alone: only virtual ones exist.
	NoHardware bool
	// Probe is a virtual device by which a program measures itself; nil: none.
	Probe *virtual.Probe
	// Trace gets the SIP messages, secrets removed; nil: none.
	Trace io.Writer
	// Logger gets technical messages without secrets; nil: none.
	Logger *slog.Logger
	// Directory names who calls; nil: nobody does.
	Directory phone.Directory
	// Resolver finds the servers of accounts that name none; nil: the system's name servers.
	Resolver *locate.Resolver
}

// Phone is an operator with its real ports. Start the operator yourself: subscriptions come before that.
type Phone struct {
	Operator *phone.Operator
	Devices  *devices.Registry

	options    Options
	transports *transports

	mu   sync.Mutex
	demo *demopbx.PBX
	done bool
}

// New builds a phone. Nothing happens on the network, no device is opened. ctx bounds the demo PBX's life.
func New(ctx context.Context, o Options) (*Phone, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Phone{options: o, transports: &transports{log: o.Logger, loopback: o.Loopback || o.Demo || anyLocal(o.Accounts)}}
	carriers, err := p.transports.byPolicy()
	if err != nil {
		return nil, err
	}
	// The key of DTLS takes milliseconds that the first call should not wait for, nor the registration.
	p.transports.prepare()
	p.Devices = devices.New(p.backends()...)
	p.choose(o.DeviceIDs)
	engine := media.New(media.Config{
		Devices: p.Devices, Transports: carriers,
		Logger: o.Logger.With("room", "media"), Quiet: o.Quiet, DeviceIDs: o.DeviceIDs,
		Recorders: record.Files{Folder: o.RecordFolder},
	})
	p.Operator = phone.New(phone.Config{
		Signalling: sipua.New(sipua.Options{Logger: o.Logger.With("room", "sipua"), Trace: o.Trace, Resolver: o.Resolver}),
		Media:      engine, Devices: p.Devices, Logger: o.Logger.With("room", "phone"),
		AllowSilence: o.AllowSilence, NoVoiceProcessing: o.NoVoiceProcessing, DeviceIDs: o.DeviceIDs, Recording: o.Recording, Directory: o.Directory,
	})
	if err := p.addAccounts(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// RecordFolder is where recordings lie unless the user chooses.
func (p *Phone) RecordFolder() string { return p.options.RecordFolder }

func (p *Phone) backends() []devices.Backend {
	var backends []devices.Backend
	if !p.options.NoHardware {
		backends = append(backends, native.New())
	}
	if p.options.Probe != nil {
		return append(backends, virtual.New(p.options.Probe))
	}
	return append(backends, virtual.New())
}

// choose tells the registry which virtual devices count.
func (p *Phone) choose(ids phone.DeviceIDs) {
	for _, c := range []struct {
		kind devices.Kind
		id   string
	}{{devices.Microphone, ids.Microphone}, {devices.Speaker, ids.Speaker}, {devices.Camera, ids.Camera}} {
		if c.id != "" {
			p.Devices.Choose(c.kind, c.id)
		}
	}
}

func (p *Phone) addAccounts(ctx context.Context) error {
	if p.options.Demo {
		account, err := p.StartDemo(ctx)
		if err != nil {
			return err
		}
		if err := p.Operator.AddAccount(account); err != nil {
			return err
		}
	}
	for _, account := range p.options.Accounts {
		if err := p.Operator.AddAccount(account); err != nil {
			return err
		}
	}
	return nil
}

// StartDemo starts the embedded PBX, once, and returns an account on it that is not yet the operator's.
func (p *Phone) StartDemo(context.Context) (phone.Account, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return phone.Account{}, phone.ErrDestroyed
	}
	if p.demo == nil {
		local := &transports{log: p.options.Logger, loopback: true}
		local.prepare()
		// Not the caller's context: the PBX lives as long as this phone.
		demo, err := demopbx.Start(context.Background(), demopbx.Options{
			Fault: p.options.Fault, Transports: local, Logger: p.options.Logger.With("room", "demopbx")})
		if err != nil {
			return phone.Account{}, err
		}
		p.demo = demo
		p.transports.allowLoopback()
	}
	return DemoAccount(p.demo, 0), nil
}

// DemoAccount is the i-th extension of a demo PBX as the operator's account, over WSS.
func DemoAccount(pbx *demopbx.PBX, i int) phone.Account {
	a := pbx.Account(i)
	return phone.Account{
		ID: phone.AccountID("demo-" + a.User), URI: a.URI, Server: a.WSS, CA: a.CAFile, Username: a.User, Secret: phone.NewPassword(a.Password),
		DisplayName: "Demo " + a.User, Media: phone.MediaWebRTC, RecordPermissions: 2, Temporary: true,
	}
}

// Close ends calls and registrations properly, within some seconds, and frees everything. Twice is allowed.
func (p *Phone) Close() {
	p.mu.Lock()
	if p.done {
		p.mu.Unlock()
		return
	}
	p.done = true
	demo := p.demo
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), destroyLimit)
	defer cancel()
	if err := p.Operator.Destroy(ctx); err != nil {
		p.options.Logger.Warn("the operator did not end in time", "err", err)
	}
	if demo != nil {
		demo.Close()
	}
	p.Devices.Close()
	p.transports.wait()
}

// anyLocal reports whether an account's server is on this very machine.
func anyLocal(accounts []phone.Account) bool {
	for _, a := range accounts {
		if isLoopback(a.Host()) {
			return true
		}
	}
	return false
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
