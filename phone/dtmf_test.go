package phone

import (
	"strings"
	"testing"
)

func TestADigitIsReadFromEachFormOfInfo(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		want       rune
	}{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5'}, {"application/dtmf-relay", "Duration=100\nSIGNAL = d", 'D'},
		{"application/dtmf", "#", '#'}, {"application/dtmf", " 10\r\n", '*'}, {"application/dtmf", "15", 'D'},
		{"application/dtmf", "Signal=7", '7'}, {"Application/DTMF-Relay;x=y", "3", '3'},
		{"application/dtmf", "16", 0}, {"application/dtmf", "", 0}, {"application/dtmf-relay", "Signal=", 0},
		{"application/dtmf-relay", "Signal=55", 0}, {"text/plain", "5", 0}, {"", "5", 0}, {"application/dtmf", "\x00", 0},
	} {
		got, ok := digitOfInfo(c.kind, []byte(c.body))
		if got != c.want || ok != (c.want != 0) {
			t.Errorf("%s %q: %q %v", c.kind, c.body, got, ok)
		}
	}
}

func FuzzDigitOfInfo(f *testing.F) {
	f.Add("application/dtmf-relay", []byte("Signal=5\r\nDuration=160\r\n"))
	f.Add("application/dtmf", []byte("#"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		digit, ok := digitOfInfo(kind, body)
		if ok != strings.ContainsRune("0123456789*#ABCD", digit) {
			t.Fatalf("%q %v", digit, ok)
		}
	})
}
