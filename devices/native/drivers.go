package native

import (
	"github.com/pion/mediadevices/pkg/driver"

	"github.com/hookswitch/hookswitch/devices"
)

// drivers are those of ours that are registered with mediadevices for one kind of device. Who calls its methods locks it.
type drivers struct {
	kind driver.FilterFn
	uuid map[string]string // id of ours to mediadevices' random one
}

func newDrivers(kind driver.FilterFn) drivers {
	return drivers{kind: kind, uuid: make(map[string]string)}
}

// namesOf are the names of the devices of a kind, by their ids.
func namesOf(list []devices.Device, kind devices.Kind) map[string]string {
	names := make(map[string]string)
	for _, d := range list {
		if d.Kind == kind {
			names[d.ID] = d.Name
		}
	}
	return names
}

// follow registers and deletes until exactly the wanted ones, names by ids, are registered.
func (r *drivers) follow(wanted map[string]string, build func(id string) driver.Adapter) {
	for id, uuid := range r.uuid {
		if _, ok := wanted[id]; !ok {
			driver.GetManager().Delete(uuid)
			delete(r.uuid, id)
		}
	}
	for id, name := range wanted {
		if _, ok := r.uuid[id]; !ok {
			r.add(id, name, build(id))
		}
	}
}

// add registers one driver and finds out the id that mediadevices gave it. The label is our id.
func (r *drivers) add(id, name string, d driver.Adapter) {
	info := driver.Info{Label: id, Name: name, DeviceType: driver.Camera}
	if _, ok := d.(driver.AudioRecorder); ok {
		info.DeviceType = driver.Microphone
	}
	if id == devices.DefaultID {
		info.Priority = driver.PriorityHigh
	}
	before := r.registered()
	if err := driver.GetManager().Register(d, info); err != nil {
		return
	}
	for uuid := range r.registered() {
		if !before[uuid] {
			r.uuid[id] = uuid
		}
	}
}

func (r *drivers) registered() map[string]bool {
	all := make(map[string]bool)
	for _, d := range driver.GetManager().Query(r.kind) {
		all[d.ID()] = true
	}
	return all
}
