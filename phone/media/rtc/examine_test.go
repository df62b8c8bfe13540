package rtc

import (
	"bytes"
	"errors"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// TestExamine: the offers of browsers and servers would be answered, those of desk phones and of garbage not.
func TestExamine(t *testing.T) {
	for _, name := range []string{"chromium-offer", "jssip-offer", "asterisk-offer", "gateway-offer"} {
		offer := fixture(t, name)
		if err := Examine(offer); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := Examine(bytes.ReplaceAll(offer, []byte("ice-ufrag"), []byte("x"))); !errors.Is(err, phone.ErrMediaIncompatible) {
			t.Errorf("%s without ICE: %v", name, err)
		}
	}
	if err := Examine([]byte("hello")); !errors.Is(err, phone.ErrMediaMalformed) {
		t.Error(err)
	}
}
