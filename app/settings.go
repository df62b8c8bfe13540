package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// settingsPart is the settings' page: accounts, devices, appearance, about.
type settingsPart struct {
	app      *App
	box      *fyne.Container
	scroll   *container.Scroll
	items    *fyne.Container
	accounts *fyne.Container
	rows     []*accountRow
	ids      []phone.AccountID
	add      *widgets.Button
	demo     *widgets.Button
	pickers  [4]*widgets.DevicePicker
	preview  *preview
	limit    *widgets.DevicePicker // of calls
	looks    [3]*widgets.Button
	record   *recordSettings
	cleans   [2]*widgets.Button // whether echo and noise are taken out: on, off
}

// appearances are the choices in the order of their buttons.
var appearances = [3]widgets.Appearance{widgets.AppearanceSystem, widgets.AppearanceLight, widgets.AppearanceDark}

func newSettingsPart(a *App) *settingsPart {
	p := &settingsPart{app: a, accounts: stack(8)}
	p.add = widgets.NewButton(widgets.ButtonState{Label: tr("settings.add"), Icon: "plus", Tone: widgets.ToneOutline}, a.addAccount)
	p.demo = widgets.NewButton(widgets.ButtonState{Label: tr("first.demo"), Icon: "play", Tone: widgets.ToneOutline}, a.startDemo)
	pick := [4]func(string){a.pickMicrophone, a.pickSpeaker, a.pickRinger, a.pickCamera}
	for i := range p.pickers {
		p.pickers[i] = widgets.NewDevicePicker(widgets.PickerState{Field: true}, pick[i])
	}
	p.preview = newPreview(a)
	p.record = newRecordSettings(a)
	p.limit = widgets.NewDevicePicker(widgets.PickerState{Field: true}, a.pickLimit)
	for i, look := range appearances {
		p.looks[i] = widgets.NewButton(widgets.ButtonState{}, func() { a.setAppearance(look) })
	}
	buttons := group(fixed(200, 44), func(s fyne.Size) {
		x := float32(0)
		for _, b := range []*widgets.Button{p.add, p.demo} {
			w := b.MinSize().Width
			put(b, x, 0, w, 44)
			x += w + 12
		}
	}, p.add, p.demo)
	looks := choiceRow(p.looks[:])
	for i, on := range []bool{true, false} {
		p.cleans[i] = widgets.NewButton(widgets.ButtonState{}, func() { a.setCleaning(on) })
	}
	p.items = stack(12,
		widgets.NewText(widgets.TextState{Text: tr("nav.settings"), Size: widgets.SizeTitle, Bold: true}),
		section(tr("settings.accounts")), p.accounts, buttons,
		section(tr("settings.devices")),
		labelled(tr("device.microphone"), p.pickers[0]),
		labelled(tr("settings.clean"), choiceRow(p.cleans[:])), plain(tr("settings.cleanHint")),
		labelled(tr("device.speaker"), p.pickers[1]),
		labelled(tr("device.ringer"), p.pickers[2]),
		labelled(tr("device.camera"), p.pickers[3]), p.preview.box,
		section(tr("settings.calls")), labelled(tr("settings.limit"), p.limit),
		section(tr("settings.recording")), p.record.box,
		section(tr("settings.appearance")), looks,
		section(tr("settings.about")),
		plain("Hookswitch "+a.deps.Version), plain(tr("settings.licence")), gapOf(16),
	)
	p.scroll = container.NewVScroll(group(func() fyne.Size {
		return p.items.MinSize().AddWidthHeight(40, 32)
	}, func(s fyne.Size) {
		put(p.items, 20, 16, min(640, s.Width-40), s.Height-32)
	}, p.items))
	p.box = group(fixed(300, 300), func(s fyne.Size) { put(p.scroll, 0, 0, s.Width, s.Height) }, p.scroll)
	return p
}

func section(text string) fyne.CanvasObject {
	return inset(widgets.NewText(widgets.TextState{Text: text, Size: widgets.SizeSection, Bold: true}), 0, 12, 0, 0)
}

func plain(text string) fyne.CanvasObject {
	return widgets.NewText(widgets.TextState{Text: text, Size: widgets.SizeState, Color: widgets.ColorText2, Lines: 2})
}

// labelled puts a label over a field.
func labelled(label string, o fyne.CanvasObject) *fyne.Container {
	return stack(6, widgets.NewText(widgets.TextState{Text: label, Size: widgets.SizeState, Bold: true}), o)
}

func (p *settingsPart) draw(v view) {
	for i, s := range []widgets.PickerState{v.microphone, v.speaker, v.ringer, v.camera} {
		s.Field = true
		p.pickers[i].SetState(s)
	}
	labels := [3]string{tr("settings.system"), tr("settings.light"), tr("settings.dark")}
	for i, look := range appearances {
		p.looks[i].SetState(chosen(labels[i], look == v.appearance))
	}
	p.cleans[0].SetState(chosen(tr("settings.cleanOn"), v.cleans))
	p.cleans[1].SetState(chosen(tr("settings.cleanOff"), !v.cleans))
	p.record.draw(v.recording)
	p.limit.SetState(v.limit)
	demo := p.app.deps.StartDemo != nil && !p.app.model.demo
	changed := demo != p.demo.Visible()
	show(p.demo, demo)
	seen := p.preview.view.Visible()
	changed = p.preview.follow(v) || changed
	shown := p.preview.view.Visible()
	if p.drawAccounts(v.accounts) || changed {
		p.items.Refresh()
		p.scroll.Content.Refresh()
		p.scroll.Refresh()
	}
	if shown && !seen {
		p.reveal(p.preview.box)
	}
}

// reveal scrolls until the foot of an item is seen.
func (p *settingsPart) reveal(o fyne.CanvasObject) {
	foot := p.items.Position().Y + o.Position().Y + o.MinSize().Height + 16
	if hidden := foot - p.scroll.Size().Height; hidden > p.scroll.Offset.Y {
		p.scroll.ScrollToOffset(fyne.NewPos(0, hidden))
	}
}

// drawAccounts reports whether rows came or went.
func (p *settingsPart) drawAccounts(list []accountView) bool {
	ids := make([]phone.AccountID, len(list))
	for i, acc := range list {
		ids[i] = acc.id
	}
	changed := !slices.Equal(ids, p.ids)
	if changed {
		p.ids, p.rows, p.accounts.Objects = ids, nil, nil
		for _, id := range ids {
			row := newAccountRow(func() { p.app.editAccount(id) }, func() { p.app.removeAccount(id) })
			p.rows = append(p.rows, row)
			p.accounts.Add(row.box)
		}
	}
	for i, acc := range list {
		p.rows[i].draw(acc)
	}
	return changed
}

// accountRow is one account with its state and what can be done with it.
type accountRow struct {
	box          *fyne.Container
	panel        *widgets.Panel
	status       *widgets.StatusLine
	edit, remove *widgets.Button
}

func newAccountRow(onEdit, onRemove func()) *accountRow {
	r := &accountRow{
		panel:  widgets.NewPanel(widgets.PanelCard),
		status: widgets.NewStatusLine(),
		edit:   widgets.NewButton(widgets.ButtonState{Icon: "edit", Small: true}, onEdit),
		remove: widgets.NewButton(widgets.ButtonState{Icon: "trash", Small: true}, onRemove),
	}
	r.box = group(fixed(240, 56), func(s fyne.Size) {
		put(r.panel, 0, 0, s.Width, s.Height)
		put(r.status, 12, 16, s.Width-24-104, 24)
		put(r.edit, s.Width-12-44-8-44, 6, 44, 44)
		put(r.remove, s.Width-12-44, 6, 44, 44)
	}, r.panel, r.status, r.edit, r.remove)
	return r
}

func (r *accountRow) draw(v accountView) {
	r.status.SetState(v.status)
	r.edit.SetState(widgets.ButtonState{Icon: "edit", Small: true, Spoken: tr("action.editOn", "Name", v.name)})
	r.remove.SetState(widgets.ButtonState{Icon: "trash", Small: true, Spoken: tr("action.removeOn", "Name", v.name)})
}

// setCleaning says whether echo and noise are taken out of what we send, in running calls too, and remembers it.
func (a *App) setCleaning(on bool) {
	if a.refuse(a.op.SetVoiceProcessing(on)) {
		return
	}
	a.prefs.RawVoice = !on
	a.prefs.save(a.deps.Profile, a.log)
	a.render()
}

// setAppearance changes light and dark.
func (a *App) setAppearance(look widgets.Appearance) {
	a.prefs.Appearance = look
	a.fyne.Settings().SetTheme(widgets.Theme{Appearance: look})
	a.prefs.save(a.deps.Profile, a.log)
	a.render()
}
