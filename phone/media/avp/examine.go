package avp

import (
	"fmt"
	"slices"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

var _ media.Examiner = (*Factory)(nil)

// Examine implements media.Examiner; phone.MediaDefault means phone.MediaRTP.
func (f *Factory) Examine(o phone.LegOptions, offer []byte) error {
	if o.Policy == phone.MediaDefault {
		o.Policy = phone.MediaRTP
	}
	d, err := sdp.Read(offer, -1, fits(o.Policy))
	if err != nil {
		return fmt.Errorf("avp: %w", err)
	}
	if _, err := ours.Agree(d.Formats); err != nil {
		return err
	}
	switch o.Policy {
	case phone.MediaSDES:
		usable := func(value string) bool { _, ok := parseCrypto(value); return ok }
		if !slices.ContainsFunc(d.Attributes("crypto"), usable) {
			return fmt.Errorf("avp: no crypto suite in common: %w", phone.ErrMediaIncompatible)
		}
	case phone.MediaDTLS:
		if _, _, err := d.Fingerprint(); err != nil {
			return err
		}
		_, err := d.Setup()
		return err
	}
	return nil
}
