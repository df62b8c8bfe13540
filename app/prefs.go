package app

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// prefs is what the window remembers between runs, in window.json of the profile.
type prefs struct {
	Width      float32            `json:"width"`
	Height     float32            `json:"height"`
	Appearance widgets.Appearance `json:"appearance"`
	Devices    phone.DeviceIDs    `json:"devices"`
	// Calls is how many calls may be there at a time: 1 is without call waiting, 0 the operator's default.
	Calls int `json:"calls,omitempty"`
	// RawVoice sends what the microphone hears as it is.
	RawVoice bool `json:"rawVoice,omitempty"`
}

const (
	leastWidth  float32 = 360
	leastHeight float32 = 560
)

func prefsFile(profile string) string { return filepath.Join(profile, "window.json") }

// loadPrefs reads the preferences. What is missing or senseless is replaced by the defaults.
func loadPrefs(profile string, log *slog.Logger) prefs {
	p := prefs{Width: 1280, Height: 800, Appearance: widgets.AppearanceSystem}
	if profile == "" {
		return p
	}
	data, err := os.ReadFile(prefsFile(profile))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			log.Warn("window preferences", "err", err)
		}
		return p
	}
	read := p
	if err := json.Unmarshal(data, &read); err != nil {
		log.Warn("window preferences", "err", err)
		return p
	}
	if !(read.Width >= leastWidth && read.Width <= 16000) || !(read.Height >= leastHeight && read.Height <= 16000) {
		read.Width, read.Height = p.Width, p.Height
	}
	switch read.Appearance {
	case widgets.AppearanceLight, widgets.AppearanceDark:
	default:
		read.Appearance = widgets.AppearanceSystem
	}
	return read
}

// save writes the preferences whole or not at all.
func (p prefs) save(profile string, log *slog.Logger) {
	if profile == "" {
		return
	}
	if err := p.write(profile); err != nil {
		log.Warn("window preferences were not saved", "err", err)
	}
}

func (p prefs) write(profile string) error {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(profile, 0o700); err != nil {
		return err
	}
	next := prefsFile(profile) + ".new"
	if err := os.WriteFile(next, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, prefsFile(profile))
}

// keepSize notes the window's size.
func (a *App) keepSize() {
	s := a.window.Canvas().Size()
	if s.Width >= leastWidth && s.Height >= leastHeight {
		a.prefs.Width, a.prefs.Height = s.Width, s.Height
	}
}

// beginPreferences writes the toolkit's own preferences' file, where there is none: it would create an empty one and
// complain of that on a newcomer's first start. Ours are in the profile; nothing is kept there.
func beginPreferences() {
	dir, err := os.UserConfigDir()
	if err != nil || runtime.GOOS != "linux" {
		return
	}
	dir = filepath.Join(dir, "fyne", appID)
	file := filepath.Join(dir, "preferences.json")
	if _, err := os.Stat(file); err == nil {
		return
	}
	if err := os.MkdirAll(dir, 0o700); err == nil {
		_ = os.WriteFile(file, []byte("{}\n"), 0o600) // without it there is one line of noise, no more
	}
}
