package wiring

import (
	"log/slog"
	"sync"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/avp"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
)

// transports makes WebRTC transports. Its factory is built in the background, so that the start of the
// program does not wait for it, and built again with the loopback interface when a demo PBX starts.
type transports struct {
	log *slog.Logger

	mu       sync.Mutex
	loopback bool
	made     func() (*rtc.Factory, error)
	building sync.WaitGroup
}

var (
	_ media.TransportFactory = (*transports)(nil)
	_ media.Examiner         = (*transports)(nil)
	_ media.VideoExaminer    = (*transports)(nil)
)

// prepare begins to build the factory.
func (t *transports) prepare() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prepareLocked()
}

func (t *transports) prepareLocked() {
	o := rtc.Options{Logger: t.log.With("room", "rtc"), IncludeLoopback: t.loopback}
	made := sync.OnceValues(func() (*rtc.Factory, error) { return rtc.New(o) })
	t.made = made
	t.building.Go(func() {
		if _, err := made(); err != nil {
			t.log.Error("no media transport", "err", err)
		}
	})
}

// allowLoopback lets coming legs use the loopback interface, too.
func (t *transports) allowLoopback() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.loopback {
		t.loopback = true
		t.prepareLocked()
	}
}

// wait returns when nothing is being built any more.
func (t *transports) wait() { t.building.Wait() }

// NewTransport implements media.TransportFactory; it waits for the factory if that is not built yet.
func (t *transports) NewTransport(o phone.LegOptions, sink media.TransportSink) (media.Transport, error) {
	t.mu.Lock()
	made := t.made
	t.mu.Unlock()
	factory, err := made()
	if err != nil {
		return nil, err
	}
	return factory.NewTransport(o, sink)
}

// Examine implements media.Examiner, without the factory.
func (t *transports) Examine(_ phone.LegOptions, offer []byte) error { return rtc.Examine(offer) }

// OffersVideo implements media.VideoExaminer, without the factory.
func (t *transports) OffersVideo(offer []byte) bool { return rtc.OffersVideo(offer) }

// byPolicy returns the factory of each media policy: t for WebRTC, one without ICE for the others.
func (t *transports) byPolicy() (map[phone.MediaPolicy]media.TransportFactory, error) {
	without, err := avp.New(avp.Options{Logger: t.log.With("room", "avp")})
	if err != nil {
		return nil, err
	}
	return map[phone.MediaPolicy]media.TransportFactory{
		phone.MediaDefault: t, phone.MediaWebRTC: t,
		phone.MediaRTP: without, phone.MediaSDES: without, phone.MediaDTLS: without,
	}, nil
}
