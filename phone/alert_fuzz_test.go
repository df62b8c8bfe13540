package phone

import "testing"

// FuzzAlerting: whatever a server writes, the ring is one of ours and the delay is bounded.
func FuzzAlerting(f *testing.F) {
	for _, s := range []string{"<http://x>;info=alert-autoanswer;delay=0", "Auto;require", "<<>>;=;\"", "<sip:x>;answer-after=99999999999999999999"} {
		f.Add("Alert-Info", s)
		f.Add("Call-Info", s)
		f.Add("Answer-Mode", s)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		a := alertingOf([]Header{{Name: name, Value: value}})
		if !a.ring.Rings() || a.after < 0 || a.after > mostAnswerDelay || a.must && !a.auto {
			t.Errorf("%s: %q: %+v", name, value, a)
		}
	})
}
