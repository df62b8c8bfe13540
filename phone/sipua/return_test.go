package sipua

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// backAt is the first server, when the line looks whether it is back.
func (w *town) backAt(address string) *peer {
	w.Helper()
	select {
	case raw := <-w.doors[address]:
		return newMutePeer(w.T, raw)
	case <-time.After(2 * giveUp):
		w.Fatalf("the line does not look after %s", address)
	}
	return nil
}

// worksAgain is the first server, which answers when it is asked; over TCP, that it can be reached is answer enough.
func (w *town) worksAgain(udp bool) *peer {
	w.Helper()
	back := w.backAt(first)
	if udp {
		back.reply(back.request("OPTIONS"), 200, "o")
	}
	return back
}

// returns: what happens when the first server works again, or not, while the line is registered at the second. After five
// minutes it looks by itself.
var returns = map[string]func(w *town, p *peer, udp bool){
	"not before five minutes": func(w *town, p *peer, _ bool) {
		w.kill(first, false)
		time.Sleep(4 * time.Minute)
		w.line.Register(time.Hour)
		w.registerAt(p)
		w.empty(first)
	},
	"after five minutes, and without a disconnection": func(w *town, p *peer, udp bool) {
		w.kill(first, false)
		time.Sleep(5*time.Minute - time.Second)
		back := w.worksAgain(udp)
		w.registerAt(back)
		for len(w.events) > 0 {
			if e, down := (<-w.events).(phone.TransportDown); down {
				w.Errorf("%+v", e)
			}
		}
		if m, open := <-p.in; open {
			w.Errorf("the second gets %s", m.bytes())
		}
	},
	"without a name server nobody knows": func(w *town, p *peer, udp bool) {
		w.kill(first, false)
		w.lost.Store(true)
		time.Sleep(5*time.Minute - time.Second)
		w.registerAt(p) // the refresh that it takes the occasion for
		p.quiet(4 * time.Minute)
		w.lost.Store(false)
		time.Sleep(30 * time.Second)
		back := w.worksAgain(udp)
		w.registerAt(back)
	},
	"not before it says itself": func(w *town, _ *peer, udp bool) {
		w.kill(first, false)
		time.Sleep(5*time.Minute - time.Second)
		back := w.worksAgain(udp)
		back.reply(back.request("REGISTER"), 503, "r", "Retry-After: 1200")
		w.registerAt(w.at(second))
		time.Sleep(19 * time.Minute)
		w.empty(first)
		back = w.worksAgain(udp)
		w.registerAt(back)
	},
	"still away: the second is kept": func(w *town, p *peer, _ bool) {
		time.Sleep(5*time.Minute - time.Second)
		w.registerAt(p)
	},
	"over UDP it must answer, with no 503": func(w *town, p *peer, udp bool) {
		w.kill(first, !udp)
		time.Sleep(5*time.Minute - time.Second)
		if udp {
			back := w.backAt(first)
			back.reply(back.request("OPTIONS"), 503, "o")
		}
		w.registerAt(p)
	},
	"silent over UDP: the second is kept": func(w *town, p *peer, udp bool) {
		w.kill(first, !udp)
		time.Sleep(5*time.Minute - time.Second)
		if udp {
			back := w.backAt(first)
			for range probes {
				back.request("OPTIONS")
			}
		}
		w.registerAt(p)
		time.Sleep(4 * time.Minute)
		w.line.Register(time.Hour)
		w.registerAt(p)
		w.empty(first)
	},
	"not during a call, but after it": func(w *town, p *peer, udp bool) {
		w.kill(first, false)
		_, tag := w.talkingIn(p)
		time.Sleep(20 * time.Minute)
		w.empty(first)
		p.send(theirs("BYE", 2, "bye", tag, ""))
		p.response(200, "BYE")
		event[phone.DialogEnded](w.stage)
		back := w.worksAgain(udp)
		w.registerAt(back)
	},
}

func TestReturn(t *testing.T) {
	for name, script := range returns {
		for _, transport := range []string{"TCP", "UDP"} {
			t.Run(name+" "+transport, func(t *testing.T) {
				inTown(t, transport, func(w *town) {
					p := w.at(second)
					w.registerAt(p)
					script(w, p, transport == "UDP")
				}, first)
			})
		}
	}
}
