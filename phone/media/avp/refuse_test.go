package avp

import (
	"errors"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func wantIncompatible(t *testing.T, err error, what string) {
	t.Helper()
	if !errors.Is(err, phone.ErrMediaIncompatible) {
		t.Errorf("%s: %v", what, err)
	}
}
