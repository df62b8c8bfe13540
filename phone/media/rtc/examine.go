package rtc

import (
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

var _ media.Examiner = (*Factory)(nil)

// Examine implements media.Examiner.
func (f *Factory) Examine(_ phone.LegOptions, offer []byte) error { return Examine(offer) }

// Examine reports whether an offer could be answered with ICE and DTLS; see media.Examiner. It needs no factory.
func Examine(offer []byte) error {
	d, err := parseDescription(offer, -1)
	if err != nil {
		return err
	}
	_, err = ours.Agree(d.Formats)
	return err
}
