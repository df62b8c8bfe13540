package wiring

import (
	"log/slog"
	"os"
	"path/filepath"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

// recordingKey names the choices about recording in the store.
const recordingKey = "recording"

// recording reads the user's choices about recording from the store, if there is one, and adds what the flags say. Without a store
// (an account of this run only, the demo without a window) they last as long as the run.
func (f *Flags) recording(o *Options, book *store.Store, log *slog.Logger) error {
	profile, err := f.ProfileDir()
	if err != nil {
		return err
	}
	o.RecordFolder = recordFolder(f.Profile != "", profile)
	var kept phone.RecordSettings
	if book != nil {
		if _, err := book.Setting(recordingKey, &kept); err != nil {
			log.Warn("the choices about recording could not be read", "err", err)
			kept = phone.RecordSettings{}
		}
	}
	if kept.Check() != nil { // of a newer version, or not ours
		kept = phone.RecordSettings{Agreed: kept.Agreed}
	}
	if f.RecordAgree && !kept.Agreed {
		kept.Agreed = true
		saveRecording(book, kept, log)
	}
	o.Recording = kept
	return nil
}

// recordFolder is where recordings lie unless the user chooses: in the user's music, or where all of a profile's state is.
func recordFolder(ownProfile bool, profile string) string {
	if home, err := os.UserHomeDir(); err == nil && !ownProfile {
		music := filepath.Join(home, "Music")
		if info, err := os.Stat(music); err == nil && info.IsDir() {
			return filepath.Join(music, "Hookswitch")
		}
	}
	return filepath.Join(profile, "recordings")
}

// keepRecording saves the choices whenever they change.
func keepRecording(op *phone.Operator, book *store.Store, log *slog.Logger) {
	op.Subscribe(func(f func()) { f() }, func(e phone.Event) {
		if e.Name == phone.EventRecordSettingsChange {
			saveRecording(book, op.Snapshot().Recording, log)
		}
	})
}

func saveRecording(book *store.Store, r phone.RecordSettings, log *slog.Logger) {
	if book == nil {
		return
	}
	if err := book.SetSetting(recordingKey, r); err != nil {
		log.Warn("the choices about recording could not be saved", "err", err)
	}
}
