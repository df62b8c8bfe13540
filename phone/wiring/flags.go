package wiring

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// Flags are the command line's flags, which every form of the program understands.
type Flags struct {
	Profile           string
	Account           string
	Demo              bool
	Fault             string
	Devices           phone.DeviceIDs
	AutoAnswer        bool
	Quiet             bool
	NoVoiceProcessing bool
	AllowSilence      bool
	LogLevel          slog.Level
	Trace             string
	Headless          bool
	// RecordAgree is the consent that recording waits for.
	RecordAgree bool
	// JSON and Number are doctor's.
	JSON   bool
	Number string
	// Tell is a file that gets the places of the window's controls, for tests.
	Tell string

	probe *virtual.Probe // the doctor's
}

// ParseFlags reads the flags in front of the first other argument and returns what follows. Usage goes to
// usage. It may be called again with the rest behind a verb: flags already set stay. The error is
// flag.ErrHelp, or has been printed.
func (f *Flags) ParseFlags(args []string, usage io.Writer) (rest []string, err error) {
	set := flag.NewFlagSet("hookswitch", flag.ContinueOnError)
	set.SetOutput(usage)
	set.Usage = func() { printUsage(set, usage) }
	set.StringVar(&f.Profile, "profile", f.Profile, "keep all state in `DIR` instead of the user's own folders")
	set.StringVar(&f.Account, "account", f.Account, "an account for this run, from a JSON `FILE`; - is the first line of stdin")
	set.BoolVar(&f.Demo, "demo", f.Demo, "start the embedded PBX on loopback and an account on it")
	set.StringVar(&f.Fault, "fault", f.Fault, "with -demo: silent, deaf or wrong-password")
	set.StringVar(&f.Devices.Microphone, "microphone", f.Devices.Microphone, "`ID` or name; tone:440, file:a.wav and null are virtual ones")
	set.StringVar(&f.Devices.Speaker, "speaker", f.Devices.Speaker, "`ID` or name; file:a.wav and null are virtual ones")
	set.StringVar(&f.Devices.Ringer, "ringer", f.Devices.Ringer, "`ID` or name of the speaker that rings")
	set.StringVar(&f.Devices.Camera, "camera", f.Devices.Camera, "`ID` or name; pattern is a virtual one")
	set.BoolVar(&f.AutoAnswer, "auto-answer", f.AutoAnswer, "answer every call (with -headless); beeps first unless -demo or -quiet")
	set.BoolVar(&f.Quiet, "quiet", f.Quiet, "no tones")
	set.BoolVar(&f.NoVoiceProcessing, "no-voice-processing", f.NoVoiceProcessing, "send what the microphone hears as it is, this time: no echo canceller, noise suppression or gain control")
	set.BoolVar(&f.AllowSilence, "allow-silence", f.AllowSilence, "call without a microphone")
	set.TextVar(&f.LogLevel, "log-level", f.LogLevel, "debug, info, warn or error (default warn)")
	set.StringVar(&f.Trace, "trace", f.Trace, "write SIP as it went over the wire to `FILE`, secrets removed")
	set.BoolVar(&f.Headless, "headless", f.Headless, "no window: JSON lines, events on stdout, commands on stdin")
	set.BoolVar(&f.RecordAgree, "record-agree", f.RecordAgree, "agree, once and for all, to tell others that their calls are recorded")
	set.BoolVar(&f.JSON, "json", f.JSON, "with doctor: one JSON object instead of text")
	set.StringVar(&f.Number, "number", f.Number, "with doctor: the echo `NUMBER` (default 600)")
	set.StringVar(&f.Tell, "tell", f.Tell, "write to `FILE` where the window's controls are, for tests")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	return set.Args(), nil
}

func printUsage(set *flag.FlagSet, out io.Writer) {
	_, _ = fmt.Fprint(out, `hookswitch                        the window
hookswitch tel:+49… | sip:600@host   hand a link to the running instance, or start one
hookswitch ctl VERB…              one command to the running instance; exit 0 = accepted
hookswitch ctl events             its events as JSON lines, until interrupted
hookswitch -headless              no window: JSON lines, events on stdout, commands on stdin
hookswitch doctor [-demo] [-json] check devices, network, registration, relays and an echo call; exit 0 = calls work
hookswitch version

`)
	_, _ = fmt.Fprintf(out, "VERB is one of %s.\n\n", strings.Join(headless.Verbs(), ", "))
	set.PrintDefaults()
}

// mostAccount bounds an account's JSON.
const mostAccount = 64 << 10

// Options makes a phone's options of the flags: it reads the account and opens the trace. in is read
// byte by byte up to the end of its first line when the account comes from there. closing closes what was opened.
func (f *Flags) Options(in io.Reader, log *slog.Logger) (o Options, closing func(), err error) {
	closing = func() {}
	// The demo shows calls on a machine without sound, too.
	silence := f.AllowSilence || f.Demo
	o = Options{Demo: f.Demo, Fault: demopbx.Fault(f.Fault), DeviceIDs: f.Devices, Quiet: f.Quiet, NoVoiceProcessing: f.NoVoiceProcessing, AllowSilence: silence, Logger: log, Probe: f.probe}
	if f.Fault != "" && !f.Demo {
		return o, closing, errors.New("-fault needs -demo")
	}
	if f.Account != "" {
		account, err := readAccount(f.Account, in)
		if err != nil {
			return o, closing, err
		}
		o.Accounts = append(o.Accounts, account)
	}
	if f.Trace != "" {
		file, err := os.OpenFile(f.Trace, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return o, closing, fmt.Errorf("the trace cannot be written: %w", err)
		}
		o.Trace = file
		closing = func() { _ = file.Close() }
	}
	return o, closing, nil
}

// readAccount reads an account of this run only; it is never stored.
func readAccount(path string, in io.Reader) (phone.Account, error) {
	data, err := accountText(path, in)
	if err != nil {
		return phone.Account{}, fmt.Errorf("the account cannot be read: %w", err)
	}
	account, err := phone.ParseAccount(data)
	account.Temporary = true
	return account, err
}

func accountText(path string, in io.Reader) ([]byte, error) {
	if path == "-" {
		return firstLine(in)
	}
	file, err := os.Open(path) //nolint:gosec // the user named it
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, mostAccount+1)) // one more, so that ParseAccount sees that it is too long
}

// firstLine reads one line and not a byte more: what follows are commands.
func firstLine(in io.Reader) ([]byte, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) <= mostAccount {
		n, err := in.Read(one)
		if n == 1 {
			if one[0] == '\n' {
				return line, nil
			}
			line = append(line, one[0])
		}
		if errors.Is(err, io.EOF) {
			return line, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return line, nil
}

// Logger writes technical messages of the chosen level and above to out.
func (f *Flags) Logger(out io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: f.LogLevel}))
}

// NewFlags returns the defaults.
func NewFlags() *Flags { return &Flags{LogLevel: slog.LevelWarn} }
