package wiring

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"github.com/hookswitch/hookswitch/phone/control"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/store"
)

// TakePlace makes this process the profile's instance. If there is one already, it is handed the link, or brought
// to the front, its reply goes to out, and handed is true. More than one link is refused, and one that must not be dialled.
func (f *Flags) TakePlace(ctx context.Context, links []string, out io.Writer) (place *control.Server, handed bool, err error) {
	if len(links) > 1 {
		return nil, false, errors.New("one link at a time")
	}
	line := "raise"
	if len(links) == 1 {
		if _, err := control.ParseLink(links[0]); err != nil {
			return nil, false, err
		}
		line = "link " + links[0]
	}
	place, err = control.Listen(f.Profile)
	if !errors.Is(err, control.ErrRunning) {
		return place, false, err
	}
	reply, accepted, err := control.Send(ctx, f.Profile, line)
	if err != nil {
		return nil, true, err
	}
	if !accepted && len(links) == 0 {
		return nil, true, errors.New("a phone without a window (-headless) runs for this profile; end it with ctl quit, or choose another -profile")
	}
	if !accepted {
		err = errors.New("the running instance refused it")
	}
	_, failed := out.Write(reply)
	return nil, true, errors.Join(err, failed)
}

// Window is the phone that a window shows.
type Window struct {
	*Phone
	Book *store.Store
	// Profile is the folder of the profile's state.
	Profile string
	// Tell is nil unless -tell was given.
	Tell io.Writer
	Log  *slog.Logger

	executor *headless.Executor
	closing  func()
}

// Window builds the phone of a window: the stored accounts, and those that the flags name.
func (f *Flags) Window(ctx context.Context, in io.Reader, problems io.Writer) (*Window, error) {
	if f.AutoAnswer { // behind a window, a person should see to whom the microphone opens
		return nil, errors.New("-auto-answer needs -headless")
	}
	profile, err := f.ProfileDir()
	if err != nil {
		return nil, err
	}
	w := &Window{Profile: profile, Log: f.Logger(problems), closing: func() {}}
	if f.Tell != "" {
		file, err := os.OpenFile(f.Tell, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		w.Tell, w.closing = file, func() { file.Close() }
	}
	var closing func()
	w.Phone, w.Book, closing, err = f.Build(ctx, in, problems, true)
	w.closing = both(closing, w.closing)
	if err != nil {
		w.closing()
		return nil, err
	}
	w.executor = withBook(headless.NewExecutor(w.Operator, w.Devices), w.Book)
	return w, nil
}

// Screen is the window as the control socket sees it; both return at once.
type Screen interface {
	ShowLink(number string)
	Raise()
	Quit()
}

// raising serves the control socket of an instance with a window.
type raising struct {
	Handler
	screen Screen
}

var _ control.Raiser = raising{}

// Raise implements control.Raiser.
func (r raising) Raise() { r.screen.Raise() }

// Serve lets commands and links reach the window until stop is called. The verb quit quits the window.
func (w *Window) Serve(ctx context.Context, place *control.Server, screen Screen) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	quitting := make(chan struct{})
	go func() {
		defer close(quitting)
		select {
		case <-w.executor.Quit():
			screen.Quit()
		case <-ctx.Done():
		}
	}()
	served := serve(ctx, place, w.Log, raising{Handler{Executor: w.executor, Show: screen.ShowLink}, screen})
	return func() { cancel(); served(); <-quitting }
}

// Close undoes it all.
func (w *Window) Close() {
	w.executor.Close()
	w.Phone.Close()
	w.closing()
}
