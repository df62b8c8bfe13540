package wiring

import (
	"context"

	"github.com/hookswitch/hookswitch/phone/control"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// Handler serves the control socket with an operator's executor.
type Handler struct {
	*headless.Executor
	// Show is told the number of a link that was handed over; it must return at once.
	Show func(number string)
}

var _ control.Handler = Handler{}

// ShowLink implements control.Handler.
func (h Handler) ShowLink(number string) { h.Show(number) }

// Events implements control.Handler.
func (h Handler) Events(ctx context.Context, write func([]byte) error) error {
	return h.StreamEvents(ctx, write)
}
