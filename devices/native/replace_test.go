//go:build unix

package native

import (
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/pulsetest"
)

func TestAnUnpluggedMicrophoneIsReplacedWithinASecondAndComesBack(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	s.Feed("micA", 440, -20)
	s.Feed("micB", 1000, -20)
	r := house(t)
	var e ear
	m, err := r.OpenMicrophone("micB", e.frame, mustNotBeLost(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	e.hears(t, 1000, 5*time.Second)
	s.Unplug("micB")
	e.hears(t, 440, 5*time.Second)
	if silent := gap(&e.mu, &e.pace); silent > time.Second {
		t.Errorf("nothing came for %v, want 1 s at most", silent)
	}
	s.AddMicrophone("micB", "Mic B")
	e.hears(t, 1000, 5*time.Second)
}

func TestAnUnpluggedSpeakerIsReplacedWithinASecondAndComesBack(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	r := house(t)
	a := s.Record("earA")
	m := &mouth{frequency: 600}
	speaker, err := r.OpenSpeaker("earB", m.fill, mustNotBeLost(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = speaker.Close() }()
	eventually(t, 5*time.Second, "the speaker runs", func() bool { return m.calls.Load() > 50 })
	s.Unplug("earB")
	if tone, ok := a.WaitTone(600, 5*time.Second); !ok {
		t.Fatalf("the default speaker plays %v", tone)
	}
	if silent := gap(&m.mu, &m.pace); silent > time.Second {
		t.Errorf("nothing was played for %v, want 1 s at most", silent)
	}
	s.AddSpeaker("earB", "Ear B")
	s.KeepAwake("earB")
	b := s.Record("earB")
	if tone, ok := b.WaitTone(600, 5*time.Second); !ok {
		t.Errorf("the speaker that is back plays %v", tone)
	}
	eventually(t, 2*time.Second, "the default speaker is silent", func() bool {
		return pulsetest.Measure(a.Last(100 * time.Millisecond)).Silent()
	})
}

func TestTheDefaultDeviceIsFollowed(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	s.Feed("micA", 440, -20)
	s.Feed("micB", 1000, -20)
	r := house(t)
	var e ear
	m, err := r.OpenMicrophone("", e.frame, mustNotBeLost(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	e.hears(t, 440, 5*time.Second)
	s.SetDefaultMicrophone("micB")
	took := e.hears(t, 1000, 3*time.Second)
	t.Logf("followed to another default after %v", took)
	s.Unplug("micB")
	took = e.hears(t, 440, 3*time.Second)
	t.Logf("followed from an unplugged default after %v", took)
}

func TestTheLastMicrophoneIsNotReplacedByWhatTheSpeakerPlays(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	s.Unplug("micB")
	s.Feed("micA", 440, -20)
	s.FeedSink("earA", 1500, -10) // what the monitors would deliver
	s.FeedSink("earB", 1500, -10)
	r := house(t)
	var e ear
	lost := make(chan error, 10)
	m, err := r.OpenMicrophone("", e.frame, func(err error) { lost <- err })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	e.hears(t, 440, 5*time.Second)
	s.Unplug("micA")
	select {
	case err := <-lost:
		if !errors.Is(err, devices.ErrLost) {
			t.Errorf("lost with %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("nobody says that there is no microphone any more")
	}
	s.AddMicrophone("micA", "Mic A")
	e.hears(t, 440, 5*time.Second)
	if len(lost) > 0 {
		t.Error("it was told twice")
	}
	if !r.HaveMicrophone() {
		t.Error("the microphone is back and not listed")
	}
}

func TestASoundServerThatHangsDelaysNobodyWhoCloses(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	r := house(t)
	var calls atomic.Int64
	count := func([]int16) { calls.Add(1) }
	m, err := r.OpenMicrophone("micA", count, nil)
	if err != nil {
		t.Fatal(err)
	}
	speaker, err := r.OpenSpeaker("earA", func([]int16) {}, nil)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "the microphone runs", func() bool { return calls.Load() > 3 })
	s.Freeze()
	defer s.Thaw()
	for _, closing := range []struct {
		what string
		do   func()
	}{{"microphone", func() { _ = m.Close() }}, {"speaker", func() { _ = speaker.Close() }}} {
		begun := time.Now()
		closing.do()
		if took := time.Since(begun); took > time.Second { // it would be for ever; a loaded machine is slow
			t.Errorf("closing the %s took %v", closing.what, took)
		}
	}
	begun := time.Now()
	r.Close()
	if took := time.Since(begun); took > time.Second {
		t.Errorf("closing all took %v", took)
	}
}

func TestOpeningOnASoundServerThatHangsFailsInBoundedTime(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	r := house(t)
	s.Freeze()
	defer s.Thaw()
	for _, open := range []func() (io.Closer, error){
		func() (io.Closer, error) { return r.OpenMicrophone("micB", func([]int16) {}, nil) },
		func() (io.Closer, error) { return r.OpenSpeaker("earB", func([]int16) {}, nil) },
	} {
		begun := time.Now()
		if _, err := open(); !errors.Is(err, devices.ErrNotAnswering) {
			t.Errorf("it fails with %v, want ErrNotAnswering", err)
		}
		if took := time.Since(begun); took > openLimit+time.Second {
			t.Errorf("it fails after %v", took)
		}
	}
	s.Thaw()
	var e ear
	m, err := r.OpenMicrophone("micB", e.frame, nil)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "it runs after all", func() bool { return len(e.last(time.Hour)) > 0 })
	_ = m.Close()
}

func TestAServerThatStartsAgainIsFoundAgain(t *testing.T) {
	first := pulsetest.StartWithDevices(t)
	first.Use()
	r := house(t)
	var e ear
	lost := make(chan error, 10)
	m, err := r.OpenMicrophone("", e.frame, func(err error) { lost <- err })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	eventually(t, 5*time.Second, "the microphone runs", func() bool { return len(e.last(time.Hour)) > 0 })
	first.Stop()
	select {
	case <-lost:
	case <-time.After(5 * time.Second):
		t.Fatal("nobody says that the sound is gone")
	}
	second := pulsetest.StartWithDevices(t)
	second.Use()
	second.Feed("micA", 440, -20)
	e.hears(t, 440, 10*time.Second)
}
