package native

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"unicode/utf16"

	"github.com/gen2brain/malgo"
)

// idOf is the system's name of a device: a C string, on Windows UTF-16.
func idOf(raw malgo.DeviceID) string {
	if runtime.GOOS != "windows" {
		name, _, _ := bytes.Cut(raw[:], []byte{0})
		return string(name)
	}
	var units []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		unit := binary.LittleEndian.Uint16(raw[i:])
		if unit == 0 {
			break
		}
		units = append(units, unit)
	}
	return string(utf16.Decode(units))
}

// rawOf is the opposite of idOf; it reports false for a name that is too long or holds a NUL.
func rawOf(id string) (*malgo.DeviceID, bool) {
	raw := new(malgo.DeviceID)
	text := []byte(id)
	if runtime.GOOS == "windows" {
		text = nil
		for _, unit := range utf16.Encode([]rune(id)) {
			text = binary.LittleEndian.AppendUint16(text, unit)
		}
	} else if bytes.IndexByte(text, 0) >= 0 {
		return nil, false
	}
	if len(text) > len(raw)-2 {
		return nil, false
	}
	copy(raw[:], text)
	return raw, true
}
