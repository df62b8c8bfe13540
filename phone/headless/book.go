package headless

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Book is what the profile keeps, as far as this room tells of it.
type Book interface {
	// Past returns the newest calls, missed ones only where that is asked for.
	Past(ctx context.Context, missed bool, most int) ([]PastCall, error)
	// Unseen counts missed calls that nobody has looked at.
	Unseen(ctx context.Context) (int, error)
	// People returns the contacts in which text is found, all for "".
	People(ctx context.Context, text string) ([]Person, error)
	// Import adds the contacts of a file of vCards, Export writes such a file, which must not be there yet.
	Import(ctx context.Context, path string) (Imported, error)
	Export(ctx context.Context, path string) error
}

// Imported says what became of a file: how many contacts are new, were known, and were of no use to a phone.
type Imported struct{ Added, Known, Skipped int }

// PastCall is a call of the history.
type PastCall struct {
	Call                            phone.Call
	Number, Name, Company, CalledAs string // CalledAs: whom the caller wanted
	Missed, Seen                    bool
}

// Person is a contact.
type Person struct {
	Name, Company string
	Favourite     bool
	Numbers       [][2]string // label and number
}

const (
	usualPast  = 20
	mostPast   = 1000
	mostSought = 16 // words
)

// WithBook lets the executor tell of a profile's history and contacts; before the first command.
func (e *Executor) WithBook(b Book) *Executor {
	e.book = b
	return e
}

// errNoBook: an account of this run only leaves nothing behind.
var errNoBook = fmt.Errorf("%w: this run has no profile, so no history and no contacts", phone.ErrNotSupported)

// history carries out "history [missed] [N]".
func (e *Executor) history(ctx context.Context, words []string, reply *object) error {
	missed := len(words) > 0 && words[0] == "missed"
	if missed {
		words = words[1:]
	}
	most := usualPast
	if len(words) > 0 {
		n, err := strconv.Atoi(words[0])
		if err != nil || n < 1 || n > mostPast || len(words) > 1 {
			return fmt.Errorf("%w: it is history [missed] [1 … %d]", errSyntax, mostPast)
		}
		most = n
	}
	if e.book == nil {
		return errNoBook
	}
	calls, err := e.book.Past(ctx, missed, most)
	if err != nil {
		return err
	}
	unseen, err := e.book.Unseen(ctx)
	if err != nil {
		return err
	}
	list := make([]object, 0, len(calls))
	for _, c := range calls {
		list = append(list, pastObject(c))
	}
	reply.set("history", list)
	reply.set("unseen", unseen)
	return nil
}

func pastObject(p PastCall) object {
	c := p.Call
	o := object{{"call", string(c.ID)}, {"account", string(c.Account)}, {"direction", string(c.Direction)}, {"number", p.Number}}
	o.text("name", p.Name)
	o.text("company", p.Company)
	o.text("for", p.CalledAs)
	for _, at := range []struct {
		name string
		time time.Time
	}{{"started", c.StartedAt}, {"answered", c.AnsweredAt}, {"ended", c.EndedAt}} {
		if !at.time.IsZero() {
			o.set(at.name, seconds(at.time))
		}
	}
	o.text("cause", string(c.Cause))
	o.number("status", c.SIPStatus)
	o.flag("video", c.Video)
	o.flag("missed", p.Missed)
	if p.Missed {
		o.set("seen", p.Seen)
	}
	o.text("recordFile", c.RecordFile)
	return o
}

// contacts carries out "contacts [TEXT]".
func (e *Executor) contacts(ctx context.Context, words []string, reply *object) error {
	if len(words) > mostSought {
		return fmt.Errorf("%w: contacts looks for %d words at most", errSyntax, mostSought)
	}
	if e.book == nil {
		return errNoBook
	}
	people, err := e.book.People(ctx, strings.Join(words, " "))
	if err != nil {
		return err
	}
	list := make([]object, 0, len(people))
	for _, p := range people {
		var o object
		o.text("name", p.Name)
		o.text("company", p.Company)
		o.flag("favourite", p.Favourite)
		numbers := make([]object, 0, len(p.Numbers))
		for _, n := range p.Numbers {
			var number object
			number.text("label", n[0])
			number.set("number", n[1])
			numbers = append(numbers, number)
		}
		o.set("numbers", numbers)
		list = append(list, o)
	}
	reply.set("contacts", list)
	return nil
}

// contactsFile carries out "import-contacts FILE" and "export-contacts FILE". Whoever says it through ctl may stand in another folder
// than the program.
func (e *Executor) contactsFile(ctx context.Context, c command, reply *object) error {
	if !filepath.IsAbs(c.arg) {
		return fmt.Errorf("%w: %s needs the whole path of a file", errSyntax, c.verb)
	}
	if e.book == nil {
		return errNoBook
	}
	if c.verb == "export-contacts" {
		return e.book.Export(ctx, c.arg)
	}
	done, err := e.book.Import(ctx, c.arg)
	if err != nil {
		return err
	}
	reply.set("added", done.Added)
	reply.set("known", done.Known)
	reply.set("skipped", done.Skipped)
	return nil
}
