package phone_test

import (
	"errors"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestARangeOfPortsIsReadAndHoldsACall(t *testing.T) {
	for text, pairs := range map[string]int{
		"": 0, "16384-16482": 49, "1024-1025": 1, "1025-1027": 1, "1025-1028": 1, "65534-65535": 1, "1024-65535": 32256,
		"1025-1026": -1, "1024-1024": -1, "1023-2000": -1, "0-0": -1, "0-70000": -1, "2000-1999": -1, "2000": -1, "-2000": -1, "a-b": -1, "2000-2010-2020": -1, " 2000-2010": -1,
	} {
		r, err := phone.ParsePortRange(text)
		switch {
		case pairs < 0:
			if !errors.Is(err, phone.ErrAccountInvalid) {
				t.Errorf("%q: %v %v", text, r, err)
			}
		case err != nil || text != "" && r.Pairs() != pairs || r.String() != text:
			t.Errorf("%q: %v, %d pairs, %v", text, r, r.Pairs(), err)
		}
	}
}
