package wiring

import (
	"context"
	"errors"
	"io"

	"github.com/hookswitch/hookswitch/phone/control"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// ErrRefused: the command was understood and refused; what was to be said is said.
var ErrRefused = errors.New("refused")

// Ctl hands one command to the running instance of the profile and prints its reply, or its events until ctx ends. The error is
// nil where the command was accepted, and ErrRefused where its reply says that it was not.
func (f *Flags) Ctl(ctx context.Context, words []string, out io.Writer) error {
	if len(words) == 1 && words[0] == "events" {
		return control.Events(ctx, f.Profile, out)
	}
	reply, accepted, err := control.Send(ctx, f.Profile, headless.Join(words))
	if err != nil {
		return err
	}
	if _, err := out.Write(reply); err != nil {
		return err
	}
	if !accepted {
		return ErrRefused
	}
	return nil
}
