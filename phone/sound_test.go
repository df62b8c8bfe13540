package phone_test

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestSoundThatStaysAwayIsShownAndGoneWhenItComes(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		for _, on := range []bool{true, false} {
			d.media.Post(id, phone.SoundMissing{Leg: id, On: on})
			d.settle()
			if c := d.call(id); c.NoSound != on || c.State != phone.StateTalking {
				t.Errorf("missing %v: %+v", on, c)
			}
		}
	})
}
