package wiring

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/hookswitch/hookswitch/phone/control"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/store"
)

// Build makes the phone that the flags describe, with the stored accounts when they name none. in is where the
// account "-" comes from, problems where technical messages go. book is nil unless stored is true or no account was
// named. After the phone's Close, call closing.
func (f *Flags) Build(ctx context.Context, in io.Reader, problems io.Writer, stored bool) (p *Phone, book *store.Store, closing func(), err error) {
	log := f.Logger(problems)
	o, closing, err := f.Options(in, log)
	if err != nil {
		return nil, nil, closing, err
	}
	if stored || len(o.Accounts) == 0 && !f.Demo {
		if book, err = f.openStore(log); err != nil {
			return nil, nil, closing, err
		}
		closing = both(func() { _ = book.Close() }, closing)
		if len(o.Accounts) == 0 && !f.Demo {
			o.Accounts, err = book.List()
			if errors.Is(err, store.ErrNoKeyring) {
				log.Warn("passwords must be entered again", "err", err)
			} else if err != nil {
				return nil, nil, closing, err
			}
		}
	}
	if err := f.recording(&o, book, log); err != nil {
		return nil, nil, closing, err
	}
	if book != nil {
		closing = both(askContacts(&o, book, log), closing)
	}
	p, err = New(ctx, o)
	if err == nil && book != nil {
		keepRecording(p.Operator, book, log)
		closing = both(f.keepHistory(p.Operator, book, log), closing)
	}
	return p, book, closing, err
}

func both(first, second func()) func() { return func() { first(); second() } }

// openStore opens the profile's store. A damaged one was moved aside: that is told, and a new one serves.
func (f *Flags) openStore(log *slog.Logger) (*store.Store, error) {
	dir, err := f.ProfileDir()
	if err != nil {
		return nil, err
	}
	book, err := store.Open(dir, nil)
	if damaged, ok := errors.AsType[*store.DamagedError](err); ok {
		log.Error("the accounts could not be read", "err", damaged)
		return book, nil
	}
	return book, err
}

// ProfileDir is where this profile's state lies.
func (f *Flags) ProfileDir() (string, error) {
	if f.Profile != "" {
		return filepath.Abs(f.Profile)
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "hookswitch"), nil
}

// serve lets ctl, links and second starts reach this instance until stop is called; stop waits.
func serve(ctx context.Context, server *control.Server, log *slog.Logger, h control.Handler) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(ctx, h); err != nil {
			log.Warn("commands and links do not reach this instance any more", "err", err)
		}
	}()
	return func() { cancel(); <-done }
}

// Faceless runs the phone without a window until in ends, someone says quit, or ctx ends.
func (f *Flags) Faceless(ctx context.Context, links []string, in io.Reader, out, problems io.Writer) error {
	p, book, closing, err := f.Build(ctx, in, problems, false)
	defer closing()
	if err != nil {
		return err
	}
	defer p.Close()
	executor := withBook(headless.NewExecutor(p.Operator, p.Devices), book)
	defer executor.Close()
	told := make(chan []byte, 16)
	show := func(number string) {
		select {
		case told <- headless.LinkLine(number):
		default: // nobody reads the events; a link more is no news
		}
	}
	for _, link := range links {
		number, err := control.ParseLink(link)
		if err != nil {
			return err
		}
		show(number)
	}
	server, err := control.Listen(f.Profile)
	switch {
	case err == nil:
		defer serve(ctx, server, f.Logger(problems), Handler{Executor: executor, Show: show})()
	case !errors.Is(err, control.ErrRunning) || f.Account == "" && !f.Demo:
		return err
	default: // an account of this run only may run beside the instance; ctl speaks to that one then
	}
	return headless.Run(ctx, p.Operator, in, out, headless.Options{
		Executor: executor, AutoAnswer: f.AutoAnswer, Beep: !f.Demo && !f.Quiet, Extra: told})
}
