//go:build unix

package native

import (
	"context"
	"errors"
	"math"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/pulsetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(listOnlyVariable) != "" {
		printList()
		return
	}
	goleak.VerifyTestMain(m)
}

// house is a registry over the server's devices.
func house(t testing.TB) *devices.Registry {
	t.Helper()
	r := devices.New(New())
	t.Cleanup(r.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := r.WaitListed(ctx); err != nil {
		t.Fatal(err)
	}
	return r
}

// pace remembers the longest time between two calls.
type pace struct {
	last    time.Time
	longest time.Duration
}

func (p *pace) step() {
	now := time.Now()
	if !p.last.IsZero() {
		p.longest = max(p.longest, now.Sub(p.last))
	}
	p.last = now
}

// ear keeps what a microphone delivers.
type ear struct {
	mu      sync.Mutex
	samples []int16
	wrong   int // frames that are not 10 ms
	pace    pace
}

func (e *ear) frame(pcm []int16) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pace.step()
	if len(pcm) != frameSamples {
		e.wrong++
	}
	e.samples = append(e.samples, pcm...)
}

func (e *ear) last(d time.Duration) []int16 {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := min(len(e.samples), int(d*sampleRate/time.Second))
	return append([]int16(nil), e.samples[len(e.samples)-n:]...)
}

// hears waits for a tone and returns how long it took.
func (e *ear) hears(t testing.TB, frequency float64, limit time.Duration) time.Duration {
	t.Helper()
	e.mu.Lock()
	e.samples = nil // what was heard before does not count
	e.mu.Unlock()
	begun := time.Now()
	for {
		tone := pulsetest.Measure(e.last(100 * time.Millisecond))
		if tone.Is(frequency) {
			return time.Since(begun)
		}
		if time.Since(begun) > limit {
			t.Fatalf("after %v the microphone delivers %v, want %g Hz", limit, tone, frequency)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// settles waits until a measured tone has its level, within 1 dB: windows that hold its beginning, or a
// moment in which the machine had no time for the sound server, have another one.
func settles(t testing.TB, what string, frequency, level float64, measure func() []int16) {
	t.Helper()
	var tone pulsetest.Tone
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		tone = pulsetest.Measure(measure())
		if tone.Is(frequency) && tone.Purity > 0.95 && math.Abs(tone.Level-level) < 1 {
			return
		}
	}
	t.Errorf("%s: %v, want %g Hz at %.1f dBFS", what, tone, frequency, level)
}

// mouth is a sine for a speaker to play.
type mouth struct {
	frequency float64
	n         int
	calls     atomic.Int64
	mu        sync.Mutex
	pace      pace
}

func (m *mouth) fill(pcm []int16) {
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*m.frequency*float64(m.n)/sampleRate))
		m.n++
	}
	m.calls.Add(1)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pace.step()
}

// gap returns the longest time without a call.
func gap(mu *sync.Mutex, p *pace) time.Duration {
	mu.Lock()
	defer mu.Unlock()
	return p.longest
}

func mustNotBeLost(t testing.TB) func(error) {
	return func(err error) { t.Errorf("the stream says it is lost: %v", err) }
}

// eventually waits for a condition.
func eventually(t testing.TB, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", limit, what)
		}
	}
}

func TestTheListShowsWhatIsThereAndNoMonitors(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	r := house(t)
	got := r.List(devices.Microphone)
	want := []devices.Device{
		{ID: "micA", Name: "Mic A", Kind: devices.Microphone, Default: true},
		{ID: "micB", Name: "Mic B", Kind: devices.Microphone},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("microphones: %+v, want %+v", got, want)
	}
	if d, ok := r.Resolve(devices.Speaker, "Ear B"); !ok || d.ID != "earB" {
		t.Errorf("the speaker named Ear B is %+v", d)
	}
	if d, ok := r.Resolve(devices.Speaker, "no such thing"); !ok || d.ID != "earA" {
		t.Errorf("an unknown speaker is replaced by %+v, want the default one", d)
	}
	if !r.HaveMicrophone() {
		t.Error("it says there is no microphone")
	}
}

func TestASpeakerThatIsPluggedInAppearsAndGoesAgain(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	r := house(t)
	changes := make(chan struct{}, 100)
	defer r.Watch(func() { changes <- struct{}{} })()
	has := func() bool { d, _ := r.Resolve(devices.Speaker, "headset"); return d.ID == "headset" }
	unplug := s.AddSpeaker("headset", "USB Headset")
	eventually(t, 4*time.Second, "the headset is listed", has)
	unplug()
	eventually(t, 4*time.Second, "the headset is not listed any more", func() bool { return !has() })
	if len(changes) < 2 {
		t.Errorf("watchers were told %d times, want 2", len(changes))
	}
}

func TestATonePassesTheMicrophone(t *testing.T) {
	for name, id := range map[string]string{"default": "", "by id": "micA", "by name": "mic a"} {
		t.Run(name, func(t *testing.T) {
			s := pulsetest.StartWithDevices(t)
			s.Use()
			s.Feed("micA", 440, -20)
			s.Feed("micB", 1000, -20)
			r := house(t)
			var e ear
			m, err := r.OpenMicrophone(id, e.frame, mustNotBeLost(t))
			if err != nil {
				t.Fatal(err)
			}
			settles(t, "the microphone delivers", 440, -20, func() []int16 { return e.last(100 * time.Millisecond) })
			_ = m.Close()
			if e.wrong > 0 {
				t.Errorf("%d frames are not of 480 samples", e.wrong)
			}
		})
	}
}

func TestTwoWhoOpenOneMicrophoneBothHearIt(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	s.Feed("micB", 1000, -20)
	r := house(t)
	var e, f ear
	a, errA := r.OpenMicrophone("micB", e.frame, mustNotBeLost(t))
	b, errB := r.OpenMicrophone("micB", f.frame, mustNotBeLost(t))
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	e.hears(t, 1000, 5*time.Second)
	f.hears(t, 1000, 5*time.Second)
	_ = a.Close()
	n := len(e.last(time.Hour))
	m := len(f.last(time.Hour))
	eventually(t, time.Second, "the other one still hears", func() bool { return len(f.last(time.Hour)) > m+sampleRate/10 })
	if len(e.last(time.Hour)) != n {
		t.Error("a frame came after Close")
	}
	_ = b.Close()
}

func TestATonePassesTheSpeaker(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	r := house(t)
	recorders := map[string]*pulsetest.Recorder{"earA": s.Record("earA"), "earB": s.Record("earB")}
	for id, at := range map[string]string{"": "earA", "earB": "earB", "Ear B": "earB"} {
		m := &mouth{frequency: 600}
		speaker, err := r.OpenSpeaker(id, m.fill, mustNotBeLost(t))
		if err != nil {
			t.Fatal(err)
		}
		settles(t, at+" plays", 600, -15.3, func() []int16 { return recorders[at].Last(100 * time.Millisecond) })
		_ = speaker.Close()
		n := m.calls.Load()
		eventually(t, 3*time.Second, at+" is silent again", func() bool {
			return pulsetest.Measure(recorders[at].Last(100 * time.Millisecond)).Silent()
		})
		if m.calls.Load() != n {
			t.Error("fill was called after Close")
		}
	}
}

func TestTheEnvironmentNamesTheDefaultDevice(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	t.Setenv("PULSE_SOURCE", "micB")
	t.Setenv("PULSE_SINK", "earB")
	s.Feed("micB", 1000, -20)
	r := house(t)
	if d, _ := r.Resolve(devices.Microphone, ""); d.ID != "micB" {
		t.Errorf("the default microphone is %+v", d)
	}
	var e ear
	m, err := r.OpenMicrophone("", e.frame, mustNotBeLost(t))
	if err != nil {
		t.Fatal(err)
	}
	e.hears(t, 1000, 5*time.Second)
	_ = m.Close()
	b := s.Record("earB")
	speaker, err := r.OpenSpeaker("", (&mouth{frequency: 600}).fill, mustNotBeLost(t))
	if err != nil {
		t.Fatal(err)
	}
	if tone, ok := b.WaitTone(600, 5*time.Second); !ok {
		t.Errorf("PULSE_SINK plays %v", tone)
	}
	_ = speaker.Close()
}

func TestAMachineWithoutSoundSaysSo(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:"+t.TempDir()+"/nothing")
	r := house(t)
	if list := r.List(devices.Microphone); len(list) > 0 {
		t.Skip("this machine has sound cards")
	}
	if r.HaveMicrophone() {
		t.Error("it says there is a microphone")
	}
	if _, err := r.OpenMicrophone("", func([]int16) {}, nil); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("the microphone opens with %v, want ErrNoDevice", err)
	}
	if _, err := r.OpenSpeaker("earA", func([]int16) {}, nil); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("the speaker opens with %v, want ErrNoDevice", err)
	}
}

func TestFiftyOpeningsLeaveNothingBehind(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	r := house(t)
	once := func() {
		var calls, fills atomic.Int64
		m, err := r.OpenMicrophone("", func([]int16) { calls.Add(1) }, mustNotBeLost(t))
		if err != nil {
			t.Fatal(err)
		}
		speaker, err := r.OpenSpeaker("earB", func([]int16) { fills.Add(1) }, mustNotBeLost(t))
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, 5*time.Second, "both run", func() bool { return calls.Load() > 1 && fills.Load() > 1 })
		_ = m.Close()
		_ = speaker.Close()
	}
	once()
	goroutines, files, threads := runtime.NumGoroutine(), count("/proc/self/fd"), count("/proc/self/task")
	for range 50 {
		once()
	}
	eventually(t, 3*time.Second, "goroutines, files and threads are where they were", func() bool {
		return runtime.NumGoroutine() <= goroutines && count("/proc/self/fd") <= files && count("/proc/self/task") <= threads+3
	})
}

func count(folder string) int {
	entries, _ := os.ReadDir(folder)
	return len(entries)
}
