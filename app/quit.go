package app

import (
	"context"
	"time"
)

// goodbye is how long calls and registrations are given to end properly.
const goodbye = 3 * time.Second

// askQuit is the window's close button: in a call it asks first.
func (a *App) askQuit() {
	if len(a.op.Snapshot().Calls) == 0 {
		a.quit()
		return
	}
	a.model.asksQuit = true
	if a.model.page == pageFirst {
		a.model.page = pageCalls // where the question is shown
	}
	a.render()
}

// quit hides the window at once, ends everything behind it, and then the program.
func (a *App) quit() {
	if a.closed.Load() {
		return
	}
	a.keepSize()
	a.window.Hide()
	a.stopClocks()
	a.closed.Store(true)
	go func() {
		a.finish()
		a.do(a.fyne.Quit)
	}()
}

func (a *App) stopClocks() {
	a.clock.stop()
	a.meters.stop()
	a.shell.settings.preview.clock.stop()
	a.shell.stage.video.clock.stop()
	a.model.stopTimers()
	a.past.end()
	a.people.end()
	a.teller.stop()
}

// finish unsubscribes, completes what was begun, destroys the operator and writes the preferences, once.
func (a *App) finish() {
	a.ending.Do(func() {
		a.closed.Store(true)
		a.stopClocks()
		for _, cancel := range a.cancel {
			cancel()
		}
		a.removePending()
		ctx, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		if err := a.op.Destroy(ctx); err != nil {
			a.log.Warn("the operator did not end properly", "err", err)
		}
		a.work.Wait()
		a.prefs.save(a.deps.Profile, a.log)
	})
}
