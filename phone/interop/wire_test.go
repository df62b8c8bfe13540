//go:build linux

package interop

import (
	"sync"
	"testing"

	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// wire makes an operator with its real ports, whose microphone is our tone and whose speaker is the ear.
func wire(t *testing.T, ear *virtual.Probe, changes ...func(*wiring.Options)) *phone.Operator {
	t.Helper()
	trace := &lastWords{}
	o := wiring.Options{NoHardware: true, Loopback: true, Quiet: true, Probe: ear, Trace: trace,
		DeviceIDs: phone.DeviceIDs{Microphone: ourMicrophone, Speaker: "ear", Ringer: "null"}}
	for _, change := range changes {
		change(&o)
	}
	p, err := wiring.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if t.Failed() {
			t.Logf("our SIP:\n%s", trace)
		}
	})
	return p.Operator
}

// lastWords keeps the end of what is written to it, for a failure's report.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

const lastWordsKept = 16 << 10

func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	if extra := len(l.text) - lastWordsKept; extra > 0 {
		l.text = append(l.text[:0], l.text[extra:]...)
	}
	return len(p), nil
}

func (l *lastWords) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
