package avp

import (
	"fmt"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

var _ media.Examiner = (*Factory)(nil)

// Examine implements media.Examiner; phone.MediaDefault means phone.MediaRTP.
func (f *Factory) Examine(o phone.LegOptions, offer []byte) error {
	p, err := policyOf(o)
	if err != nil {
		return err
	}
	d, m, err := p.read(offer, -1, true)
	if err != nil {
		return err
	}
	if _, err := known.Agree(d.Formats); err != nil {
		return err
	}
	if m == inTheClear {
		return nil
	}
	if m == byDTLS {
		if _, _, err := d.Fingerprint(); err != nil {
			return err
		}
		if _, err := d.Setup(); err != nil {
			return err
		}
	}
	if !usable(d, m) {
		return fmt.Errorf("avp: no crypto suite or hash in common: %w", phone.ErrMediaIncompatible)
	}
	return nil
}
