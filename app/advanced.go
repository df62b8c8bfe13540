package app

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// advancedErrors are what is wrong with the fields of the form's advanced part.
type advancedErrors struct {
	relay, relayUser, relayPassword, mediaPorts, ca, ringLimit, recordCode string
}

// list has them in the order of their fields.
func (e advancedErrors) list() []string {
	return []string{e.relay, e.relayUser, e.relayPassword, e.mediaPorts, e.ca, e.ringLimit, e.recordCode}
}

func (e advancedErrors) first() string { return firstOf(e.list()...) }

// advancedPart is the part of the account form that is closed at first: what people far from their PBX, or at a
// reception, are told to fill in.
type advancedPart struct {
	box, body                       *fyne.Container
	toggle                          *widgets.Button
	open                            bool
	onResize                        func()
	relay, relayUser, relayPassword *widgets.FormField
	mediaPorts, ca                  *widgets.FormField
	ringLimit, recordCode           *widgets.FormField
	most                            string // the choice of callChoices
	calls                           *widgets.DevicePicker
	intercom                        *formChoice // ring first, answer by itself
	recording                       *formChoice // as recordPermissions: never, pause only, all
	early                           *formChoice // a consultation call that still rings: cancelled, joined
	refer                           *formChoice // who is told to join two calls: the first's far end, the second's
}

func newAdvancedPart(onResize func()) *advancedPart {
	p := &advancedPart{
		onResize:      onResize,
		relay:         widgets.NewFormField(tr("advanced.relay"), "turn.example.com", false),
		relayUser:     widgets.NewFormField(tr("advanced.relayUser"), "", false),
		relayPassword: widgets.NewFormField(tr("advanced.relayPassword"), "", true),
		mediaPorts:    widgets.NewFormField(tr("advanced.mediaPorts"), "16384-16482", false),
		ca:            widgets.NewFormField(tr("advanced.ca"), "/home/me/pbx.pem", false),
		ringLimit:     widgets.NewFormField(tr("advanced.ringLimit"), "180", false),
		recordCode:    widgets.NewFormField(tr("advanced.recordCode"), "*1", false),
		intercom:      newFormChoice(tr("advanced.intercomOff"), tr("advanced.intercomOn")),
		recording:     newFormChoice(tr("advanced.recordNever"), tr("advanced.recordPause"), tr("advanced.recordAll")),
		early:         newFormChoice(tr("advanced.earlyCancel"), tr("advanced.earlyJoin")),
		refer:         newFormChoice(tr("advanced.referFirst"), tr("advanced.referSecond")),
	}
	p.toggle = widgets.NewButton(widgets.ButtonState{}, func() { p.setOpen(!p.open) })
	p.calls = widgets.NewDevicePicker(widgets.PickerState{Field: true}, p.pickCalls)
	p.body = stack(16,
		section(tr("advanced.network")),
		stack(8, p.relay, plain(tr("advanced.relayNote"))), p.relayUser, p.relayPassword, p.mediaPorts, p.ca,
		section(tr("settings.calls")),
		labelled(tr("settings.limit"), p.calls), p.ringLimit, p.intercom.labelled(tr("advanced.intercom"), tr("advanced.intercomNote")),
		section(tr("settings.recording")),
		p.recording.labelled(tr("advanced.record"), tr("advanced.recordNote")), p.recordCode,
		section(tr("advanced.transfer")),
		p.early.labelled(tr("advanced.early"), tr("advanced.earlyNote")), p.refer.labelled(tr("advanced.refer"), tr("advanced.referNote")), gapOf(0))
	p.box = stack(12, alone(p.toggle), p.body)
	p.pickCalls(callChoice(newAccount().MaxCalls))
	p.recording.set(newAccount().RecordPermissions)
	p.show(false)
	return p
}

// fields are the part's fields in reading order.
func (p *advancedPart) fields() []*widgets.FormField {
	return []*widgets.FormField{p.relay, p.relayUser, p.relayPassword, p.mediaPorts, p.ca, p.ringLimit, p.recordCode}
}

// name names the part's controls for tests that click.
func (p *advancedPart) name(m map[string]fyne.CanvasObject) {
	m["advanced"] = p.toggle
	if !p.open {
		return
	}
	for i, name := range []string{"relay", "relay-user", "relay-password", "media-ports", "certificate", "ring-limit", "record-code"} {
		m[name] = p.fields()[i].Entry()
	}
	m["call-limit"] = p.calls
	p.intercom.name(m, "intercom-off", "intercom-on")
	p.recording.name(m, "may-record-not", "may-record-pause", "may-record-all")
	p.early.name(m, "early-cancel", "early-join")
	p.refer.name(m, "refer-first", "refer-second")
}

// setOpen opens or closes the part in place; what was typed stays.
func (p *advancedPart) setOpen(open bool) {
	p.show(open)
	p.onResize()
}

func (p *advancedPart) show(open bool) {
	p.open = open
	icon, spoken := "chevron-down", tr("advanced.show")
	if open {
		icon, spoken = "chevron-up", tr("advanced.hide")
	}
	p.toggle.SetState(widgets.ButtonState{Label: tr("advanced.title"), Icon: icon, Spoken: spoken, Tone: widgets.ToneOutline})
	show(p.body, open)
	p.box.Refresh()
}

// setState fills the fields by what an account says; the relay's password is shown only where it was just pasted.
func (p *advancedPart) setState(acc phone.Account, withPassword bool) {
	r := relaysOf(acc.ICEServers)
	p.relay.SetState(r.addresses)
	p.relayUser.SetState(r.user)
	p.relayPassword.SetState("")
	if withPassword {
		p.relayPassword.SetState(r.password)
	}
	p.ringLimit.SetState("")
	if acc.RingLimit > 0 {
		p.ringLimit.SetState(strconv.Itoa(int(acc.RingLimit / time.Second)))
	}
	p.mediaPorts.SetState(acc.MediaPorts.String())
	p.recordCode.SetState(acc.RecordCode)
	p.ca.SetState(acc.CA)
	p.pickCalls(callChoice(acc.MaxCalls))
	p.intercom.setOn(acc.AutoAnswer)
	p.recording.set(acc.RecordPermissions)
	p.early.setOn(acc.EarlyReplaces)
	p.refer.setOn(acc.ReferConsultation)
	p.setOpen(false)
}

// draw says under each field what is wrong with it, and opens the part where something is.
func (p *advancedPart) draw(wrong advancedErrors) {
	for i, text := range wrong.list() {
		p.fields()[i].SetError(text)
	}
	if wrong != (advancedErrors{}) && !p.open {
		p.show(true)
	}
	p.body.Refresh()
}

// shownRelays are the STUN and TURN servers of an account as far as the form has fields for them: all addresses that
// need no password, and those of the first name. The rest belongs to other names and stays as it is.
type shownRelays struct {
	addresses, user, password string
	rest                      []phone.ICEServer
}

func relaysOf(list []phone.ICEServer) (r shownRelays) {
	var addresses []string
	for _, s := range list {
		if s.Username != "" && r.user != "" && s.Username != r.user {
			r.rest = append(r.rest, s)
			continue
		}
		addresses = append(addresses, s.URLs...)
		if s.Username != "" {
			r.user, r.password = s.Username, firstOf(r.password, s.Credential)
		}
	}
	r.addresses = strings.Join(addresses, ", ")
	return r
}

// take puts what was typed into the account that the form began with, and says what cannot be.
func (p *advancedPart) take(acc *phone.Account, wrong *advancedErrors) {
	p.takeRelays(acc, wrong)
	acc.AutoAnswer, acc.EarlyReplaces, acc.ReferConsultation = p.intercom.on(), p.early.on(), p.refer.on()
	acc.RecordPermissions = p.recording.at
	acc.MaxCalls, _ = strconv.Atoi(p.most) // "" is none
	acc.RingLimit = 0
	if text := typedIn(p.ringLimit); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 3600 {
			wrong.ringLimit = tr("advanced.badRingLimit")
		}
		acc.RingLimit = time.Duration(n) * time.Second
	}
	var err error
	if acc.MediaPorts, err = phone.ParsePortRange(strings.ReplaceAll(typedIn(p.mediaPorts), " ", "")); err != nil {
		wrong.mediaPorts = tr("advanced.badMediaPorts")
	}
	acc.RecordCode = strings.ToUpper(strings.ReplaceAll(typedIn(p.recordCode), " ", ""))
	if phone.CheckRecordCode(acc.RecordCode) != nil {
		wrong.recordCode = tr("advanced.badRecordCode")
	} else if acc.RecordPermissions == 1 && acc.RecordCode == "" { // nobody here would begin what may be paused
		wrong.recordCode = tr("advanced.needRecordCode")
	}
	acc.CA = typedIn(p.ca)
}

func (p *advancedPart) takeRelays(acc *phone.Account, wrong *advancedErrors) {
	before := relaysOf(acc.ICEServers)
	addresses, user, password := typedIn(p.relay), typedIn(p.relayUser), p.relayPassword.Text()
	list, err := phone.NewICEServers(addresses, user, firstOf(password, before.password))
	switch {
	case errors.Is(err, phone.ErrRelayCredentials) && user == "":
		wrong.relayUser = tr("advanced.needRelayUser")
	case errors.Is(err, phone.ErrRelayCredentials):
		wrong.relayPassword = tr("advanced.needRelayPassword")
	case err != nil:
		wrong.relay = tr("advanced.badRelay")
	case addresses != before.addresses || user != before.user || password != "":
		acc.ICEServers = append(list, before.rest...)
	}
}

func typedIn(f *widgets.FormField) string { return strings.TrimSpace(f.Text()) }

// mostCA bounds a file of certificates.
const mostCA = 1 << 20

// checkCA says whether a file holds a certificate.
func checkCA(file string) error {
	f, err := os.Open(file) //nolint:gosec // the user named it
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, mostCA))
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(data) {
		err = phone.ErrAccountInvalid
	}
	return err
}

// tryWithCA tries the account once its certificate file, if it has one, was read; the disk may take its time.
func (a *App) tryWithCA(acc phone.Account) {
	if acc.CA == "" {
		a.try(acc)
		return
	}
	m := &a.model
	m.form.waiting = true
	form := m.form
	a.async(func(context.Context) error { return checkCA(acc.CA) }, func(err error) {
		switch {
		case m.form != form: // it was left meanwhile
			return
		case err != nil:
			a.log.Info("the certificate file", "err", err)
			m.form.waiting, m.form.advanced.ca = false, tr("advanced.badCA")
			a.render()
			a.shell.first.showWrong()
		default:
			a.try(acc)
		}
	})
	a.render()
}
