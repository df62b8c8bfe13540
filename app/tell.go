package app

import (
	"encoding/json"
	"io"
	"math"
	"reflect"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// teller tells a test outside the process where the named controls are: a JSON line with every
// visible control's rectangle in the window's pixels, and with what it says, whenever any of that
// has changed:
//
//	{"rects":{"call":[618,652,140,56],"key-6":[…]},"values":{"page":"calls","status":"Ready","level-far":0.42}}
//
// Names: try-demo connect paste-account server user password encryption · number call call-field backspace key-0…9 key-star
// key-hash · nav-calls nav-dial nav-settings · mute camera-on keypad hold record record-pause transfer merge swap hangup back microphone speaker ·
// transfer-number transfer-0… transfer-ask transfer-now transfer-cancel transfer-do transfer-end ·
// filter-all filter-missed past-call past-contact past-delete past-folder past-close past-back · contact-search contact-add contact-first
// contact-0… contact-number-0… contact-star contact-edit contact-delete contact-close contact-back card-name card-company card-number-0…
// card-label-0… card-more card-save card-cancel · nav-contacts ·
// call-video answer answer-video decline silence · card-0… card-0-end card-0-aside card-0-resume card-0-again card-0-follow card-0-close · row-0… ·
// notice notice-action · show-call · add-account camera camera-preview record-consent clean-on clean-off appearance-system appearance-light appearance-dark.
type teller struct {
	app    *App
	out    *json.Encoder
	timer  *time.Timer
	last   report
	levels [2]float64
	drawn  uint64 // pictures of a camera, in steps of 15
}

// report is one line.
type report struct {
	Rects  map[string][4]int `json:"rects"`
	Values map[string]any    `json:"values"`
}

// settle is how long the layout is given to come to rest before it is told.
const settle = 30 * time.Millisecond

func newTeller(a *App, out io.Writer) *teller {
	t := &teller{app: a}
	if out != nil {
		t.out = json.NewEncoder(out)
	}
	return t
}

// look tells soon what is there then.
func (t *teller) look() {
	if t.out == nil {
		return
	}
	if t.timer == nil {
		t.timer = time.AfterFunc(settle, func() { t.app.post(t.tell) })
	} else {
		t.timer.Reset(settle)
	}
}

func (t *teller) stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}

// level notes the levels that were drawn.
func (t *teller) level(near, far float64) {
	if t.out == nil {
		return
	}
	round := func(x float64) float64 { return math.Round(x*meterSegments) / meterSegments }
	if l := [2]float64{round(near), round(far)}; l != t.levels {
		t.levels = l
		t.look()
	}
}

// pictures notes how many pictures were drawn, about once a second.
func (t *teller) pictures(n uint64) {
	if n -= n % 15; t.out != nil && n != t.drawn {
		t.drawn = n
		t.look()
	}
}

func (t *teller) tell() {
	r := report{Rects: map[string][4]int{}, Values: t.values()}
	canvas := t.app.window.Canvas()
	for name, o := range t.named() {
		if rect, ok := rectOf(canvas, o); ok {
			r.Rects[name] = rect
		}
	}
	if reflect.DeepEqual(r, t.last) {
		return
	}
	t.last = r
	if err := t.out.Encode(r); err != nil {
		t.app.log.Warn("rectangles could not be told", "err", err)
		t.out = nil
	}
}

// rectOf is where an object is, if a click can reach it.
func rectOf(c fyne.Canvas, o fyne.CanvasObject) ([4]int, bool) {
	if o == nil {
		return [4]int{}, false
	}
	size := o.Size()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	middle := at.Add(fyne.NewPos(size.Width/2, size.Height/2))
	room := c.Size()
	if !o.Visible() || at.IsZero() || size.Width < 1 || middle.X < 0 || middle.Y < 0 || middle.X > room.Width || middle.Y > room.Height {
		return [4]int{}, false
	}
	scale := c.Scale()
	px := func(v float32) int { return int(math.Round(float64(v * scale))) }
	return [4]int{px(at.X), px(at.Y), px(size.Width), px(size.Height)}, true
}

func (t *teller) values() map[string]any {
	s := t.app.shell
	v := s.view
	ended := len(t.app.model.ended)
	values := map[string]any{
		"page": string(v.page), "status": v.status.Word, "line": v.status.Line, "number": v.typed,
		"notice": v.bar.Text, "calls": len(v.live) - ended, "ended": ended, "incoming": len(v.incoming), "rows": t.app.model.past.rows(), "search": t.app.model.past.text,
	}
	if v.people.person.shown {
		values["found"] = v.people.person.name
	}
	if v.page == pageSettings {
		values["preview"], values["pictures"] = s.settings.preview.on, t.drawn
	}
	if v.stage.shown {
		values["state"], values["timer"], values["name"] = v.stage.word, v.stage.timer, v.stage.name
		values["padlock"] = v.stage.lock.Label
		values["record"] = v.stage.record.mark.Label
		values["video"], values["camera"], values["pictures"] = v.stage.video.shown, v.stage.video.camera.Tone == widgets.ToneOn, t.drawn
		values["muted"] = v.stage.mute.Tone == widgets.ToneOn
		values["digits"] = len(v.stage.digits)
		values["level-near"], values["level-far"] = t.levels[0], t.levels[1]
	}
	if v.transfer.step != transferNone {
		values["transfer"], values["transfer-note"] = string(v.transfer.step), v.transfer.note
	}
	for i, c := range v.live {
		values["card-"+itoa(i)] = c.card.Word
	}
	if f := t.app.model.form; v.page == pageFirst {
		values["waiting"] = f.waiting
		values["form"] = firstOf(f.serverError, f.userError, f.secret, f.advanced.first(), f.trouble)
		values["advanced"] = s.first.advanced.open
	}
	return values
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// named are the controls that a test may want to click.
func (t *teller) named() map[string]fyne.CanvasObject {
	s := t.app.shell
	m := map[string]fyne.CanvasObject{}
	switch s.view.page {
	case pageFirst:
		f := s.first
		m["try-demo"], m["connect"], m["form-back"], m["paste-account"] = f.demo, f.connect, f.cancel, f.paste
		m["server"], m["user"], m["password"], m["encryption"] = f.server.Entry(), f.user.Entry(), f.password.Entry(), f.soundLine
		f.advanced.name(m)
		return m
	case pageSettings:
		m["add-account"], m["record-consent"] = s.settings.add, s.settings.record.consent
		m["clean-on"], m["clean-off"] = s.settings.cleans[0], s.settings.cleans[1]
		m["camera"], m["camera-preview"] = s.settings.pickers[3], s.settings.preview.button
		for i, look := range appearances {
			m["appearance-"+string(look)] = s.settings.looks[i]
		}
	case pageContacts:
		t.namePeople(m)
	default:
		t.nameCalls(m)
	}
	for _, item := range s.view.nav.Items {
		nav := s.bottom
		if s.view.wide {
			nav = s.rail
		}
		m["nav-"+item.Key] = nav.Item(item.Key)
	}
	for _, in := range s.view.incoming {
		if card := s.calls[in.id]; card != nil && m["answer"] == nil {
			m["answer-video"] = card.Button("video")
			m["answer"], m["decline"], m["silence"] = card.Button("answer"), card.Button("decline"), card.Button("silence")
		}
	}
	m["notice"], m["notice-action"] = s.notice, s.notice.Action()
	m["show-call"] = s.ribbon.show
	return m
}

// nameCalls names what the calls page and the dial pad hold.
func (t *teller) nameCalls(m map[string]fyne.CanvasObject) {
	s := t.app.shell
	m["number"], m["call-field"] = s.list.field, s.list.call
	m["call"], m["backspace"], m["call-video"] = s.dial.call, s.dial.back, s.dial.video
	keys := s.dial.keys
	if s.view.stage.shown {
		keys = s.stage.keys
		m["camera-on"] = s.stage.camera
		m["record"], m["record-pause"] = s.stage.record, s.stage.recordPause
		m["mute"], m["keypad"], m["hold"], m["back"] = s.stage.mute, s.stage.pad, s.stage.hold, s.stage.back
		m["microphone"], m["speaker"] = s.stage.microphone, s.stage.speaker
		m["hangup"] = s.stage.hang
		if s.stage.wideHang.Visible() {
			m["hangup"] = s.stage.wideHang
		}
	}
	for r, name := range map[rune]string{'*': "key-star", '#': "key-hash"} {
		m[name] = keys.Key(r)
	}
	for r := '0'; r <= '9'; r++ {
		m["key-"+string(r)] = keys.Key(r)
	}
	for i, c := range s.view.live {
		card := s.list.cards[c.id]
		name := "card-" + itoa(i)
		m[name] = card
		for _, action := range []string{"end", "resume", "aside", "again", "close"} {
			m[name+"-"+action] = card.Button(action)
		}
		m[name+"-follow"] = card.Follow()
	}
	t.nameTransfer(m)
	if s.view.empty == emptyCalls {
		m["echo-test"] = s.list.empty.Action()
	}
	nameRows(m, "row-", &t.app.model.past.roll, s.list.rows)
	m["filter-all"], m["filter-missed"] = s.list.all, s.list.missed
	p := s.past
	m["past-call"], m["past-contact"], m["past-delete"], m["past-folder"] = p.call, p.contact, p.remove, p.folder
	m["past-close"], m["past-back"] = p.shut, p.back
}

// nameRows names the rows that are in sight, the first of the list with 0.
func nameRows(m map[string]fyne.CanvasObject, prefix string, r *roll, list *widgets.RowList) {
	n := 0
	for i, l := range r.lines {
		if l.key() == "" {
			continue
		}
		if row := list.RowAt(i); row != nil {
			m[prefix+itoa(n)] = row
		}
		if n++; n > 100 {
			return
		}
	}
}

// namePeople names what the contacts' page holds.
func (t *teller) namePeople(m map[string]fyne.CanvasObject) {
	s := t.app.shell
	m["contact-search"], m["contact-add"], m["contact-first"] = s.people.search.field, s.people.add, s.people.none.Action()
	nameRows(m, "contact-", &t.app.model.people.roll, s.people.rows)
	p, c := s.person, s.card
	m["contact-star"], m["contact-delete"], m["contact-edit"], m["contact-close"], m["contact-back"] = p.star, p.remove, p.edit, p.shut, p.back
	for i := range s.view.people.person.numbers {
		m["contact-number-"+itoa(i)] = p.numbers[i]
	}
	m["card-name"], m["card-company"], m["card-more"], m["card-save"], m["card-cancel"] = c.name.Entry(), c.company.Entry(), c.more, c.save, c.cancel
	for i, r := range c.rows[:c.shown] {
		m["card-number-"+itoa(i)], m["card-label-"+itoa(i)] = r.field.Entry(), r.kind
	}
}

// nameTransfer names the transfer's panel; it stands where the stage's controls stood.
func (t *teller) nameTransfer(m map[string]fyne.CanvasObject) {
	s := t.app.shell
	if s.view.stage.shown {
		m["transfer"], m["merge"], m["swap"] = s.stage.transfer, s.stage.merge, s.stage.held.swap
	}
	step := s.view.transfer.step
	if step == transferNone {
		return
	}
	for _, hidden := range []string{"mute", "camera-on", "keypad", "hold", "record", "record-pause", "hangup", "back", "microphone", "speaker", "transfer", "merge", "swap"} {
		delete(m, hidden)
	}
	p := s.transfer
	m["transfer-cancel"], m["transfer-do"] = p.cancel, p.do
	switch step {
	case transferChoose:
		m["transfer-number"], m["transfer-ask"], m["transfer-now"] = p.field, p.ask, p.now
		for i := range s.view.transfer.matches {
			m["transfer-"+itoa(i)] = p.rows[i]
		}
	case transferAsking:
		m["mute"], m["merge"], m["transfer-end"] = p.mute, p.merge, p.end
	case transferSending:
		m["hangup"] = p.end
	}
}
