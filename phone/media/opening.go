package media

import (
	"errors"
	"fmt"

	"github.com/hookswitch/hookswitch/phone"
)

var errNoDevices = errors.New("media: there are no devices")

func (e *Engine) openMicrophone(id string, lost func(error)) (opened, error) {
	if e.config.Devices == nil {
		return opened{}, errNoDevices
	}
	m := &microphone{drift: newDrift(e.clock)}
	device, err := e.config.Devices.OpenMicrophone(id, m.hear, lost)
	if err != nil {
		return opened{}, fmt.Errorf("media: microphone: %w", err)
	}
	m.device = device
	m.cleaner.Store(e.newCleaner(id))
	return opened{
		Closer: m,
		use:    func() { e.mic.Store(m) },
		drop:   func() { e.mic.CompareAndSwap(m, nil) },
	}, nil
}

func (e *Engine) openSpeaker(id string, lost func(error)) (opened, error) {
	if e.config.Devices == nil {
		return opened{}, errNoDevices
	}
	o := newOutlet(e.need)
	closer, err := e.config.Devices.OpenSpeaker(id, o.fill, lost)
	if err != nil {
		return opened{}, fmt.Errorf("media: speaker: %w", err)
	}
	return opened{
		Closer: closer,
		use:    func() { e.ear.Store(o) },
		drop:   func() { e.ear.CompareAndSwap(o, nil) },
	}, nil
}

func (e *Engine) openRinger(id string, lost func(error)) (opened, error) {
	if e.config.Devices == nil {
		return opened{}, errNoDevices
	}
	b := &bell{ring: &e.ring}
	closer, err := e.config.Devices.OpenSpeaker(id, b.fill, lost)
	if err != nil {
		return opened{}, fmt.Errorf("media: ringer: %w", err)
	}
	return opened{Closer: closer, use: func() {}, drop: func() {}}, nil
}

// failing tells every started leg, once each, that a device of that kind is not there.
func (e *Engine) failing(kind string) func(error, bool) {
	return func(err error, lost bool) {
		if err == nil {
			err = errors.New("media: the device is gone")
		}
		e.log.Warn("device failed", "kind", kind, "lost", lost, "err", err)
		for _, l := range *e.legs.Load() {
			if kind == "camera" && !l.pictures.films() {
				continue
			}
			if !l.started.Load() || kind == "microphone" && !lost && l.options.AllowSilence {
				continue
			}
			l.tellOnce(phone.DeviceFailed{Leg: l.id, Kind: kind, Err: err})
		}
	}
}
