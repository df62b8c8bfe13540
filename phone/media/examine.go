package media

import "github.com/hookswitch/hookswitch/phone"

// Examiner is a factory that can look at an offer before there is a leg for it.
type Examiner interface {
	// Examine reports whether the offer could be answered under these options: whether it can be read, and has a codec
	// and a profile in common with ours. It opens nothing, waits for nothing and may be called from any goroutine. The
	// error wraps phone.ErrMediaIncompatible or phone.ErrMediaMalformed.
	Examine(o phone.LegOptions, offer []byte) error
}

// Examine implements phone.Media: it asks the policy's factory.
func (e *Engine) Examine(o phone.LegOptions, offer []byte) error {
	factory := e.config.Transports[o.Policy]
	if factory == nil {
		factory = e.config.Transports[phone.MediaDefault]
	}
	if x, ok := factory.(Examiner); ok {
		return x.Examine(o, offer)
	}
	return nil
}
