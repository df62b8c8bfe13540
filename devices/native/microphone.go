package native

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/pion/mediadevices"
	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"

	"github.com/hookswitch/hookswitch/devices"
)

// microphones are the drivers registered with mediadevices and the tracks that are open.
type microphones struct {
	backend *Backend

	// registry is held around every use of mediadevices' registry: the states of its drivers are not locked.
	registry sync.Mutex
	drivers  map[string]string // id of ours to mediadevices' random one

	mu   sync.Mutex // held while a microphone is opened, too
	open map[string]*microphone
}

func (m *microphones) init(b *Backend) {
	m.backend = b
	m.drivers = make(map[string]string)
	m.open = make(map[string]*microphone)
}

// register makes mediadevices' registry follow the list.
func (m *microphones) register(list []devices.Device) {
	m.registry.Lock()
	defer m.registry.Unlock()
	wanted := make(map[string]string)
	for _, d := range list {
		if d.Kind == devices.Microphone {
			wanted[d.ID] = d.Name
		}
	}
	if len(wanted) > 0 {
		wanted[devices.DefaultID] = "Default"
	}
	for id, uuid := range m.drivers {
		if _, ok := wanted[id]; !ok {
			driver.GetManager().Delete(uuid)
			delete(m.drivers, id)
		}
	}
	for id, name := range wanted {
		if _, ok := m.drivers[id]; !ok {
			m.add(id, name)
		}
	}
}

// add registers one driver and finds out the id that mediadevices gave it. The label is our id.
func (m *microphones) add(id, name string) {
	d := &microphoneDriver{backend: m.backend, name: id}
	priority := driver.PriorityNormal
	if id == devices.DefaultID {
		d.name, priority = "", driver.PriorityHigh
	}
	before := uuids()
	info := driver.Info{Label: id, Name: name, DeviceType: driver.Microphone, Priority: priority}
	if err := driver.GetManager().Register(d, info); err != nil {
		return
	}
	for uuid := range uuids() {
		if !before[uuid] {
			m.drivers[id] = uuid
		}
	}
}

func uuids() map[string]bool {
	all := make(map[string]bool)
	for _, d := range driver.GetManager().Query(driver.FilterAudioRecorder()) {
		all[d.ID()] = true
	}
	return all
}

// unregister removes all drivers.
func (m *microphones) unregister() { m.register(nil) }

// track opens a track of mediadevices on our driver.
func (m *microphones) track(id string) (*mediadevices.AudioTrack, error) {
	m.registry.Lock()
	defer m.registry.Unlock()
	uuid, ok := m.drivers[id]
	if !ok {
		return nil, fmt.Errorf("microphone %q: %w", id, devices.ErrNoDevice)
	}
	media, err := mediadevices.GetUserMedia(mediadevices.MediaStreamConstraints{
		Audio: func(c *mediadevices.MediaTrackConstraints) { c.DeviceID = prop.StringExact(uuid) },
	})
	if err != nil {
		return nil, err
	}
	for _, t := range media.GetAudioTracks() {
		if track, ok := t.(*mediadevices.AudioTrack); ok {
			return track, nil
		}
	}
	return nil, fmt.Errorf("microphone %q: %w", id, devices.ErrNoDevice)
}

// microphone is one open device with all who listen to it.
type microphone struct {
	all   *microphones
	id    string
	track *mediadevices.AudioTrack
	ended chan struct{} // the pump has ended
	once  sync.Once

	mu        sync.Mutex // held while listeners are called
	listeners map[*listener]struct{}
	gone      bool
}

// listener is one user of a microphone.
type listener struct {
	microphone *microphone
	frame      func([]int16)
	lost       func(error)
	once       sync.Once
}

// OpenMicrophone opens a microphone, or joins those who listen to it; see devices.Backend.
func (b *Backend) OpenMicrophone(id string, frame func(pcm []int16), lost func(error)) (io.Closer, error) {
	name, err := b.wanted(devices.Microphone, id)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = devices.DefaultID
	}
	l := &listener{frame: frame, lost: lost}
	if err := b.microphones.join(name, l); err != nil {
		return nil, err
	}
	if err := b.keep(l); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// join adds a listener to the microphone, opening it for the first one.
func (m *microphones) join(id string, l *listener) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if open, ok := m.open[id]; ok {
		if open.add(l) {
			return nil
		}
		open.closeTrack() // a driver runs one track at a time
	}
	track, err := m.track(id)
	if err != nil {
		return err
	}
	open := &microphone{all: m, id: id, track: track, ended: make(chan struct{}), listeners: make(map[*listener]struct{})}
	m.open[id] = open
	open.add(l)
	go open.pump(track.NewReader(false))
	return nil
}

// leave takes the microphone out of those that are open.
func (m *microphones) leave(mic *microphone) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open[mic.id] == mic {
		delete(m.open, mic.id)
	}
}

// add reports false when the microphone is gone already.
func (mic *microphone) add(l *listener) bool {
	mic.mu.Lock()
	defer mic.mu.Unlock()
	if mic.gone {
		return false
	}
	l.microphone = mic
	mic.listeners[l] = struct{}{}
	return true
}

// pump carries the track's blocks to the listeners until the track ends.
func (mic *microphone) pump(reader audio.Reader) {
	defer close(mic.ended)
	for {
		chunk, _, err := reader.Read()
		if err != nil {
			mic.end(err)
			return
		}
		if block, ok := chunk.(*wave.Int16Interleaved); ok {
			mic.deliver(block.Data)
		}
	}
}

func (mic *microphone) deliver(pcm []int16) {
	mic.mu.Lock()
	defer mic.mu.Unlock()
	for l := range mic.listeners {
		l.frame(pcm)
	}
}

// end tells the listeners that the device is gone, if it was not they who left.
func (mic *microphone) end(err error) {
	mic.mu.Lock()
	mic.gone = true
	left := slices.Collect(maps.Keys(mic.listeners))
	clear(mic.listeners)
	mic.mu.Unlock()
	if errors.Is(err, io.EOF) {
		err = devices.ErrLost
	}
	for _, l := range left {
		l.lost(err)
	}
	mic.all.leave(mic)
	mic.closeTrack()
}

// closeTrack closes the track, once: afterwards the driver may be running for another one.
func (mic *microphone) closeTrack() {
	mic.once.Do(func() {
		mic.all.registry.Lock()
		defer mic.all.registry.Unlock()
		_ = mic.track.Close() // bounded by the driver
	})
}

// Close ends the listening; the last one to leave closes the device.
func (l *listener) Close() error {
	l.once.Do(func() {
		mic := l.microphone
		mic.all.backend.forget(l)
		mic.mu.Lock()
		delete(mic.listeners, l)
		last := len(mic.listeners) == 0 && !mic.gone
		mic.gone = mic.gone || last
		mic.mu.Unlock()
		if last {
			// The track's end ends the pump, which says goodbye for all.
			atMost(closeLimit, func() { mic.closeTrack(); <-mic.ended })
		}
	})
	return nil
}
