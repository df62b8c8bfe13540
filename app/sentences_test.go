package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/assets"
	"github.com/hookswitch/hookswitch/phone"
)

// allCauses is read from the source of package phone, so that a new cause cannot be forgotten.
func allCauses(t *testing.T) []phone.Cause {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "phone", "call.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var causes []phone.Cause
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(v.Names[0].Name, "Cause") || len(v.Values) != 1 {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			if text != "" {
				causes = append(causes, phone.Cause(text))
			}
		}
		return true
	})
	if len(causes) < 15 {
		t.Fatalf("only %d causes found", len(causes))
	}
	return causes
}

func english(t *testing.T) map[string]string {
	t.Helper()
	data, err := assets.Translations.ReadFile("translations/en.json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestEveryCauseOfAnEndedCallHasItsSentence(t *testing.T) {
	texts := english(t)
	seen := map[string]phone.Cause{}
	for _, cause := range allCauses(t) {
		if cause == phone.CauseRecording { // ends a recording, never a call
			continue
		}
		key, ok := callCauses[cause]
		if !ok || texts[key] == "" {
			t.Errorf("%s has no sentence", cause)
			continue
		}
		got := callSentence(phone.Call{Direction: phone.Outbound, Cause: cause, SIPStatus: 499})
		if got == key || strings.Contains(got, "{{") {
			t.Errorf("%s: %q", cause, got)
		}
		if strings.Contains(texts[key], "{{.Code}}") && !strings.Contains(got, "(499)") {
			t.Errorf("%s does not show the status: %q", cause, got)
		}
		if other, twice := seen[got]; twice {
			t.Errorf("%s and %s say the same: %q", cause, other, got)
		}
		seen[got] = cause
	}
}

func TestEveryCauseOfAFailedRegistrationHasASentence(t *testing.T) {
	for _, cause := range allCauses(t) {
		got := lineSentence(phone.AccountState{Cause: cause})
		if got == "" || strings.HasPrefix(got, "cause.") {
			t.Errorf("%s: %q", cause, got)
		}
	}
	for _, row := range []struct {
		cause  phone.Cause
		status int
		want   string
	}{
		{phone.CauseAuthentication, 403, "The password was refused (403). Check it."},
		{phone.CauseRejected, 403, "The password was refused (403). Check it."},
		{phone.CauseRequestTimeout, 0, "The server did not answer. Check its address."},
		{phone.CauseConnection, 0, "The server cannot be reached. Check address and network."},
		{phone.CauseCertificate, 0, "The server's certificate is not trusted. Ask your administrator."},
		{phone.CauseCertificateExpired, 0, "The server's certificate has expired, or this computer's clock is wrong."},
		{phone.CauseCertificateName, 0, "The server's certificate is for another name. Check the address."},
		{phone.CauseNone, 0, ""},
	} {
		if got := lineSentence(phone.AccountState{Cause: row.cause, Status: row.status}); got != row.want {
			t.Errorf("%s %d: %q, not %q", row.cause, row.status, got, row.want)
		}
	}
}

func TestWhoEndedTheCallIsSaid(t *testing.T) {
	answered := noon
	for _, row := range []struct {
		call   phone.Call
		want   string
		failed bool
	}{
		{phone.Call{Direction: phone.Outbound, Cause: phone.CauseTerminated, EndedByUs: true, AnsweredAt: answered}, "You hung up", false},
		{phone.Call{Direction: phone.Outbound, Cause: phone.CauseTerminated, AnsweredAt: answered}, "They hung up", false},
		{phone.Call{Direction: phone.Inbound, Cause: phone.CauseCanceled}, "Missed call", true},
		{phone.Call{Direction: phone.Inbound, Cause: phone.CauseExpires, SIPStatus: 487}, "Missed call", true},
		{phone.Call{Direction: phone.Inbound, Cause: phone.CauseBusy, EndedByUs: true}, "You declined", false},
		{phone.Call{Direction: phone.Outbound, Cause: phone.CauseCanceled, EndedByUs: true}, "Cancelled", false},
		{phone.Call{Direction: phone.Outbound, Cause: phone.CauseNoAnswer}, "No answer. Try again later.", true},
	} {
		if got := callSentence(row.call); got != row.want || callFailed(row.call) != row.failed {
			t.Errorf("%+v: %q failed=%v", row.call, got, callFailed(row.call))
		}
	}
}

func TestEveryErrorOfTheOperatorHasASentence(t *testing.T) {
	all := []error{
		phone.ErrUnknown, phone.ErrRegistryFailed, phone.ErrNoPermission, phone.ErrLocalStream, phone.ErrRegistryMaxTries,
		phone.ErrMaxCalls, phone.ErrLocalMediaInfo, phone.ErrAttendedParentNotFound, phone.ErrCallTooSoon,
		phone.ErrInvalidNumber, phone.ErrCurrentCallNotConnected, phone.ErrCallNotFound, phone.ErrNoMicrophone,
		phone.ErrNoCamera, phone.ErrInvalidState, phone.ErrAccountNotFound, phone.ErrAccountInvalid,
		phone.ErrHeaderNotAllowed, phone.ErrDestroyed, phone.ErrMediaIncompatible, phone.ErrMediaMalformed, phone.ErrNotSupported,
	}
	seen := map[string]error{}
	for _, err := range all {
		got := errorSentence(fmt.Errorf("wrapped: %w", err))
		if got == "" || strings.HasPrefix(got, "error.") {
			t.Errorf("%v: %q", err, got)
		}
		if other, twice := seen[got]; twice {
			t.Errorf("%v and %v say the same: %q", err, other, got)
		}
		seen[got] = err
	}
	if errorSentence(nil) != "" || errorSentence(errors.New("foreign")) != "That did not work. Try again." {
		t.Error("nil or a foreign error has the wrong sentence")
	}
}

// Every key that stands in the source as an argument of tr, or in a table that feeds it, is in English,
// and English holds no other.
func TestEveryTextThatIsUsedExistsAndEveryTextIsUsed(t *testing.T) {
	texts := english(t)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "tr" {
					if lit, ok := n.Args[0].(*ast.BasicLit); ok {
						if key, _ := strconv.Unquote(lit.Value); texts[key] == "" {
							t.Errorf("%s uses %s, which English lacks", name, lit.Value)
						}
					}
				}
			case *ast.BasicLit:
				if key, err := strconv.Unquote(n.Value); err == nil {
					used[key] = true
				}
			}
			return true
		})
	}
	for key := range texts {
		if !used[key] {
			t.Errorf("nobody uses %s", key)
		}
	}
}

func TestUntrustedTextIsOneBoundedLine(t *testing.T) {
	if got := oneLine("  a\nb\x00c\u202ed "); got != "a b c d" {
		t.Errorf("%q", got)
	}
	if got := []rune(oneLine(strings.Repeat("ä", 1000))); len(got) != 121 {
		t.Errorf("%d runes", len(got))
	}
}
