//go:build linux

package interop

import (
	"syscall"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestADeskPhoneThatHangsIsSaidNotToBeHeardUntilItIsBack(t *testing.T) {
	k := startKamailio(t)
	desk := startDesk(t, k, "1002", deskOptions{codec: "PCMU"})
	account := k.account("1001", k.servers("1001")["UDP"])
	account.Media = phone.MediaRTP
	ours := startOurs(t, account)
	ours.awaitRegistered()
	id := ours.dial("1002")
	ours.awaitState(id, phone.StateTalking)
	ours.awaitTone(deskTone, deskLevel)
	missing := func(want bool) {
		t.Helper()
		await(t, "the right word about its sound", 15*time.Second, func() bool {
			c, ok := ours.Snapshot().CallByID(id)
			return ok && c.NoSound == want
		})
	}
	signal := func(s syscall.Signal) {
		t.Helper()
		if err := desk.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	missing(true)
	signal(syscall.SIGCONT)
	missing(false)
	ours.awaitTone(deskTone, deskLevel)
	ours.must(ours.Hangup(id))
	ours.awaitState(id, phone.StateEnded)
}
