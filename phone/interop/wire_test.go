//go:build linux

package interop

import (
	"bytes"
	"sync"
	"testing"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
	"github.com/hookswitch/hookswitch/phone/sipua"
)

// wire makes an operator with its real ports, whose microphone is our tone and whose speaker is the ear.
func wire(t *testing.T, ear *virtual.Probe) *phone.Operator {
	t.Helper()
	trace := &traceLog{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("our SIP:\n%s", tail(trace.String(), 150))
		}
	})
	registry := devices.New(virtual.New(ear))
	t.Cleanup(registry.Close)
	transports, err := rtc.New(rtc.Options{IncludeLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	ids := phone.DeviceIDs{Microphone: ourMicrophone, Speaker: "ear", Ringer: "null"}
	registry.Choose(devices.Microphone, ids.Microphone)
	engine := media.New(media.Config{Devices: registry, DeviceIDs: ids, Quiet: true,
		Transports: map[phone.MediaPolicy]media.TransportFactory{phone.MediaDefault: transports}})
	return phone.New(phone.Config{Signalling: sipua.New(sipua.Options{Trace: trace}), Media: engine, Devices: registry, DeviceIDs: ids})
}

// traceLog keeps the SIP messages for a failure's report.
type traceLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *traceLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *traceLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
