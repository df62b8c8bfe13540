package phone

import (
	"fmt"
	"path/filepath"
	"time"
)

// RecordFormat is what a local recording is written as.
type RecordFormat string

// The formats. The empty one means RecordOpus.
const (
	// RecordOpus is Ogg Opus (RFC 7845), stereo, 64 kbit/s: about 29 MB an hour.
	RecordOpus RecordFormat = "opus"
	// RecordWAV is 16-bit PCM, stereo, 48 kHz: about 690 MB an hour.
	RecordWAV RecordFormat = "wav"
)

// RecordNotice is how both sides hear that they are recorded locally: by a tone of 1400 Hz and 0.2 s, the recording tone of
// ITU-T E.180 supplement 2 and 47 CFR 64.501.
type RecordNotice string

// The notices. The empty one means NoticeRepeat.
const (
	NoticeRepeat RecordNotice = "repeat" // at the start, after each pause, and every 15 s
	NoticeStart  RecordNotice = "start"  // at the start and after each pause
	NoticeOff    RecordNotice = "off"    // the user tells the others in words
)

// RecordSettings are the user's choices about recording.
type RecordSettings struct {
	// Agreed: the user was told that recording others without their knowledge is against the law in many
	// places, and agreed to see to it. Nothing is recorded before.
	Agreed bool `json:"agreed"`
	// Folder gets the files: a whole path, which must exist. "": a folder of ours, which is made.
	Folder string       `json:"folder,omitempty"`
	Format RecordFormat `json:"format,omitempty"`
	Notice RecordNotice `json:"notice,omitempty"`
}

// Check reports what is wrong with the settings; the error wraps ErrRecordSettings.
func (r RecordSettings) Check() error {
	switch r.Format {
	case "", RecordOpus, RecordWAV:
	default:
		return fmt.Errorf("%w: no format %q", ErrRecordSettings, r.Format)
	}
	switch r.Notice {
	case "", NoticeRepeat, NoticeStart, NoticeOff:
	default:
		return fmt.Errorf("%w: no notice %q", ErrRecordSettings, r.Notice)
	}
	if r.Folder != "" && !filepath.IsAbs(r.Folder) {
		return fmt.Errorf("%w: the folder must begin at the root", ErrRecordSettings)
	}
	return nil
}

// RecordOptions say how one leg is to be recorded.
type RecordOptions struct {
	// Take tells the recordings of one leg apart in what is posted.
	Take   int
	Folder string
	Format RecordFormat
	Notice RecordNotice
	// Party is who is recorded, for the file's name: untrusted text.
	Party string
	At    time.Time
}

// What a leg posts of its recording, beside ports.go's MediaEvents.
type (
	// RecordStarted: the file is there and grows.
	RecordStarted struct {
		Leg  CallID
		Take int
		File string
	}
	// RecordGap: the disk was too slow; what is missing is silence in the file. Told once a recording.
	RecordGap struct {
		Leg  CallID
		Take int
	}
	// RecordEnded: the file is complete, or (Err wraps an ErrRecord… value) holds what could be written. File is "" where
	// there is none.
	RecordEnded struct {
		Leg  CallID
		Take int
		File string
		Err  error
	}
)

func (RecordStarted) media() {}
func (RecordGap) media()     {}
func (RecordEnded) media()   {}
