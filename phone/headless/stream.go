package headless

import (
	"context"
	"errors"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// mostWaiting is how many events may wait for one slow reader before it is dropped.
const mostWaiting = 1024

// ErrSlow: a reader of events did not keep up.
var ErrSlow = errors.New("headless: the reader of events is too slow")

// StreamEvents calls write with each event to come, as a JSON line without its end, until ctx ends or
// write fails. A reader that does not keep up is dropped, so that it can hold up nobody.
func (e *Executor) StreamEvents(ctx context.Context, write func(line []byte) error) error {
	lines := make(chan []byte, mostWaiting)
	slow := make(chan struct{}, 1)
	cancel := e.op.Subscribe(func(f func()) { f() }, func(event phone.Event) {
		select {
		case lines <- EventLine(event):
		default:
			select {
			case slow <- struct{}{}:
			default:
			}
		}
	})
	defer cancel()
	for {
		select {
		case line := <-lines:
			if err := write(line); err != nil {
				return err
			}
		case <-slow:
			return ErrSlow
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// LinkLine is the event of a link that was handed over: it is told, never dialled.
func LinkLine(number string) []byte {
	return object{{"t", seconds(time.Now())}, {"event", "link"}, {"number", number}}.line()
}
