package rtc

import (
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

var (
	_ media.Examiner      = (*Factory)(nil)
	_ media.VideoExaminer = (*Factory)(nil)
)

// OffersVideo implements media.VideoExaminer.
func (f *Factory) OffersVideo(offer []byte) bool { return OffersVideo(offer) }

// OffersVideo reports whether an offer has video that we could take; see media.VideoExaminer. It needs no factory.
func OffersVideo(offer []byte) bool {
	d, err := parseDescription(offer, -1)
	if err != nil {
		return false
	}
	_, found := d.findVideo(-1)
	return found
}

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
