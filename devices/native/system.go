package native

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"github.com/hookswitch/hookswitch/devices"
)

// The form of all sound here.
const (
	sampleRate   = 48000
	frameSamples = sampleRate / 100
)

// Bounds of time. A sound system that hangs keeps one goroutine each until it goes on; nobody waits longer for it.
const (
	openLimit  = 2 * time.Second
	closeLimit = 80 * time.Millisecond
)

// system is a connection to the sound system. It is freed when it was retired and its last device is closed.
type system struct {
	use     sync.Mutex // miniaudio's enumeration and opening share one connection
	context *malgo.AllocatedContext
	pulse   bool // it is PulseAudio, or PipeWire in its place

	mu      sync.Mutex
	users   int
	retired bool
}

// connect connects to the sound system; without one the error wraps ErrNoDevice. JACK is left out (it is for
// studios, and noisy where it is absent), and so is miniaudio's "null".
func connect() (*system, error) {
	var backends []malgo.Backend
	switch runtime.GOOS {
	case "windows":
		backends = append(backends, malgo.BackendWasapi)
	case "darwin":
		backends = append(backends, malgo.BackendCoreaudio)
	default:
		if pulseAnswers() {
			backends = append(backends, malgo.BackendPulseaudio)
		}
		// Without a sound card, ALSA has nothing but complaints on stderr.
		if cards, _ := filepath.Glob("/dev/snd/pcm*"); len(cards) > 0 {
			backends = append(backends, malgo.BackendAlsa)
		}
	}
	reason := errors.New("no server and no card")
	for _, backend := range backends {
		context, err := malgo.InitContext([]malgo.Backend{backend}, malgo.ContextConfig{}, nil)
		if err == nil {
			return &system{context: context, pulse: backend == malgo.BackendPulseaudio}, nil
		}
		reason = err
	}
	return nil, fmt.Errorf("no sound system: %w: %w", devices.ErrNoDevice, reason)
}

// acquire adds a user; it reports false when the system is retired.
func (s *system) acquire() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retired {
		return false
	}
	s.users++
	return true
}

// release takes a user away.
func (s *system) release() {
	s.mu.Lock()
	s.users--
	free := s.retired && s.users == 0
	s.mu.Unlock()
	if free {
		s.free()
	}
}

// retire lets the system go with its last user.
func (s *system) retire() {
	s.mu.Lock()
	free := !s.retired && s.users == 0
	s.retired = true
	s.mu.Unlock()
	if free {
		s.free()
	}
}

func (s *system) free() {
	_ = s.context.Uninit()
	s.context.Free()
}

// enumerate asks the sound system for its devices.
func (s *system) enumerate() (speakers, microphones []malgo.DeviceInfo, err error) {
	s.use.Lock()
	defer s.use.Unlock()
	if speakers, err = s.context.Devices(malgo.Playback); err != nil {
		return nil, nil, err
	}
	microphones, err = s.context.Devices(malgo.Capture)
	return speakers, microphones, err
}

// form is how a device is opened: mono, 16 bits, 48 kHz, with little delay.
func (s *system) form(kind malgo.DeviceType) malgo.DeviceConfig {
	config := malgo.DefaultDeviceConfig(kind)
	config.SampleRate = sampleRate
	config.PerformanceProfile = malgo.LowLatency
	config.Playback.Format, config.Playback.Channels = malgo.FormatS16, 1
	config.Capture.Format, config.Capture.Channels = malgo.FormatS16, 1
	config.PeriodSizeInFrames, config.Periods = frameSamples, 2
	if s.pulse {
		// For PulseAudio miniaudio asks for one period of delay, and the others are only room for a process that is late.
		config.Periods = 6
		if kind == malgo.Playback {
			config.PeriodSizeInFrames = 2 * frameSamples
			config.NoFixedSizedCallback = 1 // ask for samples when they are needed, not for two frames at once
		}
	}
	return config
}

// stream is an open device of miniaudio.
type stream struct {
	system *system
	device *malgo.Device
	dead   atomic.Bool // no more calls are wanted
	free   sync.Once
}

// openStream opens and starts a device; it may hang with the sound system. raw nil is the default device.
// data is called by a thread of miniaudio; its slices are C memory.
func (s *system) openStream(kind malgo.DeviceType, raw *malgo.DeviceID, data func(out, in []byte)) (*stream, error) {
	if !s.acquire() {
		return nil, devices.ErrLost
	}
	config := s.form(kind)
	var pinner runtime.Pinner
	defer pinner.Unpin()
	if raw != nil {
		pinner.Pin(raw)                                                                              // miniaudio copies it
		config.Playback.DeviceID, config.Capture.DeviceID = unsafe.Pointer(raw), unsafe.Pointer(raw) // #nosec G103
	}
	st := &stream{system: s}
	calls := malgo.DeviceCallbacks{Data: func(out, in []byte, _ uint32) {
		if !st.dead.Load() {
			data(out, in)
		}
	}}
	s.use.Lock()
	device, err := malgo.InitDevice(s.context.Context, config, calls)
	s.use.Unlock()
	if err != nil {
		s.release()
		return nil, fmt.Errorf("open device: %w", named(err))
	}
	st.device = device
	if err := device.Start(); err != nil {
		st.close()
		return nil, fmt.Errorf("start device: %w", named(err))
	}
	return st, nil
}

// named says in Go's own word where the user, or his administrator, does not let us use the device (the privacy settings of
// Windows and macOS, the rights of a device's file).
func named(err error) error {
	if errors.Is(err, malgo.ErrAccessDenied) {
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return err
}

// close frees the device; it may hang with the sound system.
func (st *stream) close() {
	st.free.Do(func() {
		st.dead.Store(true)
		// Only Stop wakes miniaudio's thread; Uninit alone would wait for ever for a device that is gone.
		_ = st.device.Stop()
		st.device.Uninit()
		st.system.release()
	})
}

// within runs do for at most limit. When do ends later its result is given to dispose.
func within[T any](limit time.Duration, do func() (T, error), dispose func(T)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome)
	late := make(chan struct{})
	go func() {
		value, err := do()
		select {
		case done <- outcome{value, err}:
		case <-late:
			if err == nil {
				dispose(value)
			}
		}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.value, o.err
	case <-timer.C:
		close(late)
		var none T
		return none, devices.ErrNotAnswering
	}
}

// atMost waits for do, but not longer than limit; do goes on by itself then.
func atMost(limit time.Duration, do func()) {
	_, _ = within(limit, func() (struct{}, error) { do(); return struct{}{}, nil }, func(struct{}) {})
}

// environmentDefault is the device that PulseAudio's clients take for the default one because the environment says so.
func environmentDefault(kind devices.Kind) string {
	if kind == devices.Speaker {
		return os.Getenv("PULSE_SINK")
	}
	return os.Getenv("PULSE_SOURCE")
}
