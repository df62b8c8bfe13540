package wiring_test

import (
	"io"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheConsentToRecordIsGivenOnceAndKept(t *testing.T) {
	f := flagsOf(t, "-quiet")
	run := func(want phone.RecordSettings, then func(*phone.Operator) error) {
		t.Helper()
		p, _, closing, err := f.Build(t.Context(), nil, io.Discard, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Operator.Snapshot().Recording; got != want {
			t.Errorf("the choices are %+v, want %+v", got, want)
		}
		if err := then(p.Operator); err != nil {
			t.Error(err)
		}
		p.Close()
		closing()
	}
	nothing := func(*phone.Operator) error { return nil }
	chosen := phone.RecordSettings{Format: phone.RecordWAV, Notice: phone.NoticeStart, Folder: "/music"}
	run(phone.RecordSettings{}, func(op *phone.Operator) error { return op.SetRecording(chosen) })
	run(chosen, nothing)
	f.RecordAgree = true
	chosen.Agreed = true
	run(chosen, nothing)
	f.RecordAgree = false
	run(chosen, nothing)
}
