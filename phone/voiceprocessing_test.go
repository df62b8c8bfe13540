package phone_test

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestVoiceProcessingIsOnUntilItIsSwitchedOff(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.talk("600")
		d.want(d.op.Snapshot().VoiceProcessing && d.net.Count("Media.SetVoiceProcessing") == 0, "on by itself")
		d.must(d.op.SetVoiceProcessing(true)) // no news
		d.want(d.net.Count("Media.SetVoiceProcessing") == 0, "nothing changes")
		d.must(d.op.SetVoiceProcessing(false))
		d.wantSent("Media.SetVoiceProcessing false")
		d.want(!d.op.Snapshot().VoiceProcessing, "the snapshot tells it")
		d.must(d.op.SetVoiceProcessing(true))
		d.wantSent("Media.SetVoiceProcessing true")
		d.want(d.op.Snapshot().VoiceProcessing, "the snapshot tells it again")
	})
	onDesk(t, func(d *desk) {
		d.wantSent("Media.SetVoiceProcessing false")
		d.want(!d.op.Snapshot().VoiceProcessing, "off from the start")
	}, func(c *phone.Config, _ *desk) { c.NoVoiceProcessing = true })
}
