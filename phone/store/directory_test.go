package store_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheDirectoryAnswersEveryQuestionOnceAlsoWhenItEnds(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	firm := contact("", "601")
	firm.Company = "Example Ltd"
	save(t, s, contact("Ann", "sip:600@pbx.example"), firm)
	d := s.Directory(slog.New(slog.DiscardHandler))
	ask := func(number string) phone.Party {
		answer := make(chan phone.Party, 2)
		d.LookUp(number, "pbx.example", func(p phone.Party) { answer <- p })
		return <-answer
	}
	for number, want := range map[string]phone.Party{"600": {Name: "Ann"}, "601": {Name: "Example Ltd", Company: "Example Ltd"}, "602": {}} {
		if got := ask(number); got != want {
			t.Errorf("%s: %+v, want %+v", number, got, want)
		}
	}
	var asked sync.WaitGroup
	for range 20 {
		asked.Go(func() {
			for range 50 { // more than may wait
				ask("600")
			}
		})
	}
	d.Close()
	asked.Wait() // everybody got an answer
	d.Close()
	if got := ask("600"); got != (phone.Party{}) {
		t.Errorf("after the end: %+v", got)
	}
}

func TestADirectoryWithoutAStoreKnowsNobodyAndSaysWhy(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	d := s.Directory(slog.New(slog.NewTextHandler(&log, nil)))
	answer := make(chan phone.Party)
	d.LookUp("600", "", func(p phone.Party) { answer <- p })
	if p := <-answer; p != (phone.Party{}) {
		t.Errorf("%+v", p)
	}
	d.Close()
	if log.Len() == 0 {
		t.Error("nothing was logged")
	}
}
