package headless

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestCommandsAreRead(t *testing.T) {
	for line, want := range map[string]command{
		"call 600":                    {verb: "call", arg: "600"},
		`call "+49 30 1" video`:       {verb: "call", arg: "+49 30 1", video: true},
		`call 6 header "Subject: a:"`: {verb: "call", arg: "6", headers: []phone.Header{{Name: "Subject", Value: "a:"}}},
		`call 6 video header "X-A: \"q\" \\" header "X-B:2"`: {verb: "call", arg: "6", video: true,
			headers: []phone.Header{{Name: "X-A", Value: `"q" \`}, {Name: "X-B", Value: "2"}}},
		"  answer\tvideo ":     {verb: "answer", video: true},
		"answer abc video":     {verb: "answer", call: "abc", video: true},
		"consult abc 601":      {verb: "consult", call: "abc", arg: "601"},
		"dtmf 1":               {verb: "dtmf", arg: "1"},
		"record pause abc":     {verb: "record", arg: "pause", call: "abc"},
		"record agree":         {verb: "record", arg: "agree"},
		`record folder "/a b"`: {verb: "record", arg: "folder", value: "/a b"},
		"video off":            {verb: "video", arg: "off"},
		"merge a b":            {verb: "merge", calls: []string{"a", "b"}},
		"attended":             {verb: "attended"},
		"attended abc":         {verb: "attended", call: "abc"},
		"attended abc def":     {verb: "attended", call: "abc", parent: "def"},
		"split abc":            {verb: "split", call: "abc"},
		"register":             {verb: "register"},
		`microphone "My 1"`:    {verb: "microphone", arg: "My 1"},
	} {
		got, err := parse(line)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("parse(%q) = %+v, %v; want %+v", line, got, err, want)
		}
	}
}

func TestWhatIsNoCommandIsRefusedWithoutQuotingIt(t *testing.T) {
	for _, line := range []string{"", "  ", "hunter2", "CALL 600", "call", "call 6 7", `call "6`, "call 6 header hunter2", "dtmf", "dtmf a b c", "attended a b c",
		"record", "record hunter2", "record folder", "record folder a b", "record format", "video", "status hunter2", "call 6\x01", "call \xff", strings.Repeat("a ", 100), strings.Repeat("a", MaxLine+1)} {
		_, err := parse(line)
		if !errors.Is(err, errSyntax) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("parse(%.20q) = %v", line, err)
		}
	}
}

func TestWordsOfAShellSurviveTheLine(t *testing.T) {
	words := []string{"call", "+49 30", "header", `X-A: "q" \\ end\`, "", `a\b`, "tab\there"}
	got, err := split(Join(words))
	if err != nil || !reflect.DeepEqual(got, words) {
		t.Errorf("split(Join(%q)) = %q, %v", words, got, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`call 6 video header "X-A: \"q\" \\" header "X-B:2"`)
	f.Add("record start abc")
	f.Fuzz(func(t *testing.T, line string) {
		c, err := parse(line)
		if err != nil {
			if !errors.Is(err, errSyntax) {
				t.Fatalf("error %v does not wrap errSyntax", err)
			}
			return
		}
		if _, known := forms[c.verb]; !known {
			t.Fatalf("parse(%q) made up the verb %q", line, c.verb)
		}
		for _, h := range c.headers {
			if strings.ContainsAny(h.Name+h.Value, "\r\n\x00") {
				t.Fatalf("parse(%q) let a line break into a header", line)
			}
		}
	})
}

func TestErrorsReadAsPlainSentences(t *testing.T) {
	_, err := phone.ParseAccount([]byte("{"))
	if got := Sentence(err); got != "the account is not valid: it is not complete JSON" {
		t.Errorf("%q", got)
	}
}
