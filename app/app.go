package app

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"github.com/hookswitch/hookswitch/assets"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// appID names the application to the desktop.
const appID = "org.hookswitch.Hookswitch"

// Deps is what a window is made of. The operator may have been given accounts and started before.
type Deps struct {
	Operator Operator
	// Devices may be nil: then there is nothing to pick.
	Devices Devices
	// Accounts may be nil: then accounts live as long as the window.
	Accounts AccountBook
	// Calls keeps past calls and contacts; nil: there are none.
	Calls CallBook
	// StartDemo starts the embedded exchange and returns an account on it; nil where there is none.
	StartDemo func(ctx context.Context) (phone.Account, error)
	// Demo says that the demo's account is in the operator already.
	Demo    bool
	Version string
	// Profile is the folder of the window's preferences; empty: nothing is remembered.
	Profile string
	// RecordFolder is where recordings lie unless the user chooses.
	RecordFolder string
	// Tell gets a JSON line with the rectangles of the named controls whenever they change; see tell.go.
	Tell   io.Writer
	Logger *slog.Logger
}

// App is the window and what it remembers. Its methods belong to Fyne's main goroutine, but for
// Run's callers, ShowLink, Raise and Quit, which may be called from anywhere.
type App struct {
	deps   Deps
	op     Operator
	log    *slog.Logger
	fyne   fyne.App
	window fyne.Window
	shell  *shell
	model  model
	prefs  prefs
	// What is read of the calls and of the contacts.
	past, people *reading

	// do is fyne.Do; tests put a queue of their own here.
	do      func(func())
	now     func() time.Time
	closed  atomic.Bool
	inFront atomic.Bool
	ending  sync.Once
	work    sync.WaitGroup // goroutines of commands that wait
	cancel  []func()
	clock   ticker
	meters  ticker
	teller  *teller
	// notify shows a desktop notification; nil in tests.
	notify func(title, text string)
	// reveal opens a folder in the desktop's file manager.
	reveal func(folder *url.URL)
}

// New makes the window; Run shows it.
func New(d Deps) *App {
	if err := loadTranslations(); err != nil {
		fyne.LogError("translations", err)
	}
	fyneapp.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Hookswitch", Version: d.Version, Migrations: map[string]bool{"fyneDo": true}})
	beginPreferences()
	a := newApp(d, fyneapp.NewWithID(appID), fyne.Do) // the only one in the program
	a.notify = a.sendNotification
	return a
}

// newApp makes the App on the given toolkit application; do brings functions to its main goroutine.
func newApp(d Deps, f fyne.App, do func(func())) *App {
	a := &App{deps: d, op: d.Operator, log: d.Logger, fyne: f, do: do, now: time.Now}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.reveal = a.openFolder
	a.prefs = loadPrefs(d.Profile, a.log)
	a.model.demo = d.Demo
	f.Settings().SetTheme(widgets.Theme{Appearance: a.prefs.Appearance})
	icon := fyne.NewStaticResource("hookswitch.svg", assets.AppIcon)
	f.SetIcon(icon)
	a.window = f.NewWindow("Hookswitch")
	a.window.SetIcon(icon)
	a.window.SetPadded(false)
	a.window.SetMaster()
	a.clock = ticker{period: time.Second, post: a.post, tick: a.everySecond}
	a.meters = ticker{period: 100 * time.Millisecond, post: a.post, tick: a.pollLevels}
	a.teller = newTeller(a, d.Tell)
	a.past, a.people = a.newPast(), a.newPeople()
	a.shell = newShell(a)
	a.window.SetContent(a.shell.root)
	a.window.Resize(fyne.NewSize(a.prefs.Width, a.prefs.Height))
	a.window.SetCloseIntercept(a.askQuit)
	a.bindKeys()
	return a
}

// post runs fn on the main goroutine, soon. After the end it drops it.
func (a *App) post(fn func()) {
	if a.closed.Load() {
		return
	}
	a.do(func() {
		if !a.closed.Load() {
			fn()
		}
	})
}

// async runs work that may wait beside the main goroutine, and then done on it.
func (a *App) async(work func(ctx context.Context) error, done func(error)) {
	a.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		err := work(ctx)
		a.post(func() { done(err) })
	})
}

// connect subscribes to the operator and the devices and draws the first picture.
func (a *App) connect() {
	a.cancel = append(a.cancel, a.op.Subscribe(a.post, a.onEvent))
	if a.deps.Devices != nil {
		a.cancel = append(a.cancel, a.deps.Devices.Watch(func() { a.post(a.devicesChanged) }))
	}
	if a.deps.Calls != nil {
		a.cancel = append(a.cancel, a.deps.Calls.Watch(func(c store.Change) { a.post(func() { a.bookChanged(c) }) }))
		a.past.ask()
		a.people.ask()
	}
	if a.prefs.Devices != (phone.DeviceIDs{}) && a.op.Snapshot().Devices == (phone.DeviceIDs{}) {
		a.refuse(a.op.SetDevices(a.prefs.Devices))
	}
	if n := a.prefs.Calls; n >= 1 && n <= mostCalls {
		a.setLimit(n)
	}
	if a.prefs.RawVoice {
		a.refuse(a.op.SetVoiceProcessing(false))
	}
	if len(a.op.Snapshot().Accounts) == 0 {
		a.model.page = pageFirst
	}
	a.render()
}

// Run shows the window and returns when the program is to end; the operator is destroyed then.
// It must be called by the goroutine that runs main.
func (a *App) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { a.post(a.quit) })
	defer stop()
	life := a.fyne.Lifecycle()
	life.SetOnStarted(a.connect)
	life.SetOnEnteredForeground(func() { a.setInFront(true) })
	life.SetOnExitedForeground(func() { a.setInFront(false) })
	life.SetOnStopped(func() { a.closed.Store(true) }) // from here on fyne.Do would run what it gets on the caller
	a.window.Show()
	a.fyne.Run()
	a.finish() // also after a signal that the toolkit took
}

// setInFront notes whether the person has the window before them: only then missed calls are seen.
func (a *App) setInFront(on bool) {
	a.inFront.Store(on)
	a.post(func() { a.watchSeen(a.shell.view) })
}

// Raise brings the window up.
func (a *App) Raise() {
	a.post(func() {
		a.window.Show()
		a.window.RequestFocus()
	})
}

// Quit ends the program without asking.
func (a *App) Quit() { a.post(a.quit) }

// ShowLink puts a number that came from a link into the number field and asks whether to call it.
// Nothing is dialled without a click.
func (a *App) ShowLink(number string) {
	a.post(func() {
		a.model.typed = widgets.CleanNumber(number)
		a.model.link = a.model.typed
		if a.model.page != pageFirst {
			a.model.page = pageCalls
			a.model.callOpen = false
		}
		a.window.Show()
		a.window.RequestFocus()
		a.render()
	})
}
