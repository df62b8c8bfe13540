package native

import (
	"fmt"
	"io"
	"sync"

	"github.com/pion/mediadevices"
	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"

	"github.com/hookswitch/hookswitch/devices"
)

// microphones are the drivers registered with mediadevices and the microphones that are open.
type microphones struct {
	backend *Backend

	// registry is held around every use of mediadevices' microphones: the states of its drivers are not locked.
	registry sync.Mutex
	drivers  drivers

	shared sharing[[]int16]
}

func (m *microphones) init(b *Backend) {
	m.backend = b
	m.drivers = newDrivers(driver.FilterAudioRecorder())
	m.shared = newSharing(b, m.track)
}

// register makes mediadevices' registry follow the list.
func (m *microphones) register(list []devices.Device) {
	m.registry.Lock()
	defer m.registry.Unlock()
	wanted := namesOf(list, devices.Microphone)
	if len(wanted) > 0 {
		wanted[devices.DefaultID] = "Default"
	}
	m.drivers.follow(wanted, func(id string) driver.Adapter {
		if id == devices.DefaultID {
			id = ""
		}
		return &microphoneDriver{backend: m.backend, name: id}
	})
}

// unregister removes all drivers.
func (m *microphones) unregister() { m.register(nil) }

// track opens a track of mediadevices on our driver.
func (m *microphones) track(id string) (track[[]int16], error) {
	m.registry.Lock()
	defer m.registry.Unlock()
	uuid, ok := m.drivers.uuid[id]
	if !ok {
		return track[[]int16]{}, fmt.Errorf("microphone %q: %w", id, devices.ErrNoDevice)
	}
	media, err := mediadevices.GetUserMedia(mediadevices.MediaStreamConstraints{
		Audio: func(c *mediadevices.MediaTrackConstraints) { c.DeviceID = prop.StringExact(uuid) },
	})
	if err != nil {
		return track[[]int16]{}, err
	}
	for _, t := range media.GetAudioTracks() {
		if opened, ok := t.(*mediadevices.AudioTrack); ok {
			return m.trackOf(opened), nil
		}
	}
	return track[[]int16]{}, fmt.Errorf("microphone %q: %w", id, devices.ErrNoDevice)
}

func (m *microphones) trackOf(t *mediadevices.AudioTrack) track[[]int16] {
	reader := t.NewReader(false)
	return track[[]int16]{
		read: func() ([]int16, error) {
			for {
				chunk, _, err := reader.Read()
				if err != nil {
					return nil, err
				}
				if block, ok := chunk.(*wave.Int16Interleaved); ok {
					return block.Data, nil
				}
			}
		},
		close: func() {
			m.registry.Lock()
			defer m.registry.Unlock()
			_ = t.Close() // bounded by the driver
		},
	}
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
	return b.microphones.shared.join(name, frame, lost)
}
