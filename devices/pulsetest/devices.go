//go:build unix

package pulsetest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// AddSpeaker plugs in a speaker and returns what unplugs it. What is played to it can be recorded, see Record.
func (s *Server) AddSpeaker(name, description string) (unplug func()) {
	s.t.Helper()
	module := s.Pactl("load-module", "module-null-sink", "sink_name="+name,
		"sink_properties="+describe(description))
	return func() { s.unload(module) }
}

// AddMicrophone plugs in a microphone and returns what unplugs it. What is fed to it (see Feed) is heard by
// whoever records from it.
func (s *Server) AddMicrophone(name, description string) (unplug func()) {
	s.t.Helper()
	sink := name + "_sink"
	if !s.hasSink(sink) {
		s.Pactl("load-module", "module-null-sink", "sink_name="+sink)
	}
	return s.AddMicrophoneAt(sink, name, description)
}

// AddMicrophoneAt plugs in a microphone that hears what is played to a speaker, and returns what unplugs it.
func (s *Server) AddMicrophoneAt(speaker, name, description string) (unplug func()) {
	s.t.Helper()
	module := s.Pactl("load-module", "module-remap-source", "master="+speaker+".monitor", "source_name="+name,
		"source_properties="+describe(description))
	return func() { s.unload(module) }
}

// describe makes a property list; the name is quoted twice, for module arguments and for the list.
func describe(description string) string {
	return fmt.Sprintf(`"device.description='%s'"`, description)
}

func (s *Server) unload(module string) {
	s.t.Helper()
	s.Pactl("unload-module", module)
}

// Unplug removes a speaker or microphone by name.
func (s *Server) Unplug(name string) {
	s.t.Helper()
	for line := range strings.Lines(s.Pactl("list", "short", "modules")) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) >= 3 && strings.Contains(fields[2]+" ", "_name="+name+" ") {
			s.unload(fields[0])
			return
		}
	}
	s.t.Fatalf("pulsetest: no device %q", name)
}

func (s *Server) hasSink(name string) bool {
	return strings.Contains(s.Pactl("list", "short", "sinks"), "\t"+name+"\t")
}

// SetDefaultSpeaker makes name the system's default output.
func (s *Server) SetDefaultSpeaker(name string) { s.t.Helper(); s.Pactl("set-default-sink", name) }

// SetDefaultMicrophone makes name the system's default input.
func (s *Server) SetDefaultMicrophone(name string) { s.t.Helper(); s.Pactl("set-default-source", name) }

// KeepAwake keeps a silent stream on a sink, and a listener on what it plays, until the test ends: both run at once then
// when they are needed, with little delay.
func (s *Server) KeepAwake(sink string) {
	s.t.Helper()
	zero, err := os.Open("/dev/zero")
	if err != nil {
		s.t.Fatalf("pulsetest: %v", err)
	}
	s.t.Cleanup(func() { _ = zero.Close() })
	streams := s.streams()
	form := []string{"--latency-msec=10", "--rate=48000", "--channels=1", "--format=s16le", "--client-name=keep-awake"}
	ctx, cancel := context.WithCancel(context.Background())
	c := s.command(ctx, "pacat", append(form, "--playback", "--device="+sink)...)
	c.Stdin = zero
	s.start(c, cancel)
	ctx, cancel = context.WithCancel(context.Background())
	s.start(s.command(ctx, "parec", append(form, "--device="+sink+".monitor")...), cancel) // heard by the null device
	for deadline := time.Now().Add(startLimit); s.streams() < streams+2; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("pulsetest: nothing plays to %s", sink)
		}
	}
	// A null sink without listeners works in steps of 2 s and finishes the one it is in; when it wakes from sleep it
	// begins with the short steps that its streams now want.
	s.Pactl("suspend-sink", sink, "true")
	s.Pactl("suspend-sink", sink, "false")
}

// streams is how many streams there are on the server.
func (s *Server) streams() int {
	s.t.Helper()
	n := 0
	for _, kind := range []string{"sink-inputs", "source-outputs"} {
		if list := s.Pactl("list", "short", kind); list != "" {
			n += strings.Count(list, "\n") + 1
		}
	}
	return n
}
