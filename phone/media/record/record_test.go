package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/hraban/opus"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"

	"github.com/hookswitch/hookswitch/phone"
)

const rate = 48000

// begin is when all recordings of the tests begin.
var begin = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func start(t testing.TB, format phone.RecordFormat) (r interface {
	Write([]int16) error
	Close() error
}, path string) {
	t.Helper()
	file, err := Files{Folder: t.TempDir()}.Create(phone.RecordOptions{Format: format, Party: "Mara Lindqvist 600", At: begin})
	if err != nil {
		t.Fatal(err)
	}
	return file, file.Name()
}

// tones is one tick of 440 Hz on the left and 880 Hz on the right.
func tones(block int) []int16 {
	pcm := make([]int16, 960)
	for i := range 480 {
		at := float64(block*480+i) / rate
		pcm[2*i] = int16(8000 * math.Sin(2*math.Pi*440*at))
		pcm[2*i+1] = int16(8000 * math.Sin(2*math.Pi*880*at))
	}
	return pcm
}

// read gives the two sides of a file back.
func read(t testing.TB, path string) (left, right []int16) {
	t.Helper()
	if filepath.Ext(path) == ".wav" {
		return readWAV(t, path)
	}
	pcm := readOgg(t, path)
	for i := 0; i+1 < len(pcm); i += 2 {
		left, right = append(left, pcm[i]), append(right, pcm[i+1])
	}
	return left, right
}

// readOgg reads with another's parser, which checks the checksums, and decodes. A last page that trims is obeyed.
func readOgg(t testing.TB, path string) []int16 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, head, err := oggreader.NewWith(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if head.Channels != 2 || head.PreSkip != 312 || head.SampleRate != rate || head.ChannelMap != 0 {
		t.Fatalf("the head is %+v", head)
	}
	for err == nil { // another's reader checks every page
		_, _, err = r.ParseNextPage()
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	decoder, err := opus.NewDecoder(rate, 2)
	if err != nil {
		t.Fatal(err)
	}
	var pcm []int16
	buffer := make([]int16, 2*5760)
	packets, granule := packetsOf(data)
	for _, p := range packets[2:] {
		n, err := decoder.Decode(p, buffer)
		if err != nil {
			t.Fatal(err)
		}
		pcm = append(pcm, buffer[:2*n]...)
	}
	if len(pcm)/2 < granule {
		t.Fatalf("%d samples, but the granule position says %d", len(pcm)/2, granule)
	}
	return pcm[2*min(granule, 312) : 2*granule]
}

// packetsOf takes the pages apart; granule is the last one's position. No packet of ours spans pages.
func packetsOf(data []byte) (packets [][]byte, granule int) {
	for len(data) >= 27 {
		granule = int(binary.LittleEndian.Uint64(data[6:])) //nolint:gosec // small
		lacing := data[27 : 27+int(data[26])]
		data = data[27+len(lacing):]
		size := 0
		for _, n := range lacing {
			if size += int(n); n < 255 {
				packets, data, size = append(packets, data[:size]), data[size:], 0
			}
		}
	}
	return packets, granule
}

func readWAV(t testing.TB, path string) (left, right []int16) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := int(binary.LittleEndian.Uint32(data[76:]))
	if string(data[:4]) != "RIFF" || string(data[8:16]) != "WAVEJUNK" || string(data[48:52]) != "fmt " || string(data[72:76]) != "data" ||
		int(binary.LittleEndian.Uint32(data[4:])) != size+headerSize-8 || len(data) < headerSize+size || size%4 != 0 {
		t.Fatalf("the header is %q, of a file of %d bytes", data[:headerSize], len(data))
	}
	for b := data[headerSize : headerSize+size]; len(b) > 0; b = b[4:] {
		left = append(left, int16(binary.LittleEndian.Uint16(b)))
		right = append(right, int16(binary.LittleEndian.Uint16(b[2:])))
	}
	return left, right
}

// level is the level of a tone in pcm, in dB below the tones above.
func level(pcm []int16, hz float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hz/rate)
	var s1, s2 float64
	for _, v := range pcm {
		s1, s2 = float64(v)+c*s1-s2, s1
	}
	power := max(0, s1*s1+s2*s2-c*s1*s2)
	return 20 * math.Log10((2*math.Sqrt(power)/float64(len(pcm))+1e-3)/8000)
}

func TestEachSideHoldsItsOwnSoundOnly(t *testing.T) {
	for _, format := range []phone.RecordFormat{phone.RecordOpus, phone.RecordWAV} {
		t.Run(string(format), func(t *testing.T) {
			r, path := start(t, format)
			for i := range 333 {
				if err := r.Write(tones(i)); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			left, right := read(t, path)
			if len(left) != 333*480 || len(right) != 333*480 {
				t.Fatalf("%d and %d samples, want %d", len(left), len(right), 333*480)
			}
			near, far := left[rate:2*rate], right[rate:2*rate]
			if l, r := level(near, 440), level(far, 880); l < -1 || r < -1 || l > 1 || r > 1 {
				t.Errorf("440 Hz on the left %.1f dB, 880 Hz on the right %.1f dB, want 0", l, r)
			}
			if l, r := level(near, 880), level(far, 440); l > -50 || r > -50 {
				t.Errorf("880 Hz on the left %.1f dB, 440 Hz on the right %.1f dB, want none", l, r)
			}
		})
	}
}

// A player must hear a sample where it was spoken: the encoder's delay is skipped.
func TestAnOpusRecordingIsNotLate(t *testing.T) {
	r, path := start(t, phone.RecordOpus)
	for i := range 100 {
		pcm := tones(i)
		if i < 50 {
			clear(pcm)
		}
		if err := r.Write(pcm); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	left, _ := read(t, path)
	// A half wave of 440 Hz is 55 samples: the sine must be in phase.
	var product, square float64
	for i := 30000; i < 45000; i++ {
		want := math.Sin(2 * math.Pi * 440 * float64(i) / rate)
		product += want * float64(left[i])
		square += want * want * 8000
	}
	if like := product / square; like < 0.95 {
		t.Errorf("the tone is out of phase: likeness %.2f", like)
	}
}

func TestARecordingWithoutSoundIsAFileNevertheless(t *testing.T) {
	for _, format := range []phone.RecordFormat{phone.RecordOpus, phone.RecordWAV} {
		r, path := start(t, format)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if left, right := read(t, path); len(left)+len(right) != 0 {
			t.Errorf("%s: %d samples", format, len(left))
		}
	}
}

func TestAFileIsItsOwnersAloneAndReplacesNoOther(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "recordings")
	files := Files{Folder: folder}
	var names []string
	for range 3 {
		r, err := files.Create(phone.RecordOptions{Format: phone.RecordWAV, Party: "600", At: begin})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(r.Name()))
	}
	if names[0] != "2026-03-14 15.09.26 600.wav" || names[1] != "2026-03-14 15.09.26 600 (2).wav" || names[2] != "2026-03-14 15.09.26 600 (3).wav" {
		t.Errorf("the names are %q", names)
	}
	if runtime.GOOS == "windows" {
		return // there the profile's access list holds others off
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, names[0]): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestWhatIsWrongWithTheFolderIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, o := range map[string]struct {
		files  Files
		folder string
	}{
		"a chosen folder that is not there":       {Files{t.TempDir()}, filepath.Join(t.TempDir(), "gone")},
		"a file instead of a folder":              {Files{t.TempDir()}, file},
		"a folder of ours that cannot be made":    {Files{filepath.Join(file, "x")}, ""},
		"a folder with a NUL, from a broken file": {Files{}, "a\x00b"},
	} {
		_, err := o.files.Create(phone.RecordOptions{Folder: o.folder, At: begin})
		if !errors.Is(err, phone.ErrRecordFolder) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAFolderThatVanishesMeanwhileIsSaid(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows deletes no file that is open")
	}
	for _, format := range []phone.RecordFormat{phone.RecordOpus, phone.RecordWAV} {
		r, path := start(t, format)
		said := -1
		for i := range 300 {
			if i == 150 {
				if err := os.RemoveAll(filepath.Dir(path)); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Write(tones(i)); errors.Is(err, phone.ErrRecordFolder) {
				said = i
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if said < 150 || said > 200 {
			t.Errorf("%s: said at block %d, want within half a second of 150", format, said)
		}
		if err := r.Close(); !errors.Is(err, phone.ErrRecordFolder) {
			t.Errorf("%s: closed with %v", format, err)
		}
	}
}

func TestAFullDiskIsSaid(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/full is Linux's")
	}
	file, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := newOgg(&output{file: file}, "x", nil); !errors.Is(err, phone.ErrRecordDiskFull) {
		t.Errorf("Opus: %v", err)
	}
	if _, err := newWAV(&output{file: file}, "x"); !errors.Is(err, phone.ErrRecordDiskFull) {
		t.Errorf("WAV: %v", err)
	}
}

func TestADiskThatIsFullForAMomentLeavesNoHole(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/full is Linux's")
	}
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	file, path := start(t, phone.RecordOpus)
	r := file.(*oggOpus)
	disk, written := r.out.file, 0
	for ; err == nil && written < 300; written++ {
		if written == 100 {
			r.out.file = full
		}
		err = r.Write(tones(written))
	}
	if !errors.Is(err, phone.ErrRecordDiskFull) {
		t.Fatal(err)
	}
	r.out.file = disk
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := read(t, path); len(left) != written*480 {
		t.Errorf("%d samples, want %d", len(left), written*480)
	}
}

func TestBeyondFourGigabytesAWAVGoesOnAsRF64(t *testing.T) {
	const most = math.MaxUint32 - headerSize + 8
	if b := wavHeader(most - most%4); string(b[:4]) != "RIFF" || len(b) != headerSize || string(b[12:16]) != "JUNK" {
		t.Errorf("%q", b)
	}
	b := wavHeader(5 << 30)
	if string(b[:4]) != "RF64" || string(b[12:16]) != "ds64" || len(b) != headerSize || binary.LittleEndian.Uint32(b[4:]) != math.MaxUint32 ||
		binary.LittleEndian.Uint32(b[76:]) != math.MaxUint32 || binary.LittleEndian.Uint64(b[28:]) != 5<<30 || binary.LittleEndian.Uint64(b[20:]) != 5<<30+headerSize-8 {
		t.Errorf("%q", b)
	}
}
