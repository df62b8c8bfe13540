//go:build linux

package native

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gen2brain/malgo"
	"github.com/pion/mediadevices"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/pulsetest"
)

func TestPiecesOfAnySizeBecomeBlocksAndBackAgain(t *testing.T) {
	for _, size := range []int{1, 7, 240, 441, 480, 1000, 4096} {
		n := 0
		next := func(block []int16) {
			for i := range block {
				block[i] = int16(n)
				n++
			}
		}
		var s scatter
		var g gather
		want := 0
		for range 20 {
			piece := make([]byte, 2*size)
			s.take(piece, next)
			if got := int16(binary.NativeEndian.Uint16(piece)); size == 480 && got%480 != 0 {
				t.Errorf("a block begins with sample %d", got)
			}
			g.add(piece, func(block []int16) {
				for _, v := range block {
					if v != int16(want) {
						t.Fatalf("pieces of %d: sample %d comes as %d", size, want, v)
					}
					want++
				}
			})
		}
		if want != 20*size/frameSamples*frameSamples {
			t.Errorf("pieces of %d: %d samples came through", size, want)
		}
	}
}

func TestAnIDSurvivesTheWayToTheSoundSystem(t *testing.T) {
	for _, id := range []string{"micA", "alsa_input.usb-Böse_Headset-00.mono-fallback"} {
		raw, ok := rawOf(id)
		if !ok || idOf(*raw) != id {
			t.Errorf("%q becomes %q, %v", id, idOf(*raw), ok)
		}
	}
	for _, id := range []string{"a\x00b", string(make([]byte, 300)), string(slices.Repeat([]byte("x"), 300))} {
		if _, ok := rawOf(id); ok {
			t.Errorf("an id of %d bytes is taken", len(id))
		}
	}
}

func TestMonitorsAndNamelessDevicesAreLeftOut(t *testing.T) {
	var found []malgo.DeviceInfo
	for _, id := range []string{"b", "a", "a.monitor", ""} {
		raw, _ := rawOf(id)
		found = append(found, malgo.DeviceInfo{ID: *raw})
	}
	var ids []string
	for _, d := range describe(devices.Microphone, found) {
		ids = append(ids, d.ID)
		if d.Name != d.ID {
			t.Errorf("a device without a name is shown as %q", d.Name)
		}
	}
	if !slices.Equal(ids, []string{"a", "b"}) {
		t.Errorf("the list is %v", ids)
	}
}

func TestMediadevicesKnowsOurMicrophonesByOurIDs(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	s.Use()
	labels := func() []string {
		var list []string
		for _, d := range mediadevices.EnumerateDevices() {
			if d.Kind == mediadevices.AudioInput {
				list = append(list, d.Label)
			}
		}
		slices.Sort(list)
		return list
	}
	r := house(t)
	if got := labels(); !slices.Equal(got, []string{"default", "micA", "micB"}) {
		t.Errorf("mediadevices lists %v", got)
	}
	r.Close()
	if got := labels(); len(got) > 0 {
		t.Errorf("after Close mediadevices lists %v", got)
	}
}

func TestCamerasAreListedFromSysfsWithoutTheirMetadataNodes(t *testing.T) {
	sysfs, byID := t.TempDir(), t.TempDir()
	for node, files := range map[string][2]string{"video0": {"Webcam", "0"}, "video1": {"Webcam", "1"}, "video2": {"Other", "0"}} {
		folder := filepath.Join(sysfs, node)
		for name, text := range map[string]string{"name": files[0] + "\n", "index": files[1] + "\n"} {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Symlink("../../video0", filepath.Join(byID, "usb-Webcam-index0")); err != nil {
		t.Fatal(err)
	}
	want := []cameraNode{
		{devices.Device{ID: "usb-Webcam-index0", Name: "Webcam", Kind: devices.Camera, Default: true}, "video0"},
		{devices.Device{ID: "video2", Name: "Other", Kind: devices.Camera}, "video2"},
	}
	if got := camerasIn(sysfs, byID); !slices.Equal(got, want) {
		t.Errorf("the cameras are %+v, want %+v", got, want)
	}
}

func TestADeviceThatTheUserDoesNotAllowUsIsToldAsSuch(t *testing.T) {
	if err := named(malgo.ErrAccessDenied); !errors.Is(err, fs.ErrPermission) || !errors.Is(err, malgo.ErrAccessDenied) {
		t.Error(err)
	}
	if err := named(malgo.ErrGeneric); errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
}
