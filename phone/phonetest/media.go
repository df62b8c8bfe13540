package phonetest

import (
	"image"
	"slices"
	"sync"

	"github.com/hookswitch/hookswitch/phone"
)

// Media is a fake phone.Media. Its records start with "Media.". Set its exported fields before it is used.
type Media struct {
	*Journal
	// Auto makes the fake answer at once: Offer and Answer with LocalDescription ("offer" and
	// "answer" as SDP), Remote with RemoteApplied.
	Auto bool
	// SDP is what the automatic answers describe, "offer" and "answer" where it is empty.
	SDP []byte
	// Info is what the automatic answers tell about the session.
	Info phone.MediaInfo
	// Unusable is what Examine says of every offer.
	Unusable error
	// Filmed is what OffersVideo says of every offer.
	Filmed bool
	// Foreign is an answer of another far end than the one before: Remote fails with phone.ErrMediaElsewhere.
	Foreign string
	// NoTelephoneEvent makes DTMF report false.
	NoTelephoneEvent bool

	mu     sync.Mutex
	sinks  map[phone.CallID]func(phone.MediaEvent)
	all    map[phone.CallID][]func(phone.MediaEvent)
	stats  map[phone.CallID]phone.MediaStats
	frames map[phone.CallID]*image.YCbCr
	own    map[phone.CallID]*image.YCbCr
	tone   phone.Tone
}

var _ phone.Media = (*Media)(nil)

// NewMedia returns a fake that records into journal (nil: one of its own).
func NewMedia(journal *Journal) *Media {
	if journal == nil {
		journal = NewJournal()
	}
	return &Media{
		Journal: journal,
		sinks:   make(map[phone.CallID]func(phone.MediaEvent)),
		all:     make(map[phone.CallID][]func(phone.MediaEvent)),
		stats:   make(map[phone.CallID]phone.MediaStats),
		frames:  make(map[phone.CallID]*image.YCbCr),
		own:     make(map[phone.CallID]*image.YCbCr),
	}
}

// Post hands an event to the sink of a leg. For a leg that is not open it does nothing.
func (m *Media) Post(leg phone.CallID, event phone.MediaEvent) {
	m.mu.Lock()
	sink := m.sinks[leg]
	m.mu.Unlock()
	if sink != nil {
		sink(event)
	}
}

// Sinks returns the sinks of all legs that were ever opened by that name, closed ones too: what a transport says late comes
// through them.
func (m *Media) Sinks(leg phone.CallID) []func(phone.MediaEvent) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.all[leg])
}

// Legs returns how many legs are open.
func (m *Media) Legs() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sinks)
}

// SetStats sets what Stats returns for an open leg.
func (m *Media) SetStats(leg phone.CallID, stats phone.MediaStats) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats[leg] = stats
}

// Tone returns the tone that plays now.
func (m *Media) Tone() phone.Tone {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tone
}

// Examine implements phone.Media.
func (m *Media) Examine(o phone.LegOptions, offer []byte) error {
	m.add(o, "Media.Examine offer=%q", offer)
	return m.Unusable
}

// OffersVideo implements phone.Media.
func (m *Media) OffersVideo(phone.LegOptions, []byte) bool { return m.Filmed }

// Open implements phone.Media.
func (m *Media) Open(leg phone.CallID, o phone.LegOptions, sink func(phone.MediaEvent)) {
	m.mu.Lock()
	m.sinks[leg] = sink
	m.all[leg] = append(m.all[leg], sink)
	m.mu.Unlock()
	m.add(o, "Media.Open %s", leg)
}

// Offer implements phone.Media.
func (m *Media) Offer(leg phone.CallID, wish phone.MediaWish) {
	m.add(wish, "Media.Offer %s hold=%t video=%t%s", leg, wish.Hold, wish.Video, also(wish))
	if m.Auto {
		m.Post(leg, phone.LocalDescription{Leg: leg, SDP: m.describe("offer"), Info: m.Info})
	}
}

// Answer implements phone.Media.
func (m *Media) Answer(leg phone.CallID, offer []byte, wish phone.MediaWish) {
	m.add(wish, "Media.Answer %s offer=%q hold=%t video=%t%s", leg, offer, wish.Hold, wish.Video, also(wish))
	if m.Auto {
		m.Post(leg, phone.LocalDescription{Leg: leg, SDP: m.describe("answer"), Info: m.Info})
	}
}

// Remote implements phone.Media.
func (m *Media) Remote(leg phone.CallID, answer []byte, provisional bool) {
	m.add(answer, "Media.Remote %s answer=%q provisional=%t", leg, answer, provisional)
	if m.Foreign != "" && string(answer) == m.Foreign {
		m.Post(leg, phone.MediaFailed{Leg: leg, Err: phone.ErrMediaElsewhere})
		return
	}
	if m.Auto {
		m.Post(leg, phone.RemoteApplied{Leg: leg, Info: m.Info})
	}
}

// also is what else a wish says.
func also(wish phone.MediaWish) (text string) {
	if wish.Restart {
		text += " restart"
	}
	if wish.Watch {
		text += " watch"
	}
	return text
}

func (m *Media) describe(otherwise string) []byte {
	if len(m.SDP) > 0 {
		return m.SDP
	}
	return []byte(otherwise)
}

// Rollback implements phone.Media.
func (m *Media) Rollback(leg phone.CallID) { m.add(nil, "Media.Rollback %s", leg) }

// Start implements phone.Media.
func (m *Media) Start(leg phone.CallID) { m.add(nil, "Media.Start %s", leg) }

// Close implements phone.Media.
func (m *Media) Close(leg phone.CallID) {
	m.mu.Lock()
	delete(m.sinks, leg)
	delete(m.stats, leg)
	m.mu.Unlock()
	m.add(nil, "Media.Close %s", leg)
}

// Mute implements phone.Media.
func (m *Media) Mute(leg phone.CallID, on bool) { m.add(on, "Media.Mute %s %t", leg, on) }

// Hold implements phone.Media.
func (m *Media) Hold(leg phone.CallID, on bool) { m.add(on, "Media.Hold %s %t", leg, on) }

// Mix implements phone.Media.
func (m *Media) Mix(leg phone.CallID, on bool) { m.add(on, "Media.Mix %s %t", leg, on) }

// DTMF implements phone.Media.
func (m *Media) DTMF(leg phone.CallID, digits string) bool {
	m.add(digits, "Media.DTMF %s %s", leg, digits)
	return !m.NoTelephoneEvent
}

// Beep implements phone.Beeper.
func (m *Media) Beep(leg phone.CallID) { m.add(nil, "Media.Beep %s", leg) }

// Record implements phone.Media. With Auto it answers with RecordStarted and the file "call.opus".
func (m *Media) Record(leg phone.CallID, o phone.RecordOptions) {
	m.add(o, "Media.Record %s take=%d folder=%q format=%s notice=%s party=%q", leg, o.Take, o.Folder, o.Format, o.Notice, o.Party)
	if m.Auto {
		m.Post(leg, phone.RecordStarted{Leg: leg, Take: o.Take, File: "call.opus"})
	}
}

// PauseRecord implements phone.Media.
func (m *Media) PauseRecord(leg phone.CallID, on bool) { m.add(on, "Media.PauseRecord %s %t", leg, on) }

// StopRecord implements phone.Media.
func (m *Media) StopRecord(leg phone.CallID) { m.add(nil, "Media.StopRecord %s", leg) }

// Play implements phone.Media.
func (m *Media) Play(tone phone.Tone) {
	m.mu.Lock()
	m.tone = tone
	m.mu.Unlock()
	m.add(tone, "Media.Play %s", tone)
}

// KeyFeedback implements phone.Media.
func (m *Media) KeyFeedback(digit rune) { m.add(digit, "Media.KeyFeedback %c", digit) }

// SetDevices implements phone.Media.
func (m *Media) SetDevices(ids phone.DeviceIDs) {
	m.add(ids, "Media.SetDevices mic=%q speaker=%q ringer=%q camera=%q", ids.Microphone, ids.Speaker, ids.Ringer, ids.Camera)
}

// SetVoiceProcessing implements phone.Media.
func (m *Media) SetVoiceProcessing(on bool) { m.add(on, "Media.SetVoiceProcessing %t", on) }

// Frame implements phone.Media: there are no pictures but those of SetFrame and SetOwnFrame, while the leg is open.
func (m *Media) Frame(leg phone.CallID, far bool) (*image.YCbCr, uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	picture := m.own[leg]
	if far {
		picture = m.frames[leg]
	}
	if picture == nil || m.sinks[leg] == nil {
		return nil, 0
	}
	return picture, 1
}

// SetOwnFrame sets our own picture of a leg, as it is sent.
func (m *Media) SetOwnFrame(leg phone.CallID, picture *image.YCbCr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.own[leg] = picture
}

// SetFrame sets the far end's picture of a leg.
func (m *Media) SetFrame(leg phone.CallID, picture *image.YCbCr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.frames[leg] = picture
}

// Levels implements phone.Media: a half on both sides of an open leg, silence elsewhere.
func (m *Media) Levels(leg phone.CallID) (near, far float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sinks[leg] == nil {
		return 0, 0
	}
	return 0.5, 0.5
}

// Stats implements phone.Media.
func (m *Media) Stats(leg phone.CallID) (phone.MediaStats, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats[leg], m.sinks[leg] != nil
}

// Shutdown implements phone.Media.
func (m *Media) Shutdown() {
	m.mu.Lock()
	clear(m.sinks)
	m.mu.Unlock()
	m.add(nil, "Media.Shutdown")
}

// Devices is a fake phone.Devices.
type Devices struct{ NoMicrophone, NoCamera bool }

var _ phone.Devices = Devices{}

// HaveMicrophone implements phone.Devices.
func (d Devices) HaveMicrophone() bool { return !d.NoMicrophone }

// HaveCamera implements phone.Devices.
func (d Devices) HaveCamera() bool { return !d.NoCamera }
