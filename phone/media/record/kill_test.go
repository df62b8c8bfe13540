package record

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
)

// asVictim is set in the process that is going to be killed; it holds folder and format.
const asVictim = "HOOKSWITCH_RECORD_VICTIM"

// victimBlocks is short of a multiple of whatever is written at once: 11.99 s.
const victimBlocks = 1199

func TestMain(m *testing.M) {
	if what, ok := os.LookupEnv(asVictim); ok {
		victim(what)
	}
	goleak.VerifyTestMain(m)
}

// victim records, says so, and waits for its end.
func victim(what string) {
	format, folder, _ := strings.Cut(what, ":")
	r, err := Files{Folder: folder}.Create(phone.RecordOptions{Format: phone.RecordFormat(format), At: begin})
	for i := 0; i < victimBlocks && err == nil; i++ {
		err = r.Write(tones(i))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(r.Name())
	select {}
}

func TestARecordingSurvivesSIGKILLButForASecond(t *testing.T) {
	for _, format := range []phone.RecordFormat{phone.RecordOpus, phone.RecordWAV} {
		t.Run(string(format), func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), asVictim+"="+string(format)+":"+t.TempDir())
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			path, err := bufio.NewReader(out).ReadString('\n')
			if killed := cmd.Process.Kill(); err != nil || killed != nil {
				t.Fatal(err, killed)
			}
			if err := cmd.Wait(); err == nil {
				t.Error("it was not killed")
			}
			left, right := read(t, strings.TrimSpace(path))
			if missing := victimBlocks*480 - len(left); missing > rate || missing < 0 {
				t.Errorf("%d samples are missing", missing)
			}
			if l, r := level(left[rate:2*rate], 440), level(right[rate:2*rate], 880); l < -1 || r < -1 {
				t.Errorf("the tones are at %.1f and %.1f dB", l, r)
			}
		})
	}
}
