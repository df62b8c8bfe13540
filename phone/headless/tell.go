package headless

import (
	"fmt"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
)

// tell answers the verbs that only ask.
func (e *Executor) tell(verb string, reply *object) {
	now, s := time.Now(), e.op.Snapshot()
	switch verb {
	case "calls":
		calls := make([]object, 0, len(s.Calls))
		for _, c := range s.Calls {
			calls = append(calls, callObject(c, now))
		}
		reply.set("calls", calls)
		reply.text("current", string(s.Current))
	case "devices":
		reply.set("devices", e.deviceObjects())
		reply.set("deviceIds", s.Devices)
	case "status":
		reply.set("registered", s.Registered())
		accounts := make([]object, 0, len(s.Accounts))
		for _, a := range s.Accounts {
			accounts = append(accounts, accountObject(a, now))
		}
		reply.set("accounts", accounts)
		reply.set("calls", len(s.Calls))
		reply.text("current", string(s.Current))
		reply.set("isMaxCall", s.IsMaxCall)
		reply.set("recordPermissions", s.RecordPermissions)
		reply.set("recording", s.Recording)
		reply.set("deviceIds", s.Devices)
	}
}

func accountObject(a phone.AccountState, now time.Time) object {
	o := object{{"account", string(a.Account.ID)}, {"uri", a.Account.URI}, {"connected", a.Connected}, {"registered", a.Registered}}
	o.flag("direct", a.Account.Direct)
	o.flag("registering", a.Registering)
	o.text("cause", string(a.Cause))
	o.number("status", a.Status)
	o.text("reason", a.Reason)
	if a.Registered && !a.Expires.IsZero() {
		o.set("expires", int(a.Expires.Sub(now)/time.Second))
	}
	if !a.NextTry.IsZero() {
		o.set("nextTry", max(0, int(a.NextTry.Sub(now)/time.Second)))
	}
	return o
}

func (e *Executor) deviceObjects() []object {
	list := []object{}
	if e.devices == nil {
		return list
	}
	for _, kind := range []devices.Kind{devices.Microphone, devices.Speaker, devices.Camera} {
		for _, d := range e.devices.List(kind) {
			o := object{{"kind", string(d.Kind)}, {"id", d.ID}, {"name", d.Name}}
			o.flag("default", d.Default)
			o.flag("virtual", d.Virtual)
			list = append(list, o)
		}
	}
	return list
}

// chooseDevice makes the device with that id or name the one to be used.
func (e *Executor) chooseDevice(verb, wish string, reply *object) error {
	kind, missing := devices.Kind(verb), error(phone.ErrUnknown) // the seed has no code for what sounds
	switch verb {
	case "microphone":
		missing = phone.ErrNoMicrophone
	case "ringer":
		kind = devices.Speaker
	case "camera":
		missing = phone.ErrNoCamera
	}
	id := wish
	if e.devices != nil {
		d, ok := e.devices.Resolve(kind, wish)
		if !ok || d.ID != wish && d.Name != wish && wish != devices.DefaultID {
			return fmt.Errorf("no %s has that id or name: %w", verb, missing)
		}
		id = d.ID
		e.devices.Choose(kind, id)
	}
	ids := e.op.Snapshot().Devices
	switch verb {
	case "microphone":
		ids.Microphone = id
	case "speaker":
		ids.Speaker = id
	case "ringer":
		ids.Ringer = id
	case "camera":
		ids.Camera = id
	}
	if err := e.op.SetDevices(ids); err != nil {
		return err
	}
	reply.set("id", id)
	return nil
}
