package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

// mostAlike bounds the search for a free name.
const mostAlike = 1000

// Files makes recordings in a folder; it implements media.Recorders. It may be used from any goroutine.
type Files struct {
	// Folder is used where the options name none. It is made when it is needed.
	Folder string
}

var _ media.Recorders = Files{}

// Create implements media.Recorders. A folder that the options name must be there: made here, it could hide that a disk is not mounted.
func (f Files) Create(o phone.RecordOptions) (media.Recording, error) {
	folder := o.Folder
	if folder == "" {
		folder = f.Folder
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, inFolder(err)
		}
	}
	file, err := createNew(folder, FileName(o.At, o.Party), extension(o.Format))
	if err != nil {
		return nil, inFolder(err)
	}
	out := &output{file: file}
	var r media.Recording
	if o.Format == phone.RecordWAV {
		r, err = newWAV(out, file.Name())
	} else {
		r, err = newOgg(out, file.Name(), tags(o))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return r, nil
}

func extension(f phone.RecordFormat) string {
	if f == phone.RecordWAV {
		return ".wav"
	}
	return ".opus" // RFC 7845 §9
}

// createNew makes a file that was not there, for its owner alone.
func createNew(folder, name, ext string) (*os.File, error) {
	for n := 1; ; n++ {
		full := name + ext
		if n > 1 {
			full = fmt.Sprintf("%s (%d)%s", name, n, ext)
		}
		file, err := os.OpenFile(filepath.Join(folder, full), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // FileName is safe
		if !errors.Is(err, fs.ErrExist) || n == mostAlike {
			return file, err
		}
	}
}

// inFolder gives an error of opening its value.
func inFolder(err error) error {
	if isFull(err) {
		return fmt.Errorf("%w: %w", phone.ErrRecordDiskFull, err)
	}
	return fmt.Errorf("%w: %w", phone.ErrRecordFolder, err)
}

// output is a file to which whole pieces are appended.
type output struct {
	file *os.File
	size int64 // of the pieces that are whole
}

// append adds a piece, or leaves the file as it was.
func (o *output) append(piece []byte) error {
	if _, err := o.file.Write(piece); err != nil {
		_, sought := o.file.Seek(o.size, 0)
		return written(errors.Join(err, o.file.Truncate(o.size), sought))
	}
	o.size += int64(len(piece))
	return o.gone()
}

// gone reports a file that was deleted: what goes on to be written to it would be lost without a word.
func (o *output) gone() error {
	if _, err := os.Lstat(o.file.Name()); errors.Is(err, fs.ErrNotExist) {
		return inFolder(err)
	}
	return nil
}

// patch writes over what is there.
func (o *output) patch(piece []byte, at int64) error {
	_, err := o.file.WriteAt(piece, at)
	return written(err)
}

func (o *output) close() error { return written(errors.Join(o.file.Sync(), o.file.Close())) }

// written gives an error of writing its value; nil stays nil.
func written(err error) error {
	switch {
	case err == nil:
		return nil
	case isFull(err):
		return fmt.Errorf("%w: %w", phone.ErrRecordDiskFull, err)
	}
	return fmt.Errorf("%w: %w", phone.ErrRecordFile, err)
}

// isFull reports whether there is no room left on the disk, or in the user's share of it.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || isFullHere(err)
}
