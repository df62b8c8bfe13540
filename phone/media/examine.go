package media

import "github.com/hookswitch/hookswitch/phone"

// Examiner is a factory that can look at an offer before there is a leg for it.
type Examiner interface {
	// Examine reports whether the offer could be answered under these options: whether it can be read, and has a codec
	// and a profile in common with ours. It opens nothing, waits for nothing and may be called from any goroutine. The
	// error wraps phone.ErrMediaIncompatible or phone.ErrMediaMalformed.
	Examine(o phone.LegOptions, offer []byte) error
}

// VideoExaminer is a factory whose transports are VideoTransports.
type VideoExaminer interface {
	// OffersVideo reports whether the offer has video that could be taken; otherwise it is as Examine.
	OffersVideo(offer []byte) bool
}

// factory is the one for these options.
func (e *Engine) factory(o phone.LegOptions) TransportFactory {
	if f := e.config.Transports[o.Policy]; f != nil {
		return f
	}
	return e.config.Transports[phone.MediaDefault]
}

// Examine implements phone.Media: it asks the policy's factory.
func (e *Engine) Examine(o phone.LegOptions, offer []byte) error {
	if x, ok := e.factory(o).(Examiner); ok {
		return x.Examine(o, offer)
	}
	return nil
}

// OffersVideo implements phone.Media: it asks the policy's factory.
func (e *Engine) OffersVideo(o phone.LegOptions, offer []byte) bool {
	x, ok := e.factory(o).(VideoExaminer)
	return ok && x.OffersVideo(offer)
}
