// Hookswitch is a softphone: a window, a command line, and a JSON-lines face for scripts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/hookswitch/hookswitch/app"
	"github.com/hookswitch/hookswitch/phone/control"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// version is set by the linker.
var version = "devel"

func main() {
	// A reader that goes away (| head) ends us properly, with BYE and un-REGISTER, not by a signal.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	if !errors.Is(err, wiring.ErrRefused) {
		_, _ = fmt.Fprintln(os.Stderr, "hookswitch:", headless.Sentence(err))
	}
	os.Exit(1)
}

// run chooses the form of the program.
func run(ctx context.Context, args []string, in io.Reader, out, problems io.Writer) error {
	flags := wiring.NewFlags()
	rest, err := flags.ParseFlags(args, problems)
	if err != nil {
		return err
	}
	form := ""
	if len(rest) > 0 && !control.IsLink(rest[0]) {
		form = rest[0]
		if rest, err = flags.ParseFlags(rest[1:], problems); err != nil {
			return err
		}
	}
	switch {
	case (form == "version" || form == "doctor") && len(rest) > 0:
		return fmt.Errorf("%s takes flags only, not %q", form, rest[0])
	case form == "version":
		_, err = fmt.Fprintln(out, "hookswitch", version, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
		return err
	case form == "ctl":
		return flags.Ctl(ctx, rest, out)
	case form == "doctor":
		return doctor(ctx, flags, in, out, problems)
	case form != "":
		return fmt.Errorf("there is no form %q; -help lists them", strings.Join(append([]string{form}, rest...), " "))
	case flags.Headless:
		return flags.Faceless(ctx, rest, in, out, problems)
	}
	return window(ctx, flags, rest, in, out, problems)
}

// doctor examines the machine and says what it found.
func doctor(ctx context.Context, flags *wiring.Flags, in io.Reader, out, problems io.Writer) error {
	well, err := flags.Doctor(ctx, in, out, problems)
	if err == nil && !well {
		return wiring.ErrRefused
	}
	return err
}

// window shows the window, or brings up the one that is there; a link's number is shown in it.
func window(ctx context.Context, flags *wiring.Flags, links []string, in io.Reader, out, problems io.Writer) error {
	place, handed, err := flags.TakePlace(ctx, links, out)
	if handed || err != nil {
		return err
	}
	w, err := flags.Window(ctx, in, problems)
	if err != nil {
		return errors.Join(err, place.Close())
	}
	defer w.Close()
	a := app.New(app.Deps{
		Operator: w.Operator, Devices: w.Devices, Accounts: w.Book, Calls: w.Book, StartDemo: w.StartDemo, Demo: flags.Demo,
		Version: version, Profile: w.Profile, RecordFolder: w.RecordFolder(), Tell: w.Tell, Logger: w.Log,
	})
	defer w.Serve(ctx, place, a)()
	if err := w.Operator.Start(); err != nil {
		return err
	}
	if len(links) > 0 {
		if number, err := control.ParseLink(links[0]); err == nil { // TakePlace has refused others
			a.ShowLink(number)
		}
	}
	a.Run(ctx)
	return nil
}
