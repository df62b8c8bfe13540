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
	relay, relayUser, relayPassword, ringLimit, mediaPorts, recordCode, ca string
}

// list has them in the order of their fields.
func (e advancedErrors) list() []string {
	return []string{e.relay, e.relayUser, e.relayPassword, e.ringLimit, e.mediaPorts, e.recordCode, e.ca}
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
	ringLimit, mediaPorts           *widgets.FormField
	recordCode, ca                  *widgets.FormField
	intercom                        bool
	intercomButtons                 [2]*widgets.Button // off, on
}

func newAdvancedPart(onResize func()) *advancedPart {
	p := &advancedPart{
		onResize:      onResize,
		relay:         widgets.NewFormField(tr("advanced.relay"), "turn.example.com", false),
		relayUser:     widgets.NewFormField(tr("advanced.relayUser"), "", false),
		relayPassword: widgets.NewFormField(tr("advanced.relayPassword"), "", true),
		ringLimit:     widgets.NewFormField(tr("advanced.ringLimit"), "180", false),
		mediaPorts:    widgets.NewFormField(tr("advanced.mediaPorts"), "16384-16482", false),
		recordCode:    widgets.NewFormField(tr("advanced.recordCode"), "*1", false),
		ca:            widgets.NewFormField(tr("advanced.ca"), "/home/me/pbx.pem", false),
	}
	p.toggle = widgets.NewButton(widgets.ButtonState{}, func() { p.setOpen(!p.open) })
	for i := range p.intercomButtons {
		p.intercomButtons[i] = widgets.NewButton(widgets.ButtonState{}, func() { p.setIntercom(i == 1) })
	}
	p.body = stack(16,
		stack(8, p.relay, plain(tr("advanced.relayNote"))), p.relayUser, p.relayPassword,
		stack(8, labelled(tr("advanced.intercom"), choiceRow(p.intercomButtons[:])), plain(tr("advanced.intercomNote"))),
		p.ringLimit, p.mediaPorts, p.recordCode, p.ca)
	p.box = stack(12, alone(p.toggle), p.body)
	p.setIntercom(false)
	p.show(false)
	return p
}

// fields are the part's fields in reading order.
func (p *advancedPart) fields() []*widgets.FormField {
	return []*widgets.FormField{p.relay, p.relayUser, p.relayPassword, p.ringLimit, p.mediaPorts, p.recordCode, p.ca}
}

// name names the part's controls for tests that click.
func (p *advancedPart) name(m map[string]fyne.CanvasObject) {
	m["advanced"] = p.toggle
	if p.open {
		for i, name := range []string{"relay", "relay-user", "relay-password", "ring-limit", "media-ports", "record-code", "certificate"} {
			m[name] = p.fields()[i].Entry()
		}
		m["intercom-off"], m["intercom-on"] = p.intercomButtons[0], p.intercomButtons[1]
	}
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

func (p *advancedPart) setIntercom(on bool) {
	p.intercom = on
	p.intercomButtons[0].SetState(chosen(tr("advanced.intercomOff"), !on))
	p.intercomButtons[1].SetState(chosen(tr("advanced.intercomOn"), on))
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
	p.setIntercom(acc.AutoAnswer)
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
	acc.AutoAnswer = p.intercom
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
