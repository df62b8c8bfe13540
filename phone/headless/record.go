package headless

import (
	"errors"
	"fmt"

	"github.com/hookswitch/hookswitch/phone"
)

// recordSettings is what record agree, folder, format and notice do; nil for the other forms of record, which are about a call.
// "record agree" is the consent that everything else waits for, given once: whoever says it will tell others that they are recorded.
func (e *Executor) recordSettings(c command, reply *object) func() error {
	r := e.op.Snapshot().Recording
	switch c.arg {
	case "agree":
		r.Agreed = true
	case "folder": // "" is the folder of ours
		r.Folder = c.value
	case "format":
		r.Format = phone.RecordFormat(c.value)
	case "notice":
		r.Notice = phone.RecordNotice(c.value)
	default:
		return nil
	}
	return func() error {
		err := e.op.SetRecording(r)
		if err == nil {
			reply.set("recording", r)
		}
		return err
	}
}

// record starts, pauses or stops the recording of a call.
func (e *Executor) record(id phone.CallID, what string) error {
	err := map[string]func(phone.CallID) error{
		"start": e.op.StartRecord, "pause": e.op.PauseRecord, "stop": e.op.StopRecord}[what](id)
	if errors.Is(err, phone.ErrRecordConsent) {
		return fmt.Errorf("%w: say record agree", err)
	}
	return err
}
