package native

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gen2brain/malgo"

	"github.com/hookswitch/hookswitch/devices"
)

// How often the list is renewed. One look costs 0.6 ms of CPU with PulseAudio.
const (
	lookWhileUsed     = time.Second      // while a stream is open: what was lost may be back
	lookWhileWatched  = 2 * time.Second  // while a picker shows the list
	lookWhileIdle     = 10 * time.Second // nobody looks; a call wants to know whether there is a microphone
	lookWithoutSystem = 30 * time.Second // no sound system answered
)

// run renews the list until Close.
func (b *Backend) run() {
	defer close(b.ended)
	for first := true; ; first = false {
		answered := b.look()
		if first {
			close(b.listed)
		}
		timer := time.NewTimer(b.pause(answered))
		select {
		case <-b.done:
			timer.Stop()
			b.leave()
			return
		case <-b.kick:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (b *Backend) pause(answered bool) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case len(b.streams) > 0:
		return lookWhileUsed
	case len(b.watchers) > 0:
		return lookWhileWatched
	case !answered:
		return lookWithoutSystem
	}
	return lookWhileIdle
}

// leave retires the connection.
func (b *Backend) leave() {
	b.microphones.unregister()
	b.cameras.unregister()
	b.mu.Lock()
	s := b.system
	b.system = nil
	b.mu.Unlock()
	if s != nil {
		s.retire()
	}
}

// look renews the list once; it reports whether a sound system answered.
func (b *Backend) look() bool {
	speakers, found, answered := b.enumerate()
	list := describe(devices.Microphone, found)
	list = append(list, describe(devices.Speaker, speakers)...)
	list = append(list, b.cameras.devices()...)
	changed := !slices.Equal(list, b.List())
	if !changed {
		return answered
	}
	b.microphones.register(list)
	b.cameras.register(list)
	b.mu.Lock()
	b.list = list
	calls := slices.Collect(maps.Values(b.watchers))
	b.mu.Unlock()
	for _, call := range calls {
		call()
	}
	return answered
}

// enumerate asks the sound system, on a new connection when the old one broke.
func (b *Backend) enumerate() (speakers, microphones []malgo.DeviceInfo, answered bool) {
	for range 2 {
		s, err := b.connected()
		if err != nil {
			return nil, nil, false
		}
		speakers, microphones, err = s.enumerate()
		if err == nil && len(speakers)+len(microphones) == 0 {
			// A connection that has just broken says "none" once, and fails from then on.
			speakers, microphones, err = s.enumerate()
		}
		if err == nil {
			return speakers, microphones, true
		}
		b.disconnect(s)
	}
	return nil, nil, false
}

// describe makes a list for people: sorted by name, each name once, without the monitors of speakers.
func describe(kind devices.Kind, found []malgo.DeviceInfo) []devices.Device {
	var list []devices.Device
	for _, info := range found {
		id := idOf(info.ID)
		if id == "" || kind == devices.Microphone && isMonitor(id) {
			continue
		}
		name := strings.TrimSpace(strings.ToValidUTF8(info.Name(), "?"))
		if name == "" {
			name = id
		}
		list = append(list, devices.Device{ID: id, Name: name, Kind: kind, Default: info.IsDefault != 0})
	}
	slices.SortFunc(list, func(a, b devices.Device) int {
		return strings.Compare(strings.ToLower(a.Name)+"\x00"+a.ID, strings.ToLower(b.Name)+"\x00"+b.ID)
	})
	times := make(map[string]int)
	for i := range list {
		name := list[i].Name
		if times[name]++; times[name] > 1 {
			list[i].Name = fmt.Sprintf("%s (%d)", name, times[name])
		}
	}
	preferEnvironment(kind, list)
	return list
}

// isMonitor reports whether a PulseAudio source is what a sink plays.
func isMonitor(id string) bool { return strings.HasSuffix(id, ".monitor") }

// preferEnvironment moves the mark of the default device to the one that the environment names.
func preferEnvironment(kind devices.Kind, list []devices.Device) {
	wanted := environmentDefault(kind)
	at := slices.IndexFunc(list, func(d devices.Device) bool { return d.ID == wanted })
	if wanted == "" || at < 0 {
		return
	}
	for i := range list {
		list[i].Default = i == at
	}
}
