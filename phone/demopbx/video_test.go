package demopbx

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
)

func TestTheEchoShowsWhatItSeesAndNobodyElseTakesVideo(t *testing.T) {
	p, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for number, shows := range map[string]bool{"600": true, "601": false} {
		c := caller(t, p, "UDP")
		e := newEar(t, rtc.Options{IncludeLoopback: true})
		e.wish = phone.MediaWish{Video: true}
		dialog, agreed := e.dial(c, number)
		if agreed.Video.On != shows {
			t.Errorf("%s: %+v", number, agreed.Video)
		}
		if shows {
			e.show(agreed.Video.PayloadType)
		}
		c.send(c.within(dialog, "BYE", ""))
	}
}

// show sends a picture until it comes back.
func (e *ear) show(number uint8) {
	e.t.Helper()
	out, _ := e.transport.(media.VideoTransport)
	for sequence := uint16(1); sequence < 500; sequence++ {
		out.WriteVideo(&rtp.Header{PayloadType: number, SequenceNumber: sequence, Marker: true}, []byte("picture"))
		select {
		case p := <-e.pictures:
			if string(p.Payload) != "picture" || !p.Marker {
				e.t.Errorf("%v", p)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	e.t.Error("no picture came back")
}
