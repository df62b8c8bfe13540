package headless

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookswitch/hookswitch/phone"
)

// MaxLine is the longest command in bytes, without its line end.
const MaxLine = 4096

// maxWords bounds one command; the longest sensible one has some headers.
const maxWords = 32

// errSyntax is wrapped by every error about a line that is no command.
var errSyntax = errors.New("no such command")

// command is one parsed line.
type command struct {
	verb    string
	call    string   // CALL as written, "" when left out
	parent  string   // PARENT as written (attended)
	calls   []string // of merge; the words of history and contacts
	arg     string   // NUMBER, DIGITS, ID, or start|pause|stop|on|off, or what to set
	value   string   // what to set it to
	video   bool
	headers []phone.Header
}

// form says what may follow a verb.
type form struct {
	call bool     // CALL may stand there
	two  bool     // and after it PARENT (attended)
	list bool     // any number of CALLs, or words, may stand there (merge, history, contacts)
	arg  bool     // one argument must stand there, after CALL
	most bool     // the argument may be left out
	one  []string // the argument is one of these, and stands before CALL
	sets []string // or it is one of these, with a value and no CALL
	opts bool     // "video" and "header" may follow (call, consult)
	vid  bool     // "video" may follow (answer)
}

// forms is the language of automation.md.
var forms = map[string]form{
	"call": {arg: true, opts: true}, "consult": {call: true, arg: true, opts: true}, "answer": {call: true, vid: true},
	"reject": {call: true}, "hangup": {call: true}, "hold": {call: true}, "unhold": {call: true}, "mute": {call: true}, "unmute": {call: true},
	"dtmf": {call: true, arg: true}, "transfer": {call: true, arg: true}, "attended": {call: true, two: true},
	"accept-transfer": {call: true}, "decline-transfer": {call: true},
	"record": {call: true, one: []string{"start", "pause", "stop", "agree"}, sets: []string{"folder", "format", "notice"}}, "video": {call: true, one: []string{"on", "off"}},
	"merge": {list: true}, "split": {call: true}, "current": {call: true}, "microphone": {arg: true}, "speaker": {arg: true}, "ringer": {arg: true}, "camera": {arg: true},
	"devices": {}, "calls": {}, "stats": {call: true}, "register": {arg: true, most: true}, "unregister": {arg: true, most: true},
	"status": {}, "history": {list: true}, "contacts": {list: true}, "import-contacts": {arg: true}, "export-contacts": {arg: true}, "quit": {},
}

// Verbs are the first words of all commands, in order.
func Verbs() []string { return slices.Sorted(maps.Keys(forms)) }

// parse reads one line. The error wraps errSyntax; the returned command then has its verb if that is a known one.
func parse(line string) (command, error) {
	if len(line) > MaxLine {
		return command{}, fmt.Errorf("%w: the line is too long", errSyntax)
	}
	words, err := split(line)
	if err != nil {
		return command{}, err
	}
	if len(words) == 0 {
		return command{}, fmt.Errorf("%w: the line is empty", errSyntax)
	}
	f, known := forms[words[0]]
	if !known {
		return command{}, fmt.Errorf("%w: the first word is no verb", errSyntax)
	}
	c := command{verb: words[0]}
	if err := c.fill(f, words[1:]); err != nil {
		return command{verb: c.verb}, err
	}
	return c, nil
}

func (c *command) fill(f form, words []string) (err error) {
	if words, err = c.options(f, words); err != nil {
		return err
	}
	if len(words) == 2 && contains(f.sets, words[0]) {
		c.arg, c.value = words[0], words[1]
		return nil
	}
	if f.one != nil {
		if len(words) == 0 || !contains(f.one, words[0]) {
			return fmt.Errorf("%w: %s needs one of %s", errSyntax, c.verb, strings.Join(append(f.one[:len(f.one):len(f.one)], f.sets...), ", "))
		}
		c.arg, words = words[0], words[1:]
	}
	if f.arg {
		if len(words) == 0 && !f.most {
			return fmt.Errorf("%w: %s needs an argument", errSyntax, c.verb)
		}
		if len(words) > 0 {
			c.arg, words = words[len(words)-1], words[:len(words)-1]
		}
	}
	if f.call && len(words) > 0 {
		c.call, words = words[0], words[1:]
	}
	if f.two && len(words) > 0 {
		c.parent, words = words[0], words[1:]
	}
	if f.list {
		c.calls, words = words, nil
	}
	if len(words) > 0 {
		return fmt.Errorf("%w: %s has too many arguments", errSyntax, c.verb)
	}
	return nil
}

// options takes "video" and "header X" from the end of the words.
func (c *command) options(f form, words []string) ([]string, error) {
	for f.opts || f.vid {
		n := len(words)
		switch {
		case n >= 1 && words[n-1] == "video" && !(n >= 2 && words[n-2] == "header") && (f.vid || n >= 2):
			c.video, words = true, words[:n-1]
		case f.opts && n >= 3 && words[n-2] == "header":
			name, value, found := strings.Cut(words[n-1], ":")
			h := phone.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
			if !found {
				return nil, fmt.Errorf(`%w: a header looks like "Name: value"`, errSyntax)
			}
			c.headers = append([]phone.Header{h}, c.headers...)
			words = words[:n-2]
		default:
			return words, nil
		}
	}
	return words, nil
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// split cuts a line into words at spaces; "double quotes" hold a word together, and \ before a quote or a
// backslash within them takes it literally. Control characters are refused, so nothing can break out of a header.
func split(line string) ([]string, error) {
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return nil, fmt.Errorf("%w: the line holds control characters", errSyntax)
	}
	var words []string
	var word strings.Builder
	quoted, inWord := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quoted && c == '\\' && i+1 < len(line) && (line[i+1] == '"' || line[i+1] == '\\'):
			i++
			word.WriteByte(line[i])
		case c == '"':
			quoted, inWord = !quoted, true
		case !quoted && (c == ' ' || c == '\t'):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			inWord = true
			word.WriteByte(c)
		}
		if len(words) > maxWords {
			return nil, fmt.Errorf("%w: too many words", errSyntax)
		}
	}
	if quoted {
		return nil, fmt.Errorf("%w: a quotation mark is not closed", errSyntax)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// Join makes one line of words that split would give back, for words that a shell has taken apart already.
func Join(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if word == "" || strings.ContainsAny(word, " \t\"\\") {
			word = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
		}
		quoted[i] = word
	}
	return strings.Join(quoted, " ")
}
